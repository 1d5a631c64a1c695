"""Question and audience to passages: by meaning and by word, fused, re-ranked, each with every score it got."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.embedding import Embedder, likeness
from knowledge.errors import EmbedderUnavailable
from knowledge.passages import Passage
from knowledge.quantities import find_quantities, parts_of
from knowledge.question_words import OtherName, QuestionWords, other_names_of
from knowledge.ranking import DEFAULT_RANKING, RankingOptions
from knowledge.rerank import rerank
from knowledge.spaces import check_space
from knowledge.spelling import (
    SHORTHAND,
    find_meant,
    for_meaning,
    is_of,
    is_readable,
    pairs_in,
    splits_of,
    with_meant,
    words_of,
)
from knowledge.store import Candidate, Ranked, Snapshot, Space, Standing, Store
from knowledge.word_sets import choose_sets

MAX_QUESTION_CHARACTERS = 20_000
"""What is beyond is not looked at."""

RRF_K = 10
"""Smaller than the usual 60, so that first places count for more: nDCG@10 .348 against .332 on mtrag_cloud, all 188
queries."""

DEPTH = 50
"""Chunks of each ranking that are fused."""

CANDIDATES = 50
"""Best fused chunks that are re-ranked, or three times as many as are asked for."""

EXACT_BELOW = 5_000
"""Permitted chunks that are compared one by one, of up to EXACT_BELOW_OF. Above it a filtered walk of the vector index
is quicker.
"""

EXACT_BELOW_OF = 100_000

MAX_OTHER_NAMES = 3
"""Of what a question says, that are looked for as well."""

MAX_SLIPS = 5
"""Unknown words of a question that are looked up among the known ones."""

WORD_CANDIDATES = 2_000
"""Chunks whose words are scored, twice as many where few of them are permitted; more only where fewer than
ENOUGH_WORDED come back. tests/bench/search.py counts how many of the exact best ten are among them."""

ENOUGH_WORDED = 10

WORD_TRIES = 2
"""Each with four times as many chunks, where nearness finds passages too: what is in too many chunks tells little, and
the words of what is near count in any case. Without vectors words are looked for until enough came back.
"""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Rankings:
    """What each of the two sides found, best first."""

    dense: list[Ranked]
    bm25: list[Ranked]


@dataclass(frozen=True, kw_only=True)
class SeparatePassages:
    """As `Rankings`, with their texts."""

    dense: list[Passage]
    bm25: list[Passage]


class Search:
    """Searches what an audience may read. Every text that leaves it was permitted by the `where` that found it."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        access: Access,
        *,
        favoured_sources: Collection[str] = (),
        ranking: RankingOptions = DEFAULT_RANKING,
    ) -> None:
        """Passages of favoured sources come first where their title says what is asked."""
        self._ranking = ranking
        self._favoured_sources = frozenset(favoured_sources)
        self._store = store
        self._embedder = embedder
        self._access = access

    async def find(
        self, question: str, audience: Audience, *, limit: int = 8, sources: frozenset[str] | None = None
    ) -> list[Passage]:
        """The best passages, best first: `limit` of them wherever the audience may read as many.

        Without vectors (the embedder is unavailable) words alone decide. Raises `SpaceMismatch` when the stored
        vectors are of another embedder.
        """
        asked = question[:MAX_QUESTION_CHARACTERS]
        if not asked.strip():
            return []
        vector = await self._find_vector(asked)
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, asked, vector, audience, sources)
            if permitted is None:
                return []
            if (reading := await permitted.read(asked, as_written=False)) != asked:
                asked = reading
                vector = await self._find_vector(asked)
                permitted = await self._find_permitted(snapshot, asked, vector, audience, sources) or permitted
            rankings = await permitted.rank(vector, limit=max(DEPTH, limit))
            candidates = await permitted.list_candidates(rankings, vector, limit=max(CANDIDATES, 3 * limit))
        best = permitted.rerank(candidates, limit=limit, favoured_sources=self._favoured_sources, options=self._ranking)
        return permitted.list_passages(best, rankings, unrelated=self._embedder.unrelated)

    async def read(self, question: str, audience: Audience, *, sources: frozenset[str] | None = None) -> str:
        """The question as `find` takes it: words that no document holds as they were probably meant, and in one word or
        in two as the documents that the audience may read write them.
        """
        asked = question[:MAX_QUESTION_CHARACTERS]
        if not asked.strip():
            return question
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, asked, None, audience, sources)
            return question if permitted is None else await permitted.read(asked, as_written=True)

    async def find_separately(self, question: str, audience: Audience, *, limit: int) -> SeparatePassages:
        """What each side finds by itself, for evaluation."""
        vector = await self._find_vector(question)
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, question, vector, audience, None)
            if permitted is None:
                return SeparatePassages(dense=[], bm25=[])
            rankings = await permitted.rank(vector, limit=limit)
            candidates = await permitted.list_candidates(rankings, vector, limit=2 * limit)
        passages = {candidate.passage.chunk_id: candidate.passage for candidate in candidates}
        return SeparatePassages(
            dense=[passages[ranked.chunk_id] for ranked in rankings.dense],
            bm25=[passages[ranked.chunk_id] for ranked in rankings.bm25],
        )

    async def get_passage(self, chunk_id: int, audience: Audience) -> Passage | None:
        """None also where the audience may not read it: that it exists is not said either."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.find_passage(chunk_id, await self._access.list_ids(snapshot, audience))

    async def find_at(self, document_id: int, place: int, audience: Audience) -> Passage | None:
        """The chunk at a place of a document, from 0; None also where the audience may not read it."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.find_at(document_id, place, await self._access.list_ids(snapshot, audience))

    async def still_readable(self, chunk_ids: Collection[int], audience: Audience) -> frozenset[int]:
        """Those that exist and that the audience may read now. Work out the audience anew just before asking."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.list_readable(chunk_ids, await self._access.list_ids(snapshot, audience))

    async def list_passages(self, document_ids: Collection[int], audience: Audience) -> list[Passage]:
        """All that these documents say now, by document and place; nothing of those that the audience may not read."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.list_passages(document_ids, await self._access.list_ids(snapshot, audience))

    async def _find_vector(self, question: str) -> NDArray[np.float32] | None:
        try:
            return (await self._embedder.embed([for_meaning(question)]))[0]
        except EmbedderUnavailable as error:
            _log.warning("searching by words alone", action="search", model=error.model)
            return None

    async def _find_permitted(
        self,
        snapshot: Snapshot,
        question: str,
        vector: NDArray[np.float32] | None,
        audience: Audience,
        sources: frozenset[str] | None,
    ) -> "_Permitted | None":
        """None where there is nothing that the audience may read."""
        if (space := snapshot.moment.space) is None:
            return None
        dimension = space.dimension if vector is None else len(vector)
        check_space(space, model=self._embedder.model, dimension=dimension)
        access_ids = await self._access.list_ids(snapshot, audience, sources)
        standing = await snapshot.get_standing(question, access_ids)
        if not standing.permitted:
            return None
        other_names = await self._list_other_names(snapshot, question, standing, access_ids)
        words = QuestionWords.of(
            standing,
            chunks=snapshot.moment.chunks,
            other_names=other_names,
            quantities=parts_of(find_quantities(question)),
        )
        return _Permitted(snapshot, space, standing, access_ids, words=words)

    async def _list_other_names(
        self, snapshot: Snapshot, question: str, standing: Standing, access_ids: Sequence[int]
    ) -> list[OtherName]:
        """Of what the question says by a name to which permitted documents give another."""
        acronyms, synonyms = self._ranking.acronyms, self._ranking.synonyms
        if not ((acronyms or synonyms) and snapshot.moment.has_names):
            return []
        known = await snapshot.list_names(question, access_ids, acronyms=acronyms, synonyms=synonyms)
        found, chunks = list[OtherName](), snapshot.moment.chunks
        for names in known[:MAX_OTHER_NAMES]:
            one = await snapshot.get_standing(names.one, access_ids)
            other = await snapshot.get_standing(names.other, access_ids)
            found += other_names_of(names, one=one, other=other, asked=standing, chunks=chunks)
        return found


