"""Documents of a listing, read and cut into chunks, a few at a time."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from connectors.documents import Document, Listed
from connectors.errors import SourceUnavailable, Unreadable
from connectors.source import Source
from knowledge.chunks import Chunk, ChunkOptions, split
from knowledge.embedding import Embedder

PARALLEL_READS = 4

PAGE_CHUNKS = 1_000
"""Written in one transaction, unless one document has more."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Read:
    """A listed document as it was read."""

    key: str
    listed: Listed
    document: Document
    chunks: Sequence[Chunk]


@dataclass(frozen=True, kw_only=True)
class Reader:
    source: Source
    embedder: Embedder
    options: ChunkOptions

    async def read_all(self, page: Mapping[str, Listed]) -> list[Read | Unreadable]:
        """In the page's order. Raises `SourceUnavailable`."""
        gate = asyncio.Semaphore(PARALLEL_READS)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._read(key, listed, gate)) for key, listed in page.items()]
        read: list[Read | Unreadable] = []
        for task in tasks:
            result = task.result()
            if isinstance(result, SourceUnavailable):
                raise result
            read.append(result)
        return read

    async def _read(self, key: str, listed: Listed, gate: asyncio.Semaphore) -> Read | Unreadable | SourceUnavailable:
        async with gate:
            try:
                document = await self.source.read(listed)
                chunks = await asyncio.to_thread(
                    split, document, count_tokens=self.embedder.count_tokens, options=self.options
                )
            except (Unreadable, SourceUnavailable) as error:
                return error
            except Exception as error:  # noqa: BLE001 - the outermost handler of one document: the others go on
                _log.error("a document broke its reader", action="read", source=self.source.name, key=key)
                return Unreadable(key, f"reading it failed unexpectedly ({type(error).__name__})")
        return Read(key=key, listed=listed, document=document, chunks=chunks)


def portions(read: Sequence[Read]) -> Iterator[list[Read]]:
    """Documents in order, in portions of some PAGE_CHUNKS chunks."""
    portion: list[Read] = []
    chunks = 0
    for one in read:
        if portion and chunks + len(one.chunks) > PAGE_CHUNKS:
            yield portion
            portion, chunks = [], 0
        portion.append(one)
        chunks += len(one.chunks)
    if portion:
        yield portion
