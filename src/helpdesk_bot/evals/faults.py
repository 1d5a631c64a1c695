"""One fault planted into a statement that stands, as models make them, to count what is noticed."""

import re
from calendar import day_name, month_name
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from helpdesk_bot.guard import specifics


class Fault(StrEnum):
    NUMBER = "number"
    """A number that no passage has."""
    NUMBER_MOVED = "number moved"
    """A number that the passages have elsewhere."""
    DATE = "date"
    """Another month or day of the week."""
    DENIAL = "denial"
    """Said to be so where it is not, or the other way round."""
    NAME = "name"
    """A name that stands in no passage."""
    NAME_MOVED = "name moved"
    """A name that the passages have elsewhere."""
    COMMAND = "command"
    """A command or an address with something changed."""
    CLAUSE = "clause"
    """Something added to a sentence that stands."""
    ADDED = "added sentence"
    """What models like to add of their own."""
    WRONG_PASSAGE = "wrong passage"
    """A statement that stands, cited to a passage that doesn't say it."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a fault is made of."""

    passages: str
    """What the statement rests on."""
    others: str
    """What it doesn't: the passages of another case."""
    stranger: str
    """A statement of another case; empty where there is none."""


_NUMBER = re.compile(r"(?<![\w.,:/@-])\d+(?:[.,:]\d+)*(?![\w@]|[./-]\w)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]*[A-Za-z0-9]{2,}(?![\w.-])")
_CODE = re.compile(r"`[^`\n]+`|\b(?:[\w-]+\.)+[a-z]{2,}(?:/[\w./-]+)?", re.IGNORECASE)
_END = re.compile(r"(?=[.!?:]?$)")
_DENIED = re.compile(
    r"\b(can|must|should|do|does|is|are|was|were|has|have)(?: not |n['\u2019]t )|\bcannot ", re.IGNORECASE
)
_STATED = re.compile(r"\b(can|must|should|is|are|will|may)\b(?! not|n['\u2019]t)", re.IGNORECASE)
_MONTHS = [*month_name][1:]
_DAYS = [*day_name]
_DATE = re.compile(rf"\b(?:{'|'.join((*_MONTHS, *_DAYS))})\b")

CLAUSES = (
    ", free of charge",
    ", without anybody's approval",
    ", also from abroad",
    ", and your manager is told automatically",
    " after a restart of the device",
    ", unless you are a contractor",
)
ADDED = (
    "Contact your administrator if the problem persists.",
    "This usually takes only a few minutes.",
    "The change becomes effective immediately for all users.",
    "Your data is backed up automatically, so nothing can be lost.",
    "It is best practice to test this in a separate environment first.",
    "There are no additional costs.",
)


def plant(fault: Fault, statement: str, around: Around, *, random: Random) -> str | None:
    """The statement with this fault in it; None where there is no place for it."""
    return _PLANTS[fault](statement, around, random)


def _number(statement: str, around: Around, random: Random) -> str | None:
    taken = specifics.numbers(around.passages)
    return _one_replaced(_NUMBER, statement, random, lambda old: _other_number(old, taken))


def _other_number(number: str, taken: set[str]) -> str | None:
    digits = re.search(r"\d+$", number)
    last = digits[0] if digits else number
    candidates = (number.removesuffix(last) + str(int(last) + add).zfill(len(last)) for add in (1, 2, 3, 7, 12, 21))
    return next((one for one in candidates if not specifics.numbers(one) & taken), None)


def _number_moved(statement: str, around: Around, random: Random) -> str | None:
    stated = specifics.numbers(statement)
    elsewhere = [one for one in dict.fromkeys(_NUMBER.findall(around.passages)) if not specifics.numbers(one) & stated]
    return _one_replaced(_NUMBER, statement, random, lambda _: random.choice(elsewhere) if elsewhere else None)


def _date(statement: str, around: Around, random: Random) -> str | None:  # noqa: ARG001
    def other(date: str) -> str:
        dates = _MONTHS if date in _MONTHS else _DAYS
        return dates[(dates.index(date) + 1) % len(dates)]

    return _one_replaced(_DATE, statement, random, other)


def _denial(statement: str, around: Around, random: Random) -> str | None:  # noqa: ARG001
    if denied := _DENIED.search(statement):
        return f"{statement[: denied.start()]}{denied[1] or 'can'} {statement[denied.end() :]}"
    return _one_replaced(_STATED, statement, random, lambda verb: f"{verb} not")


def _name(statement: str, around: Around, random: Random) -> str | None:
    names = [one for one in _names(around.others) if one.casefold() not in around.passages.casefold()]
    return _one_replaced(_NAME, statement, random, lambda _: random.choice(names) if names else None)


def _name_moved(statement: str, around: Around, random: Random) -> str | None:
    names = [one for one in _names(around.passages) if one.casefold() not in statement.casefold()]
    return _one_replaced(_NAME, statement, random, lambda _: random.choice(names) if names else None)


def _names(text: str) -> list[str]:
    return sorted(set(_NAME.findall(text)))


def _command(statement: str, around: Around, random: Random) -> str | None:
    def other(code: str) -> str | None:
        letters = [letter.start() for letter in re.finditer(r"[a-z]", code, re.IGNORECASE)]
        at = letters[len(letters) // 2] if letters else 0
        changed = f"{code[:at]}{'x' if code[at].casefold() != 'x' else 'y'}{code[at + 1 :]}"
        return None if changed.strip("`").casefold() in around.passages.casefold() else changed

    return _one_replaced(_CODE, statement, random, other)


def _clause(statement: str, around: Around, random: Random) -> str | None:  # noqa: ARG001
    return _END.sub(random.choice(CLAUSES), statement, count=1)


def _added(statement: str, around: Around, random: Random) -> str | None:  # noqa: ARG001
    return random.choice(ADDED)


def _wrong_passage(statement: str, around: Around, random: Random) -> str | None:  # noqa: ARG001
    return around.stranger or None


def _one_replaced(
    pattern: re.Pattern[str], statement: str, random: Random, other: Callable[[str], str | None]
) -> str | None:
    places: Sequence[re.Match[str]] = list(pattern.finditer(statement))
    if not places:
        return None
    place = random.choice(places)
    put = other(place[0])
    return None if put is None else f"{statement[: place.start()]}{put}{statement[place.end() :]}"


_PLANTS: dict[Fault, Callable[[str, Around, Random], str | None]] = {
    Fault.NUMBER: _number,
    Fault.NUMBER_MOVED: _number_moved,
    Fault.DATE: _date,
    Fault.DENIAL: _denial,
    Fault.NAME: _name,
    Fault.NAME_MOVED: _name_moved,
    Fault.COMMAND: _command,
    Fault.CLAUSE: _clause,
    Fault.ADDED: _added,
    Fault.WRONG_PASSAGE: _wrong_passage,
}
