"""What a search returns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Every score a passage got on its way up; None where that ranking did not hold it. Ranks count from 1."""

    dense: float | None = None
    """Cosine similarity with the question, -1 to 1."""
    dense_rank: int | None = None
    bm25: float | None = None
    """BM25 with the question, 0 and up."""
    bm25_rank: int | None = None
    fused: float = 0.0
    """Reciprocal rank fusion of the two rankings."""
    rerank: float = 0.0
    """What the final order is by."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A chunk as retrieved: readable by the whole audience it was searched for."""

    chunk_id: int
    document_id: int
    source: str
    key: str
    title: str
    url: str
    heading_path: tuple[str, ...]
    """The headings above the chunk inside its document, outermost first; without the title."""
    text: str
    """Markdown."""
    page: int | None
    """Page number from 1, for media with pages."""
    modified_at: datetime
    scores: Scores