class _Permitted:
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
        self._standing = standing
        self._access_ids = access_ids
        self._unseen = standing.unseen
        self._words = words

    async def read(self, question: str, *, as_written: bool) -> str:
        """The question with its words that nothing holds as they were probably meant, or as documents write them.

        A word that was meant is put in as its lexeme, unless `as_written`: a guess in full letters is too near to what
        it may be wrong about ("by chance" read as "by changes").
        """
        unseen = [lexeme for lexeme in self._unseen if lexeme.replace("-", "").isalpha()][:MAX_SLIPS]
        if not unseen:
            return question
        question = await self._with_pairs(question, unseen)
        meant: dict[str, str] = {}
        for lexeme in unseen:
            if words := words_of(question, lexeme):
                if words[0] in SHORTHAND:
                    meant[lexeme] = SHORTHAND[words[0]]
                elif split := await self._snapshot.find_split(splits_of(words[0]), self._access_ids):
                    meant[lexeme] = " ".join(split)
                elif is_readable(lexeme) and (
                    known := find_meant(lexeme, await self._snapshot.list_words_like(lexeme))
                ):
                    written = await self._snapshot.find_written(known, self._access_ids) if as_written else known
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
        known = await self._snapshot.list_known([f"{first}{second}" for first, _, second in pairs]) if pairs else []
        for first, between, second in pairs:
            if f"{first}{second}" in known:
                question = question.replace(f"{first}{between}{second}", f"{first}{second}")
            elif between == "-":
                question = question.replace(f"{first}-{second}", f"{first} {second}")
        return question

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
        budget, found = self._word_budget(), list[Ranked]()
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

    def _word_budget(self) -> float:
        if self._standing.permitted <= EXACT_BELOW:
            return math.inf
        return WORD_CANDIDATES * min(2.0, self._snapshot.moment.chunks / self._standing.permitted)

    async def list_candidates(
        self, rankings: Rankings, vector: NDArray[np.float32] | None, *, limit: int
    ) -> list[Candidate]:
        """The best of both rankings, with their scores on both sides."""
        fused = _fused(rankings)
        best = sorted(fused, key=lambda chunk_id: (-fused[chunk_id], chunk_id))[:limit]
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
        return rerank(
            candidates, by_lexeme, limit=limit, favoured_sources=favoured_sources, options=options.for_words(asked)
        )

    def list_passages(self, candidates: Sequence[Candidate], rankings: Rankings, *, unrelated: float) -> list[Passage]:
        """Their passages, with every score that is known of them."""
        fused, dense_ranks, bm25_ranks = _fused(rankings), _ranks(rankings.dense), _ranks(rankings.bm25)
        return [
            replace(
                candidate.passage,
                also=self._words.said_otherwise_in(candidate),
                scores=replace(
                    candidate.passage.scores,
                    dense=_likeness(candidate, unrelated=unrelated),
                    dense_rank=dense_ranks.get(candidate.passage.chunk_id),
                    bm25_rank=bm25_ranks.get(candidate.passage.chunk_id),
                    fused=fused[candidate.passage.chunk_id],
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
    return max(EXACT_BELOW, round(EXACT_BELOW * math.sqrt(chunks / EXACT_BELOW_OF)))


def fuse(rankings: Sequence[Sequence[int]], *, k: int = RRF_K) -> dict[int, float]:
    """Reciprocal rank fusion: score = sum of 1 / (k + rank), rank from 1; absent from a ranking adds 0.

    Cormack, Clarke & Buettcher, SIGIR 2009, who take k = 60.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, chunk_id in enumerate(ranking, start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + 1 / (k + rank)
    return scores


def _likeness(candidate: Candidate, *, unrelated: float) -> float | None:
    cosine = candidate.passage.scores.dense
    return None if cosine is None else likeness(cosine, unrelated=unrelated)


def _fused(rankings: Rankings) -> dict[int, float]:
    return fuse([[ranked.chunk_id for ranked in ranking] for ranking in (rankings.dense, rankings.bm25)])


def _ranks(ranking: Sequence[Ranked]) -> Mapping[int, int]:
    return {ranked.chunk_id: rank for rank, ranked in enumerate(ranking, start=1)}
