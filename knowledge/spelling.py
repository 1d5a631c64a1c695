"""Words of a question that no document holds, read as they were probably meant or as the documents write them."""

import re
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+")
_TWO_WORDS = re.compile(r"\b(?P<first>[^\W\d_]+)(?P<between>[ -])(?=(?P<second>[^\W\d_]+)\b)")
_DEPARTMENT = re.compile(
    r"\bIT\b(?=\W*(?:$|[,.;:?!]|(?:about|and|at|after|before|by|for|from|if|in|on|or|to|when|with)\b))"
)

SHORTHAND = {
    "whats": "what's",
    "wheres": "where's",
    "whos": "who's",
    "hows": "how's",
    "isnt": "isn't",
    "arent": "aren't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "wont": "won't",
    "wouldnt": "wouldn't",
    "couldnt": "couldn't",
    "shouldnt": "shouldn't",
    "havent": "haven't",
    "hasnt": "hasn't",
    "pls": "please",
    "plz": "please",
    "nr": "number",
    "pw": "password",
    "pwd": "password",
}
"""What people write in a hurry, for what is not in the documents as it is."""

MIN_LETTERS = 5
"""A shorter unknown word is more often a name than a slip."""

MOST_LETTERS = 24
"""Of a word that may be two."""

MOST_PAIRS = 40
"""Neighbouring words of a question that may be one."""


def is_readable(lexeme: str) -> bool:
    """Whether an unknown word may be a slip at all: letters only, and enough of them."""
    return len(lexeme) >= MIN_LETTERS and lexeme.isalpha()


def words_of(question: str, lexeme: str) -> list[str]:
    """The words of the question that this lexeme was made of, in lower case."""
    return [word.casefold() for word in _WORD.findall(question) if is_of(word, lexeme)]


def find_meant(lexeme: str, known: Sequence[tuple[str, int]]) -> str | None:
    """The known word, of (word, how many chunks hold it), that is one slip away; the most frequent where several are.

    A slip is a letter too many, too few or another one, or two neighbours swapped: Damerau's four, which were 80 % of
    all misspellings (CACM 1964). The first letter is taken to be right. Of two equally frequent words neither is taken.
    """
    near = sorted(((df, word) for word, df in known if is_one_slip(lexeme, word)), reverse=True)
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return None
    return near[0][1]


def splits_of(word: str) -> list[tuple[str, str]]:
    """A word in two, at every place where both parts may be words: `helpdesk` is written `help desk` too."""
    return [(word[:at], word[at:]) for at in range(2, len(word) - 1)] if len(word) <= MOST_LETTERS else []


def pairs_in(question: str) -> list[tuple[str, str, str]]:
    """Neighbouring words: the first, what stands between them, a space or a hyphen, and the second."""
    found = list(_TWO_WORDS.finditer(question))[:MOST_PAIRS]
    return [(one["first"], one["between"], one["second"]) for one in found]


def is_of(word: str, lexeme: str) -> bool:
    """Whether a word of a question is what this lexeme was made of: a stemmer changes endings only."""
    said = word.casefold()
    return said.startswith(lexeme[:-1]) if len(lexeme) >= MIN_LETTERS else said in {lexeme, f"{lexeme}s"}


def for_meaning(question: str) -> str:
    """The question for an embedder that knows no capitals: to that `IT` is a pronoun."""
    return question if question.isupper() else _DEPARTMENT.sub("the IT department", question).replace("the the", "the")


def with_meant(question: str, meant: Mapping[str, str]) -> str:
    """The question with each word whose lexeme is a key of `meant` written as it was meant.

    A word belongs to a lexeme as `is_of` tells.
    """

    def write(word: re.Match[str]) -> str:
        return next((right for wrong, right in meant.items() if is_of(word[0], wrong)), word[0])

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
