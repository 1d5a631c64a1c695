"""What a search returns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Every score a passage got on its way up. Ranks count from 1, and are None where that side did not rank it."""

    dense: float | None = None
    """Likeness to the question: its cosine, moved so that unrelated texts have 0 and the same text 1; None where the
    question has no vector."""
    dense_rank: int | None = None
    bm25: float | None = None
    """BM25 with the question, 0 and up; 0 where they share no word."""
    bm25_rank: int | None = None
    held: float | None = None
    """The share of the question's words, weighed by their rarity in the whole collection, that the chunk, its title,
    headings or trail hold, 0 to 1. Words that nothing holds count as missing. None where nothing was searched."""
    labelled: float | None = None
    """The same share for title and headings alone."""
    unseen: float | None = None
    """The share that no chunk of the collection holds: the same for every passage of a question."""
    fused: float = 0.0
    """Reciprocal rank fusion of the two rankings."""
    rerank: float = 0.0
    """What the final order is by, 0 to 1.1. Relative to the other candidates: not for comparing questions."""


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
    trail: tuple[str, ...] = ()
    """Where the document stands: titles from the outermost place to its parent."""
    also: tuple[str, ...] = ()
    """What the question calls by another name than the passage does, as the question calls it."""
    place: int | None = None
    """Of the chunk in its document, from 0; None where it is not known."""
