"""Passages in memory, and a search over them by their words alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from helpdesk_bot.guard.words import content_stems, covered
from knowledge.audience import Audience
from knowledge.passages import Passage, Scores

_numbers = count(1)


def passage(
    text: str,
    *,
    title: str = "Handbook",
    headings: Sequence[str] = (),
    document_id: int | None = None,
    dense: float | None = 0.6,
    place: int | None = None,
) -> Passage:
    """A passage of a document of its own, as a search gives it."""
    number = next(_numbers)
    return Passage(
        chunk_id=number,
        document_id=number if document_id is None else document_id,
        source="handbook",
        key=f"{number}.md",
        title=title,
        url=f"https://kb.example.com/{number}",
        heading_path=tuple(headings),
        text=text,
        page=None,
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
        scores=Scores(dense=dense, dense_rank=1, bm25=5.0, bm25_rank=1, fused=0.1, rerank=0.1),
        place=place,
    )


class Shelf:
    """Finds passages by the share of the question's words they hold, which stands for their cosine too."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = list(passages)
        self.asked: list[tuple[str, Audience]] = []

    async def find(
        self, question: str, audience: Audience, *, limit: int = 8, sources: frozenset[str] | None = None
    ) -> list[Passage]:
        self.asked.append((question, audience))
        wanted = set(content_stems(question))
        shares = {one.chunk_id: covered(wanted, _stems(one)) for one in self.passages}
        best = sorted(self.passages, key=lambda one: -shares[one.chunk_id])[:limit]
        return [replace(one, scores=_scores(shares[one.chunk_id], rank)) for rank, one in enumerate(best, start=1)]

    async def read(self, question: str, audience: Audience, *, sources: frozenset[str] | None = None) -> str:
        return question

    async def list_at(self, places: Sequence[tuple[int, int]], audience: Audience) -> list[Passage]:
        return [one for place in places for one in self.passages if (one.document_id, one.place) == place]

    def is_unusual(self, word: str) -> bool:
        return False


def _stems(one: Passage) -> set[str]:
    return set(content_stems(" ".join([one.title, *one.heading_path, one.text])))


def _scores(share: float, rank: int) -> Scores:
    return Scores(dense=0.1 + 0.6 * share, dense_rank=rank, bm25=10 * share, bm25_rank=rank, fused=share, rerank=share)
