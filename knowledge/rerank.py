"""The final order of passages, without a model."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.passages import Passage
from knowledge.store import Candidate, Term


def with_ranks(candidate: Candidate, *, dense_rank: int | None, bm25_rank: int | None, fused: float) -> Candidate:
    scores = replace(candidate.passage.scores, dense_rank=dense_rank, bm25_rank=bm25_rank, fused=fused, rerank=fused)
    return replace(candidate, passage=replace(candidate.passage, scores=scores))


def rerank(candidates: Sequence[Candidate], terms: Sequence[Term], *, limit: int) -> list[Passage]:
    return [candidate.passage for candidate in candidates][:limit]
