"""A sync in a process of its own, to be killed: `python -m tests.fakes.sync_child URL LOG DOCUMENTS`.

Each text is logged once its vector is there, before it is handed over to be stored.
"""

import asyncio
import sys
from pathlib import Path

from knowledge.postgres import open_pool
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.place import Place


class LoggingEmbedder(HashedEmbedder):
    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    async def embed(self, texts):
        vectors = await super().embed(texts)
        with self._log.open("a", encoding="utf-8") as log:
            log.writelines(f"{text!r}\n" for text in texts)
        return vectors


def place_of(documents: int) -> Place:
    """Small documents and a long one, whose chunks are embedded in several batches."""
    place = Place()
    for number in range(documents):
        parts = 80 if number == documents // 2 else 2
        place.put(
            f"doc-{number}",
            "\n\n".join(
                f"## Part {part}\n\nDocument {number}, {'words of this part ' * 15}{part}." for part in range(parts)
            ),
        )
    return place


async def main(url: str, log: str, documents: str) -> None:
    async with open_pool(url, max_size=2) as pool:
        await sync(place_of(int(documents)), store=Store(pool), embedder=LoggingEmbedder(Path(log)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
