"""Two names of one thing, where a text itself gives both: "Drive for desktop (formerly Drive File Stream)".

Only what the text says in so many words counts, such as "also known as", and only of what is written as a name, in
capitals: of "the boot disk, also called a boot volume" it is not certain where the name begins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.acronyms import NAME_WORD

MAX_WORDS = 5
"""Of a name."""
MAX_PLAIN_WORDS = 3
"""Of another name that is not in capitals."""
MAX_NAME_CHARACTERS = 80
"""Before and after the words that join two names, that are looked through."""

_SAYS_SO = re.compile(
    r"[\s*_`)\]]*(?:\(|,|[—\u2013])\s*"
    r"(?:(?:which is |that is )?(?:also|now|commonly|often|sometimes|previously|formerly|better|once) "
    r"(?:known as|called|named|titled)|formerly|previously|a\.k\.a\.?|aka)[ :]\s*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[(),;:!?\n|]|\.(?!\w)| / | (?:or|and|in|on|for|is|was|to|from|with|by|as)\b")
_BREAKS = re.compile(r"[().;:!?\n|,\[\]]")
_INSIDE = frozenset(("of", "for", "and"))
"""Small words that may stand inside a name."""
_NO_NAME = frozenset(
    (
        *("the", "a", "an", "this", "that", "these", "those", "our", "your", "my", "their", "its", "it", "we", "you"),
        *("if", "in", "on", "at", "for", "from", "to", "with", "when", "use", "see", "open", "click", "select", "all"),
        *("us", "me", "and", "or", "note", "please", "each", "every", "both", "is", "are", "as", "by", "new"),
    )
)
"""Words that no name begins with; at the beginning of a sentence they are in capitals too."""


@dataclass(frozen=True, kw_only=True, order=True)
class Synonym:
    name: str
    """In lower case, one space between words, as `other`."""
    other: str


def find_synonyms(text: str) -> list[Synonym]:
    """Each once, sorted. The time grows with the text, whatever stands in it."""
    return sorted(set(_iter_synonyms(text)))


def _iter_synonyms(text: str) -> Iterator[Synonym]:
    for found in _SAYS_SO.finditer(text):
        other = _other_after(text[found.end() : found.end() + MAX_NAME_CHARACTERS])
        for name in _iter_names_before(text[max(0, found.start() - MAX_NAME_CHARACTERS) : found.start()]):
            if other and name != other:
                yield Synonym(name=name, other=other)


def _iter_names_before(text: str) -> Iterator[str]:
    """The words in capitals at the end of it; none where they only begin the sentence.

    Three or more that begin it are taken with the first and without: `Install Drive Client`.
    """
    breaks = [found.end() for found in _BREAKS.finditer(text)]
    start = breaks[-1] if breaks else 0
    words = NAME_WORD.findall(text, start)
    taken: list[str] = []
    for word in reversed(words):
        if not (_is_capital(word) or (taken and word in _INSIDE)):
            break
        taken.insert(0, word)
    while taken and (taken[0].casefold() in _NO_NAME or taken[0] in _INSIDE):
        del taken[0]
    begins = len(taken) == len(words)
    is_certain = len(taken) > 1 or (len(taken) == 1 and (not begins or _is_written_as_name(taken[0])))
    if is_certain and len(taken) <= MAX_WORDS and any(map(str.isupper, "".join(taken))):
        yield " ".join(taken).casefold()
        if begins and len(taken) > 2 and taken[1] not in _INSIDE:
            yield " ".join(taken[1:]).casefold()


def _other_after(text: str) -> str:
    """The words up to the end of bracket or clause; empty where they are too many to be a name."""
    end = _ENDS.search(text)
    words = NAME_WORD.findall(text[: end.start()] if end else text)
    while words and words[0].casefold() in _NO_NAME:
        del words[0]
    most = MAX_WORDS if any(map(_is_capital, words)) else MAX_PLAIN_WORDS
    is_name = 0 < len(words) <= most and len("".join(words)) > 1
    return " ".join(words).casefold() if is_name and end else ""


def _is_capital(word: str) -> bool:
    return word[0].isupper() or any(map(str.isupper, word)) or word[0].isdigit()


def _is_written_as_name(word: str) -> bool:
    """`GitHub`, `Db2` and `OGC` are names wherever they stand; `Search` may only begin a sentence."""
    return sum(map(str.isupper, word)) > 1 or any(map(str.isdigit, word))
