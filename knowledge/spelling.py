"""Words of a question that no document holds, read as the word that was probably meant."""

import re
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+")

MIN_LETTERS = 5
"""A shorter unknown word is more often a name than a slip."""


def is_readable(lexeme: str) -> bool:
    """Whether an unknown word may be a slip at all: letters only, and enough of them."""
    return len(lexeme) >= MIN_LETTERS and lexeme.isalpha()


def find_meant(lexeme: str, known: Sequence[tuple[str, int]]) -> str | None:
    """The known word, of (word, how many chunks hold it), that is one slip away; the most frequent where several are.

    A slip is a letter too many, too few or another one, or two neighbours swapped: Damerau's four, which were 80 % of
    all misspellings (CACM 1964). The first letter is taken to be right. Of two equally frequent words neither is taken.
    """
    near = sorted(((df, word) for word, df in known if is_one_slip(lexeme, word)), reverse=True)
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return None
    return near[0][1]


def with_meant(question: str, meant: Mapping[str, str]) -> str:
    """The question with each word whose lexeme is a key of `meant` written as it was meant.

    A stemmer changes endings only, so a word belongs to a lexeme when it begins with all but the lexeme's last letter.
    """

    def write(word: re.Match[str]) -> str:
        said = word[0].casefold()
        return next((right for wrong, right in meant.items() if said.startswith(wrong[:-1])), word[0])

    return _WORD.sub(write, question)


def is_one_slip(one: str, other: str) -> bool:
    """Whether a single slip makes one word of the other; False for equal words."""
    if one == other or abs(len(one) - len(other)) > 1 or one[:1] != other[:1]:
        return False
    start = _common(one, other)
    left, right = one[start:], other[start:]
    end = _common(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    is_swap = len(left) == len(right) == 2 and left == right[::-1]
    return is_swap or max(len(left), len(right)) == 1


def _common(one: str, other: str) -> int:
    """How many letters both begin with."""
    return next(
        (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
