"""The question put to what an audience may read in one snapshot: by meaning and by word, fused, re-ranked."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import likeness
from knowledge.fusion import Rankings, ranks_of
from knowledge.passages import Passage
from knowledge.question_words import QuestionWords
from knowledge.ranking import RankingOptions
from knowledge.rerank import rerank
from knowledge.store import Candidate, Ranked, Snapshot, Space, Standing
from knowledge.word_sets import choose_sets

EXACT_BELOW = 5_000
"""Permitted chunks that are compared one by one, of up to SMALL. Above it a filtered walk of the index is quicker."""

SMALL = 100_000
"""Chunks in all, beyond which more are looked at."""

WORD_CANDIDATES = 2_000
"""Chunks whose words are scored, of up to SMALL, and twice as many where few of them are permitted; more only where
fewer than ENOUGH_WORDED come back. tests/bench/search.py counts how many of the exact best ten are among them."""

ENOUGH_WORDED = 10

WORD_TRIES = 2
"""Each with four times as many chunks, where nearness finds passages too: what is in too many chunks tells little, and
the words of what is near count in any case. Without vectors words are looked for until enough came back.
"""


class Permitted:
    """What an audience may read in one snapshot, with the question's terms."""

    def __init__(
        self,
        snapshot: Snapshot,
        space: Space,
        standing: Standing,
        access_ids: Sequence[int],
        *,
        words: QuestionWords,
    ) -> None:
        self._snapshot = snapshot
        self._space = space
        self.standing = standing
        self.access_ids = access_ids
        self._words = words

    async def rank(self, vector: NDArray[np.float32] | None, *, limit: int) -> Rankings:
        return Rankings(
            dense=[] if vector is None else await self._rank_by_vector(vector, limit=limit),
            bm25=await self._rank_by_words(limit=limit, tries=math.inf if vector is None else WORD_TRIES),
        )

    async def _rank_by_vector(self, vector: NDArray[np.float32], *, limit: int) -> list[Ranked]:
        """Exact where it is cheap or where the index did not lead to enough permitted chunks."""
        few = self.standing.permitted <= exact_below(self._snapshot.moment.chunks)
        if not few and self._snapshot.moment.is_indexed:
            found = await self._snapshot.rank_by_vector(
                self._space, vector, access_ids=self.access_ids, limit=limit, exact=False
            )
            if len(found) == limit:
                return found
        return await self._snapshot.rank_by_vector(
            self._space, vector, access_ids=self.access_ids, limit=limit, exact=True
        )

    async def _rank_by_words(self, *, limit: int, tries: float) -> list[Ranked]:
        """Widens the choice by more and more common words until enough permitted chunks came back: `limit` of them or
        ENOUGH_WORDED. Where few chunks are permitted, all that hold a word are scored.
        """
        terms = self.standing.terms
        budget = word_budget(self.standing.permitted, chunks=self._snapshot.moment.chunks)
        found = list[Ranked]()
        while terms and tries > 0 and len(found) < min(limit, ENOUGH_WORDED):
            if chosen := choose_sets(terms, chunks=self._snapshot.moment.chunks, budget=budget):
                found = await self._snapshot.rank_by_words(
                    self._words.weights,
                    holding=[[term.id for term in one] for one in [*chosen, *self._words.other_sets]],
                    access_ids=self.access_ids,
                    limit=limit,
                )
            if chosen == [(term,) for term in terms]:
                break
            budget, tries = 4 * budget, tries - 1
        return found

    async def list_candidates(
        self, rankings: Rankings, vector: NDArray[np.float32] | None, *, limit: int
    ) -> list[Candidate]:
        """The best of both rankings, with their scores on both sides."""
        scores = rankings.fused()
        best = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))[:limit]
        found = await self._snapshot.list_candidates(
            best,
            access_ids=self.access_ids,
            space=self._space,
            vector=vector,
            weights=self._words.weights,
            lexemes=[term.lexeme for term in self.standing.terms],
        )
        return [found[chunk_id] for chunk_id in best if chunk_id in found]

    def rerank(
        self,
        candidates: Sequence[Candidate],
        *,
        limit: int,
        favoured_sources: Collection[str],
        options: RankingOptions,
    ) -> list[Candidate]:
        by_lexeme = {term.lexeme: self._words.weights[term.id] for term in self.standing.terms}
        asked = len(self.standing.terms) + len(self.standing.unseen)
        held_by = min((term.df for term in self.standing.terms), default=0)
        return rerank(
            candidates,
            by_lexeme,
            limit=limit,
            favoured_sources=favoured_sources,
            options=options.for_words(asked, held_by=held_by),
        )

    def list_passages(self, candidates: Sequence[Candidate], rankings: Rankings, *, unrelated: float) -> list[Passage]:
        """Their passages, with every score that is known of them."""
        scores, dense_ranks, bm25_ranks = rankings.fused(), ranks_of(rankings.dense), ranks_of(rankings.bm25)
        return [
            replace(
                candidate.passage,
                also=self._words.said_otherwise_in(candidate),
                scores=replace(
                    candidate.passage.scores,
                    dense=_likeness(candidate, unrelated=unrelated),
                    dense_rank=dense_ranks.get(candidate.passage.chunk_id),
                    bm25_rank=bm25_ranks.get(candidate.passage.chunk_id),
                    fused=scores[candidate.passage.chunk_id],
                    held=self._words.held_by(candidate),
                    labelled=self._words.labelled_in(candidate),
                    unseen=self._words.share_unseen,
                ),
            )
            for candidate in candidates
        ]


def exact_below(chunks: int) -> int:
    """Permitted chunks, of so many, that are quicker compared one by one than found by a walk of the index.

    The one takes the longer the more are permitted, the other the smaller their share is, so they meet where the square
    of the permitted is a multiple of all.
    """
    return round(EXACT_BELOW * growth(chunks))


def word_budget(permitted: int, *, chunks: int) -> float:
    """Chunks whose words are scored, of so many in all: all of them where few are permitted."""
    if permitted <= EXACT_BELOW:
        return math.inf
    return WORD_CANDIDATES * growth(chunks) * min(2.0, chunks / permitted)


def growth(chunks: int) -> float:
    """How many times as many are looked at as of SMALL: the root of how many times as many there are."""
    return max(1.0, math.sqrt(chunks / SMALL))


def _likeness(candidate: Candidate, *, unrelated: float) -> float | None:
    cosine = candidate.passage.scores.dense
    return None if cosine is None else likeness(cosine, unrelated=unrelated)
