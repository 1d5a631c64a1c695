"""A sync in a process of its own, to be killed: `python -m tests.fakes.sync_child URL LOG DOCUMENTS [--poison KEY]`.

Each text is logged once its vector is there, before it is handed over to be stored. Reading the poisoned document ends
the process with code 9.
"""

import asyncio
import os
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


class Poisoned(Place):
    poison = ""

    async def read(self, listed):
        if listed.key == self.poison:
            os._exit(9)
        return await super().read(listed)


async def main(url: str, log: str, documents: str, _: str = "", poison: str = "") -> None:
    place = Poisoned(**vars(place_of(int(documents))))
    place.poison = poison
    async with open_pool(url, max_size=2, timeout_s=60) as pool:
        await sync(place, store=Store(pool), embedder=LoggingEmbedder(Path(log)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
