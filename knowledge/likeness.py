"""Whether two texts say the same: one is the other with a few words more, as a copy with another footer is."""

import re
from functools import lru_cache

MOST_WORDS_MORE = 0.1
"""Of the longer text's words."""

_WORD = re.compile("[^\\W_]+(?:[-'\u2019.][^\\W_]+)*")
_TURNING = {
    *("no", "not", "none", "never", "nor", "neither", "without", "except", "unless", "only", "hardly", "rarely"),
    *("cannot", "must", "may", "should", "instead", "if", "when", "until", "while", "before", "after"),
}


def say_the_same(one: str, other: str) -> bool:
    """True where one has all words of the other and hardly more, none of them a number, a name, or one that turns or
    limits a sentence.

    A word in the place of another is never the same: `enable` and `disable`, or all that tells two pages of one
    template apart.
    """
    fewer, more = sorted((_words(one), _words(other)), key=len)
    added = more - fewer
    return fewer <= more and len(added) <= MOST_WORDS_MORE * len(more) and not any(map(_matters, added))


@lru_cache(maxsize=1_000)
def _words(text: str) -> frozenset[str]:
    """Remembered: each passage of a search is compared with several, and what is asked often is found often."""
    return frozenset(_WORD.findall(text))


def _matters(word: str) -> bool:
    return not word.islower() or word in _TURNING or word.endswith(("n't", "n\u2019t")) or any(map(str.isdigit, word))
