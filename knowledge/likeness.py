"""Whether two texts say the same in nearly the same words: a copy with another footer, a page that was moved."""

import re

MOST_OTHER_WORDS = 0.1
"""Of the words of both, that only one of them has."""

_WORD = re.compile("[^\\W_]+(?:[-'\u2019.][^\\W_]+)*")
_TURNING = {
    *("no", "not", "none", "never", "nor", "neither", "without", "except", "unless", "only"),
    *("cannot", "must", "may", "should", "instead"),
}


def say_the_same(one: str, other: str) -> bool:
    """True where hardly a word differs and none that matters: no number, no name, nothing that turns a sentence.

    Two pages made from one template differ in a few words too, and in these lies all that they say: such words have a
    digit or a capital.
    """
    words, other_words = set(_WORD.findall(one)), set(_WORD.findall(other))
    different = words ^ other_words
    if len(different) > MOST_OTHER_WORDS * len(words | other_words):
        return False
    return not any(_matters(word) for word in different)


def _matters(word: str) -> bool:
    return not word.islower() or word in _TURNING or word.endswith(("n't", "n\u2019t")) or any(map(str.isdigit, word))
