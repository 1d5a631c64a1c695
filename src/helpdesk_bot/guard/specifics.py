"""The parts of a sentence that are wrong unless they are exactly right: numbers, names, addresses, commands."""

import re

from helpdesk_bot.guard.code import code_in
from helpdesk_bot.guard.words import EQUALS, STOP_WORDS, words

_NUMBER = re.compile(r"(?<![\w.])[vV]?(\d+(?:[.,:/]\d+)*)")
_ADDRESS = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w-])(?<![\w-]\.)(?:[\w-]+\.)+[a-z]{2,24}(?:/[\w./~%+-]*[\w/~%+-])?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"\u201c]([^\"\u201c\u201d\n]{2,80})[\"\u201d]")
_NAME = re.compile(r"\b[^\W\d_]*[A-Z][\w]*(?:[-&][A-Z0-9]\w*)*")

_FROM_TWO = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_FROM_TWO, start=2)}


def numbers(text: str) -> set[str]:
    """Numbers, versions, times and dates as digits: `1,000` is 1000, `three` is 3, `v2.1` is 2.1."""
    found = {re.sub(r",(?=\d{3})", "", number) for number in _NUMBER.findall(text)}
    return found | {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}


def addresses(text: str) -> set[str]:
    """E-mail addresses and hostnames, lower case."""
    return {address.casefold() for address in _ADDRESS.findall(text)}


def quotations(text: str) -> set[str]:
    """Code and what stands in double quotes, lower case, spaces made one."""
    found = [*code_in(text), *_QUOTED.findall(text)]
    return {" ".join(quotation.casefold().split()).strip(" .,;:") for quotation in found} - {""}


def names(sentence: str) -> set[str]:
    """Names as they can be told by their capitals, in lower case.

    Capitalised words inside the sentence, and anywhere those with a capital or a digit beyond their first letter.
    """
    found = {name[0].casefold() for name in _NAME.finditer(sentence) if _is_told(name, sentence)}
    return found - STOP_WORDS


def is_named(name: str, text: str) -> bool:
    """Whether a lower-case text holds the name in this or its common spelling."""
    return name in text or EQUALS.get(name, name) in text


def _is_told(name: re.Match[str], sentence: str) -> bool:
    before = sentence[: name.start()].rstrip(' *_("\u201c')
    opens_sentence = not re.search(r"\w", before) or before.endswith((":", ".", "?", "!"))
    return not opens_sentence or not name[0][1:].islower()
