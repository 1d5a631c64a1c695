"""What is the same though it is written otherwise: numbers and times in words and signs, names and their initials."""

import re

from helpdesk_bot.guard import specifics
from helpdesk_bot.guard.words import STOP_WORDS

_TENS = {"twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8, "ninety": 9}
_ONES = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_IN_WORDS = re.compile(rf"\b({'|'.join(_TENS)})(?:[- ]({'|'.join(_ONES[1:])}))?\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d.:])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?\s?([ap])\.?m\b\.?", re.IGNORECASE)
_SPACED = re.compile(r"(?<![\d.,:/-])\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?![\d.,:/-]|\w)")
_ROUND = re.compile(r"(?<=\d)\.00(?!\d|\.\d)")

_LABEL = re.compile(r"\W*\*\*[^*\n]+\*\*")
_RUN = re.compile(r"\b[A-Z][\w-]*(?:\s+(?:of|and|for|the)?\s*[A-Z][\w-]*)+")


def numbers(text: str) -> set[str]:
    """As digits: `thirty-one` is 31, `5 pm` is 17:00, `1 000` is 1000, `$40.00` is 40."""
    text = _IN_WORDS.sub(lambda said: str(_TENS[said[1].lower()] * 10 + _ONES.index((said[2] or "").lower())), text)
    text = _CLOCK.sub(lambda said: f"{int(said[1]) % 12 + (12 if said[3] in 'pP' else 0)}:{said[2] or '00'}", text)
    text = _SPACED.sub(lambda said: re.sub(r"\s", "", said[0]), text)
    return specifics.numbers(_ROUND.sub("", text))


def names(sentence: str) -> set[str]:
    """The names of a sentence, lower case; capitals tell nothing in a label: `**Upfront Costs:** ...`."""
    told = specifics.names(sentence)
    if label := _LABEL.match(sentence):
        rest = specifics.names(sentence[label.end() :])
        told -= {word.casefold() for word in re.findall(r"[A-Z][a-z-]+", label[0])} - rest
    return told


def is_named(name: str, *, said: str, text: str, flat: str) -> bool:
    """Whether a text, and the same in lower case, has a name that was said: also its singular, its parts, what it is
    short for and what is short for it.
    """
    if specifics.is_named(name, flat) or _is_plural(name, said, text):
        return True
    parts = name.split("-")
    if len(parts) > 1 and all(len(part) > 1 and specifics.is_named(part, flat) for part in parts):
        return True
    return _is_short(name, said) or _is_in_short(name, said, text)


def _is_plural(name: str, said: str, text: str) -> bool:
    """`PDFs` where the text says `PDF`."""
    one = name.removesuffix("s").upper()
    return bool(re.search(rf"\b{re.escape(one)}s\b", said) and re.search(rf"\b{re.escape(one)}\b", text))


def _is_short(name: str, said: str) -> bool:
    """`MIP` in `mortgage insurance premiums (MIP)`: it names what was just said."""
    for place in re.finditer(rf"\({re.escape(name)}\)", said, re.IGNORECASE):
        before = [word for word in re.findall(r"\w+", said[: place.start()].casefold()) if word not in STOP_WORDS]
        if "".join(word[0] for word in before).endswith(name.removesuffix("s")):
            return True
    return False


def _is_in_short(name: str, said: str, text: str) -> bool:
    """`United States` where the text says `US` or `U.S.`."""
    undotted = re.sub(r"\b((?:[A-Z]\.){2,})", lambda initials: initials[0].replace(".", ""), text)
    for run in _RUN.finditer(said):
        capitals = re.findall(r"\b[A-Z]", run[0])
        if name in run[0].casefold() and re.search(rf"\b{''.join(capitals)}\b", undotted):
            return True
    return False
