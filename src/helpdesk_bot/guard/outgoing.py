"""What the bot is about to say: Markdown in which nothing acts and every `[n]` stands for a passage."""

import re
from collections import Counter

from helpdesk_bot.guard.code import code_removed, outside_code
from helpdesk_bot.guard.markup import inert
from helpdesk_bot.guard.personal_data import redact
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict, redactions

MOST_ROUNDS = 4
_NO_BRACKETS = str.maketrans("[]", "()")

_MARKER = re.compile(r"(?:(?<![ \t])[ \t]+)?\[(?P<numbers>\d+(?:\s*[,;\u2013-]\s*\d+)*)\]")
_WIDE_MARKER = re.compile(r"\u3010(\d+)[^\u3011]*\u3011")
_ONE = re.compile(r"\[(\d+)\]")
_BEFORE_A_BRACKET = re.compile(r"\[\d+\](?=\[(?!\d+\]))")


def clean_answer(text: str, *, citations: int, policy: Policy | None = None) -> tuple[str, list[Verdict]]:
    """The text with links, images, HTML, mentions and secrets made harmless, and markers written `[1][2]`.

    Markers outside 1 to `citations` are taken out. `clean_answer(clean_answer(x))` changes nothing more.
    """
    text, verdicts = nothing_acts(text, citations)
    text, found = personal_data(text, policy or Policy())
    return text, verdicts + found


def nothing_acts(text: str, citations: int) -> tuple[str, list[Verdict]]:
    """Round by round until nothing changes: what is taken out may leave two halves of something behind.

    A text that is made to go on and on keeps none of its brackets, and so no marker.
    """
    found: Counter[str] = Counter()
    for _ in range(MOST_ROUNDS):
        before = text
        text, met = _cleaned(text, citations)
        found.update(met)
        if text == before:
            break
    else:
        text = inert(text.translate(_NO_BRACKETS))[0].strip()
    return text, redactions({f"answer.{rule}": spans for rule, spans in found.items()})


def _cleaned(text: str, citations: int) -> tuple[str, dict[str, int]]:
    text, found = inert(_WIDE_MARKER.sub(r"[\1]", text))
    unresolved = 0

    def resolve(marker: re.Match[str]) -> str:
        nonlocal unresolved
        numbers = [int(number[:9]) for number in re.findall(r"\d+", marker["numbers"])]
        known = [number for number in numbers if 1 <= number <= citations]
        unresolved += len(numbers) - len(known)
        return (" " if marker[0][0] in " \t" and known else "") + "".join(f"[{number}]" for number in known)

    text = outside_code(text, lambda part: _apart(_MARKER.sub(resolve, part)))
    return text.strip(), {**found, "marker": unresolved}


def _apart(text: str) -> str:
    """With a blank between a marker and a bracket behind it: together they read as a link, which is none."""
    return _BEFORE_A_BRACKET.sub(r"\g<0> ", text)


def personal_data(text: str, policy: Policy) -> tuple[str, list[Verdict]]:
    text, found = redact(text, policy.redacted_kinds("answer"))
    return text, policy.verdicts({f"answer.{kind}": count for kind, count in found.items()})


def cited_numbers(text: str) -> list[int]:
    """The numbers of the markers in a cleaned text, in order of first appearance, code aside."""
    return list(dict.fromkeys(int(number[:9]) for number in _ONE.findall(code_removed(text))))


def renumber(text: str, new_number: dict[int, int]) -> str:
    """The text with each marker's number replaced, code aside."""
    return outside_code(text, lambda part: _ONE.sub(lambda one: f"[{new_number[int(one[1][:9])]}]", part))


def without_markers(text: str) -> str:
    """The text without anything that reads as a marker; a number in brackets keeps its digits: `(3)`."""
    return outside_code(text, lambda part: _MARKER.sub(lambda marker: f" ({marker['numbers']})", part))
