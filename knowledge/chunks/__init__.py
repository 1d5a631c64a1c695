"""A document as chunks: what is embedded, found and shown.

The same document always makes the same chunks, and chunks are known by their content: what did not change is not
embedded again.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from connectors.documents import Document
from knowledge.chunks.sections import plain_lines
from knowledge.chunks.strategies import STRATEGIES, Draft, Limits

__all__ = ["Chunk", "ChunkOptions", "split"]

CHARACTERS_PER_TOKEN = 16
"""At most in a chunk, on average: to WordPiece a word of 10,000 letters is one unknown token."""


@dataclass(frozen=True, kw_only=True)
class ChunkOptions:
    """How documents are cut; another value means other chunks, and embedding them."""

    strategy: str = "structure"
    """`structure`, or for comparison `paragraph` or `fixed`."""
    max_tokens: int = 220
    """Of what is embedded, special tokens not included; under the embedder's window, so that nothing is cut off."""
    overlap_tokens: int = 30
    """Of whole sentences repeated from the chunk before, within a section; never more than a quarter of max_tokens."""
    min_tokens: int = 40
    """A smaller section shares a chunk with the next of its parent."""
    revision: int = field(default=7, init=False)
    """Of the rules of this package and of reading files: raised when they change, so that stored documents are read
    and cut anew."""

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(f"unknown strategy {self.strategy!r}: use {', '.join(STRATEGIES)}")
        if self.max_tokens < 32 or self.overlap_tokens < 0 or self.min_tokens < 0:
            raise ValueError("max_tokens must be 32 or more, overlap_tokens and min_tokens 0 or more")


@dataclass(frozen=True, kw_only=True)
class Chunk:
    position: int
    """From 0, in the order of the document."""
    heading_path: tuple[str, ...]
    """The headings above, outermost first; without the title, and without those that are in the text."""
    text: str
    """Markdown, never empty."""
    page: int | None
    """Page number from 1 where the chunk begins, for media with pages."""
    tokens: int
    """Of `embedded_text`."""
    embedded_text: str
    """The headings above, a blank line and `text`; it ends with `text` as it is."""
    digest: bytes
    """SHA-256 of `embedded_text`."""


def split(document: Document, *, count_tokens: Callable[[str], int], options: ChunkOptions) -> list[Chunk]:
    """The document's chunks in order; none of an empty document.

    `count_tokens` is the embedder's. The title is in no chunk, so that a new title embeds nothing.
    """
    counted = cache(count_tokens)

    def measure(text: str) -> int:
        """Tokens, or more of them where they are very long; a text that is plainly too long is not counted."""
        least = -(-len(text) // CHARACTERS_PER_TOKEN)
        return least if least > options.max_tokens else max(least, counted(text))

    limits = Limits(
        max_tokens=options.max_tokens,
        overlap_tokens=min(options.overlap_tokens, options.max_tokens // 4),
        min_tokens=options.min_tokens,
        measure=measure,
    )
    drafts = STRATEGIES[options.strategy](plain_lines(document.markdown), document.title, limits)
    written = [draft for draft in drafts if draft.text.strip()]
    return [_chunk(draft, position, document, counted) for position, draft in enumerate(written)]


def _chunk(draft: Draft, position: int, document: Document, count_tokens: Callable[[str], int]) -> Chunk:
    return Chunk(
        position=position,
        heading_path=tuple(heading.title for heading in draft.headings),
        text=draft.text,
        page=bisect_right(document.page_starts, draft.start) if document.page_starts else None,
        tokens=count_tokens(draft.embedded_text),
        embedded_text=draft.embedded_text,
        digest=hashlib.sha256(draft.embedded_text.encode()).digest(),
    )
