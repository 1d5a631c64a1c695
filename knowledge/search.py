"""Question and audience to passages: by meaning and by word, fused, re-ranked, each with every score it got."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.embedding import Embedder
from knowledge.errors import EmbedderUnavailable
from knowledge.passages import Passage
from knowledge.permitted import Permitted
from knowledge.quantities import find_quantities, parts_of
from knowledge.question_vector import get_question_vector
from knowledge.question_words import EVERYDAY_NAME_WEIGHT, OtherName, QuestionWords, other_names_of
from knowledge.ranking import DEFAULT_RANKING, RankingOptions
from knowledge.rewording import Rewording
from knowledge.store import Snapshot, Space, Standing, Store
from knowledge.thesaurus import other_words

MAX_QUESTION_CHARACTERS = 20_000
"""What is beyond is not looked at."""

DEPTH = 50
"""Chunks of each ranking that are fused."""

CANDIDATES = 50
"""Best fused chunks that are re-ranked, or three times as many as are asked for."""

MAX_OTHER_NAMES = 3
"""Of what a question says, that are looked for as well."""

MAX_EVERYDAY_NAMES = 20
"""The same of everyday words."""

_log = structlog.get_logger()


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

        Words alone decide while the embedder is unavailable, or where the stored vectors are of another one: so they
        are, since `reembed`, for a process that was started before.
        """
        asked = question[:MAX_QUESTION_CHARACTERS]
        if not asked.strip():
            return []
        vector = await self._find_vector(asked)
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, asked, audience, sources)
            if permitted is None:
                return []
            reading = await self._reworded(snapshot, permitted, asked, as_written=False)
            if reading == asked:
                return await self._list_best(snapshot, permitted, vector, limit=limit)
        vector = await self._find_vector(reading)
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, reading, audience, sources)
            return await self._list_best(snapshot, permitted, vector, limit=limit) if permitted else []

    async def read(self, question: str, audience: Audience, *, sources: frozenset[str] | None = None) -> str:
        """The question as `find` takes it: words that no document holds as they were probably meant, and in one word or
        in two as the documents that the audience may read write them.
        """
        asked = question[:MAX_QUESTION_CHARACTERS]
        if not asked.strip():
            return question
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, asked, audience, sources)
            return question if permitted is None else await self._reworded(snapshot, permitted, asked, as_written=True)

    async def find_separately(self, question: str, audience: Audience, *, limit: int) -> SeparatePassages:
        """What each side finds by itself, for evaluation."""
        vector = await self._find_vector(question)
        async with self._store.snapshot() as snapshot:
            permitted = await self._find_permitted(snapshot, question, audience, None)
            if permitted is None:
                return SeparatePassages(dense=[], bm25=[])
            vector = self._of_this_space(vector, snapshot.moment.space)
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
            return await snapshot.passages.find(chunk_id, await self._access.list_ids(snapshot, audience))

    async def list_at(self, places: Sequence[tuple[int, int]], audience: Audience) -> list[Passage]:
        """What documents, by their ids, say at these places, from 0, as ordered there; without what there is none of,
        and what the audience may not read.
        """
        if not places:
            return []
        async with self._store.snapshot() as snapshot:
            return await snapshot.passages.list_at(places, await self._access.list_ids(snapshot, audience))

    def is_unusual(self, word: str) -> bool:
        """Whether it is no ordinary word, as names of products are; False where that can't be told."""
        return self._embedder.is_word("the") and not self._embedder.is_word(word)

    async def still_readable(self, chunk_ids: Collection[int], audience: Audience) -> frozenset[int]:
        """Those that exist and that the audience may read now. Work out the audience anew just before asking."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.passages.list_readable(chunk_ids, await self._access.list_ids(snapshot, audience))

    async def reads_more(self, audience: Audience, *, than: Audience, sources: frozenset[str] | None = None) -> bool:
        """Whether this audience may read anything, of these sources where given, that the other one may not."""
        async with self._store.snapshot() as snapshot:
            own, others = [await self._access.list_ids(snapshot, one, sources) for one in (audience, than)]
        return not set(own) <= set(others)

    async def list_passages(self, document_ids: Collection[int], audience: Audience) -> list[Passage]:
        """All that these documents say now, by document and place; nothing of those that the audience may not read."""
        async with self._store.snapshot() as snapshot:
            return await snapshot.passages.list_of_documents(
                document_ids, await self._access.list_ids(snapshot, audience)
            )

    async def _reworded(self, snapshot: Snapshot, permitted: Permitted, question: str, *, as_written: bool) -> str:
        rewording = Rewording(
            snapshot.spellings, permitted.standing.unseen, permitted.access_ids, is_word=self._embedder.is_word
        )
        return await rewording.read(question, as_written=as_written)

    async def _list_best(
        self, snapshot: Snapshot, permitted: Permitted, vector: NDArray[np.float32] | None, *, limit: int
    ) -> list[Passage]:
        vector = self._of_this_space(vector, snapshot.moment.space)
        rankings = await permitted.rank(vector, limit=max(DEPTH, limit))
        candidates = await permitted.list_candidates(rankings, vector, limit=max(CANDIDATES, 3 * limit))
        best = permitted.rerank(candidates, limit=limit, favoured_sources=self._favoured_sources, options=self._ranking)
        return permitted.list_passages(best, rankings, unrelated=self._embedder.unrelated)

    async def _find_vector(self, question: str) -> NDArray[np.float32] | None:
        try:
            return await get_question_vector(question, self._embedder)
        except EmbedderUnavailable as error:
            _log.warning("searching by words alone", action="search", model=error.model)
            return None

    def _of_this_space(self, vector: NDArray[np.float32] | None, space: Space | None) -> NDArray[np.float32] | None:
        """None where it says nothing beside the vectors that are stored."""
        if vector is None or space is None or (space.model, space.dimension) == (self._embedder.model, len(vector)):
            return vector
        _log.warning("searching by words alone", action="search", model=self._embedder.model, stored=space.model)
        return None

    async def _find_permitted(
        self,
        snapshot: Snapshot,
        question: str,
        audience: Audience,
        sources: frozenset[str] | None,
    ) -> Permitted | None:
        """None where there is nothing that the audience may read."""
        if (space := snapshot.moment.space) is None:
            return None
        access_ids = await self._access.list_ids(snapshot, audience, sources)
        standing = await snapshot.get_standing(question, access_ids)
        if not standing.permitted:
            return None
        other_names = [
            *await self._list_other_names(snapshot, question, standing, access_ids),
            *await self._list_everyday_names(snapshot, question, standing),
        ]
        words = QuestionWords.of(
            standing,
            chunks=snapshot.moment.chunks,
            other_names=other_names,
            quantities=parts_of(find_quantities(question)),
        )
        return Permitted(snapshot, space, standing, access_ids, words=words)

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

    async def _list_everyday_names(self, snapshot: Snapshot, question: str, standing: Standing) -> list[OtherName]:
        """Of what the question says in words that pages may put in others that everybody knows."""
        if not self._ranking.everyday_words:
            return []
        pairs = [(said, other) for said, others in other_words(question) for other in others][:MAX_EVERYDAY_NAMES]
        if not pairs:
            return []
        terms = await snapshot.list_terms([name for pair in pairs for name in pair])
        own = {term.id for term in standing.terms}
        return [
            OtherName(said=one, text=said, other=lacking, weight=EVERYDAY_NAME_WEIGHT)
            for (said, _), one, other in zip(pairs, terms[::2], terms[1::2], strict=True)
            if one and {term.id for term in one} <= own and (lacking := tuple(t for t in other if t.id not in own))
        ]
