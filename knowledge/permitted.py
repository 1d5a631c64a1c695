"""The question put to what an audience may read in one snapshot: by meaning and by word, fused, re-ranked."""

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import likeness
from knowledge.fusion import Rankings, ranks_of
from knowledge.passages import Passage
from knowledge.question_words import QuestionWords
from knowledge.ranking import RankingOptions
from knowledge.rerank import rerank
from knowledge.spelling import (
    SHORTHAND,
    find_meant,
    is_of,
    is_readable,
    pairs_in,
    splits_of,
    with_meant,
    words_of,
)
from knowledge.store import Candidate, Ranked, Snapshot, Space, Standing
from knowledge.thesaurus import other_words
from knowledge.word_sets import choose_sets

EXACT_BELOW = 5_000
"""Permitted chunks that are compared one by one, of up to SMALL. Above it a filtered walk of the index is quicker."""

SMALL = 100_000
"""Chunks in all, beyond which more are looked at."""

MAX_SLIPS = 5
"""Unknown words of a question that are looked up among the known ones."""

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
        is_word: Callable[[str], bool],
    ) -> None:
        """`is_word` tells ordinary words, which nobody wrote by mistake."""
        self._snapshot = snapshot
        self._space = space
        self._standing = standing
        self._access_ids = access_ids
        self._unseen = standing.unseen
        self._words = words
        self._is_word = is_word

    async def read(self, question: str, *, as_written: bool) -> str:
        """The question with its words that nothing holds as they were probably meant, or as documents write them.

        A word that was meant is put in as its lexeme, unless `as_written`: a guess in full letters is too near to what
        it may be wrong about ("by chance" read as "by changes").
        """
        unseen = [lexeme for lexeme in self._unseen if lexeme.replace("-", "").isalpha()][:MAX_SLIPS]
        if not unseen:
            return question
        question = await self._with_pairs(question, unseen)
        question = await self._with_known_words(question, unseen)
        meant: dict[str, str] = {}
        for lexeme in unseen:
            if words := words_of(question, lexeme):
                if words[0] in SHORTHAND:
                    meant[lexeme] = SHORTHAND[words[0]]
                elif split := await self._snapshot.spellings.find_split(splits_of(words[0]), self._access_ids):
                    meant[lexeme] = " ".join(split)
                elif (
                    is_readable(lexeme)
                    and not self._is_word(words[0])
                    and (known := find_meant(lexeme, await self._snapshot.spellings.list_words_like(lexeme)))
                ):
                    written = (
                        await self._snapshot.spellings.find_written(known, self._access_ids) if as_written else known
                    )
                    meant[lexeme] = written or words[0]
        return with_meant(question, meant)

    async def _with_pairs(self, question: str, unseen: Sequence[str]) -> str:
        """`e-mail` as `email` and `pass word` as `password`, where only that is known; `help-desk` as `help desk`."""
        pairs = [
            one
            for one in pairs_in(question)
            if any(is_of(f"{one[0]}{one[1]}{one[2]}", lexeme) for lexeme in unseen)
            or any(is_of(word, lexeme) for word in (one[0], one[2]) for lexeme in unseen)
        ]
        joined = [f"{first}{second}" for first, _, second in pairs]
        known = await self._snapshot.spellings.list_known(joined, self._access_ids) if pairs else []
        for first, between, second in pairs:
            if f"{first}{second}" in known:
                question = question.replace(f"{first}{between}{second}", f"{first}{second}")
            elif between == "-":
                question = question.replace(f"{first}-{second}", f"{first} {second}")
        return question

    async def _with_known_words(self, question: str, unseen: Sequence[str]) -> str:
        """Everyday words that no document holds as documents write them: `pto` as `annual leave`."""
        for said, others in other_words(question):
            if any(words_of(said, lexeme) for lexeme in unseen) and (known := await self._find_known(others)):
                question = re.sub(rf"(?<![\w-]){re.escape(said)}(?![\w-])", known, question, flags=re.IGNORECASE)
        return question

    async def _find_known(self, names: Sequence[str]) -> str | None:
        """The first of these, of one word or two, that permitted chunks write."""
        for name in names:
            match name.split():
                case [word] if await self._snapshot.spellings.list_known([word], self._access_ids):
                    return name
                case [first, second] if await self._snapshot.spellings.find_split([(first, second)], self._access_ids):
                    return name
                case _:
                    pass
        return None

    async def rank(self, vector: NDArray[np.float32] | None, *, limit: int) -> Rankings:
        return Rankings(
            dense=[] if vector is None else await self._rank_by_vector(vector, limit=limit),
            bm25=await self._rank_by_words(limit=limit, tries=math.inf if vector is None else WORD_TRIES),
        )

    async def _rank_by_vector(self, vector: NDArray[np.float32], *, limit: int) -> list[Ranked]:
        """Exact where it is cheap or where the index did not lead to enough permitted chunks."""
        few = self._standing.permitted <= exact_below(self._snapshot.moment.chunks)
        if not few and self._snapshot.moment.is_indexed:
            found = await self._snapshot.rank_by_vector(
                self._space, vector, access_ids=self._access_ids, limit=limit, exact=False
            )
            if len(found) == limit:
                return found
        return await self._snapshot.rank_by_vector(
            self._space, vector, access_ids=self._access_ids, limit=limit, exact=True
        )

    async def _rank_by_words(self, *, limit: int, tries: float) -> list[Ranked]:
        """Widens the choice by more and more common words until enough permitted chunks came back: `limit` of them or
        ENOUGH_WORDED. Where few chunks are permitted, all that hold a word are scored.
        """
        terms = self._standing.terms
        budget = word_budget(self._standing.permitted, chunks=self._snapshot.moment.chunks)
        found = list[Ranked]()
        while terms and tries > 0 and len(found) < min(limit, ENOUGH_WORDED):
            if chosen := choose_sets(terms, chunks=self._snapshot.moment.chunks, budget=budget):
                found = await self._snapshot.rank_by_words(
                    self._words.weights,
                    holding=[[term.id for term in one] for one in [*chosen, *self._words.other_sets]],
                    access_ids=self._access_ids,
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
            access_ids=self._access_ids,
            space=self._space,
            vector=vector,
            weights=self._words.weights,
            lexemes=[term.lexeme for term in self._standing.terms],
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
        by_lexeme = {term.lexeme: self._words.weights[term.id] for term in self._standing.terms}
        asked = len(self._standing.terms) + len(self._standing.unseen)
        held_by = min((term.df for term in self._standing.terms), default=0)
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
