"""Short names and what they stand for, as a text itself explains them: "virtual private network (VPN)".

Schwartz & Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text", PSB 2003: the
letters of the short form are looked for in the words before it, from the last to the first, and the first letter has
to begin a word. Their figures: 96 % of what it finds is right, 82 % is found. The reverse, "VPN (virtual private
network)", is read in the same way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LONG_CHARACTERS = 100
MAX_WORDS_BEFORE_CHARACTERS = 200
"""In front of a bracket, that are looked through for the long form."""

NAME_WORD = re.compile(r"[^\W_]+(?:[-'/&][^\W_]+)*")
"""As names are kept and looked for."""

_SHORT = r"[A-Z0-9][A-Za-z0-9&/-]{1,9}"
_IN_BRACKETS = re.compile(rf"\((?P<short>{_SHORT})\)")
_SHORT_THEN_LONG = re.compile(
    rf"\b(?P<short>{_SHORT})[ \t]?\((?P<long>[A-Za-z][A-Za-z&/ -]{{4,{MAX_LONG_CHARACTERS}}})\)"
)
_BREAKS = "().;:!?\n|"


@dataclass(frozen=True, kw_only=True, order=True)
class Acronym:
    short: str
    """As it was written."""
    long: str
    """In lower case, one space between words; two words at least."""


def find_acronyms(text: str) -> list[Acronym]:
    """Each once, sorted. The time grows with the text, whatever stands in it."""
    return sorted(set(_iter_acronyms(text)))


def spelled_out(text: str) -> str:
    """As the long form of an acronym is kept."""
    return " ".join(NAME_WORD.findall(text)).casefold()


def _iter_acronyms(text: str) -> Iterator[Acronym]:
    for found in _IN_BRACKETS.finditer(text):
        before = text[max(0, found.start() - MAX_WORDS_BEFORE_CHARACTERS) : found.start()]
        words = NAME_WORD.findall(before, max(before.rfind(sign) for sign in _BREAKS) + 1)
        short = found["short"]
        nearest = words[-min(len(short) + 5, 2 * len(short)) :]
        if _is_short_form(short) and (long := _long_form(short, nearest)):
            yield Acronym(short=short, long=long)
    for found in _SHORT_THEN_LONG.finditer(text):
        words = NAME_WORD.findall(found["long"])
        short = found["short"]
        if _is_short_form(short) and (long := _long_form(short, words)) == spelled_out(found["long"]):
            yield Acronym(short=short, long=long)


def _is_short_form(short: str) -> bool:
    """Two capitals at least: a word in brackets or a number is none."""
    return sum(map(str.isupper, short)) >= 2


def _long_form(short: str, words: list[str]) -> str:
    """The fewest of the last words that the letters of the short form are taken from; empty where they are not."""
    text = " ".join(words).casefold()
    at = len(text)
    letters = [letter for letter in short.casefold() if letter.isalnum()]
    for number, letter in enumerate(reversed(letters), start=1):
        at = text.rfind(letter, 0, at)
        if number == len(letters):
            while at > 0 and text[at - 1] != " ":
                at = text.rfind(letter, 0, at)
        if at < 0:
            return ""
    long = text[at:]
    is_long = len(long.split()) >= 2 and short.casefold() not in long.split() and len(long) <= MAX_LONG_CHARACTERS
    return long if is_long else ""
