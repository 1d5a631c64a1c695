"""Characters that people can't see but a model or a database can: taken out before anything reads the text."""

import re
import unicodedata

_UNUSUAL = re.compile(r"[^ -~\n\t]")

_JOINERS = "\u200c\u200d"
"""Spell emoji families and several scripts; between ASCII characters they only hide something."""

_EMOJI_STYLE = range(0xFE00, 0xFE10)
_UNSEEN_LETTERS_AND_MARKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_SMUGGLING_SELECTORS = range(0xE0100, 0xE01F0)
"""256 invisible characters that can follow any letter: a byte each."""


def strip_hidden(text: str) -> tuple[str, int]:
    """The text as people see it, and how many characters went.

    Takes out zero-width, bidirectional, tag and control characters (new lines and tabs stay); lone surrogates, which
    neither Postgres nor msgpack takes, become U+FFFD and don't count.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    visible = _UNUSUAL.sub(_visible, text)
    return visible, len(text) - len(visible)


def _visible(unusual: re.Match[str]) -> str:
    character, at = unusual[0], unusual.start()
    before, after = unusual.string[max(0, at - 1) : at], unusual.string[at + 1 : at + 2]
    if character in _JOINERS:
        return character if _is_beyond_ascii(before) and _is_beyond_ascii(after) else ""
    if ord(character) in _EMOJI_STYLE:
        return character if _is_beyond_ascii(before) or after == "\u20e3" else ""
    if character in _UNSEEN_LETTERS_AND_MARKS or ord(character) in _SMUGGLING_SELECTORS:
        return ""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return "" if category in {"Cf", "Cc"} else character


def _is_beyond_ascii(neighbour: str) -> bool:
    return neighbour > "\x7f"
