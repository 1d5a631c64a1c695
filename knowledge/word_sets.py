"""Which words a chunk must hold for its words to be scored: the rare ones alone, the common ones together.

Every chunk that is looked at costs time, and a common word is in very many. What scores best by BM25 nearly always
holds a rare word of the question or several of the common ones, so the others are not looked at.
"""

import math
from collections.abc import Sequence
from itertools import combinations

from knowledge.store import Term

COMBINED = 6
"""Of the words that are too common alone, the rarest so many are combined."""

MAX_SIZE = 3
"""Words that are asked for together."""


def choose_sets(terms: Sequence[Term], *, chunks: int, budget: float) -> list[tuple[Term, ...]]:
    """Sets of words, one of which a chunk must hold whole.

    Single words first, then pairs, then threes, each the rarest first, for as long as the `chunks` that they are
    expected in, were words spread independently, stay within `budget` together. None where even the rarest three are
    beyond it: such words tell nothing.
    """
    ordered = sorted(terms, key=lambda term: (term.df, term.id))
    chosen: list[tuple[Term, ...]] = []
    loose = ordered
    for size in range(1, MAX_SIZE + 1):
        for some in sorted(combinations(loose, size), key=lambda some: expected(some, chunks=chunks)):
            if any(set(one) <= set(some) for one in chosen):
                continue
            if (number := expected(some, chunks=chunks)) > budget:
                break
            budget -= number
            chosen.append(some)
        loose = [term for term in ordered if (term,) not in chosen][:COMBINED]
    return chosen


def expected(terms: Sequence[Term], *, chunks: int) -> float:
    """The number of chunks that hold all of these words, were they spread independently."""
    return chunks * math.prod(term.df / chunks for term in terms)
