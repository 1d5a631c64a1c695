"""How fast documents become searchable, beside LangChain's PGVectorStore.add_texts: `python -m tests.bench.writing`.

Both read texts that were written to a file beforehand, and write to the same embedded PostgreSQL, with embeddings that
cost nothing, one after the other. Ours is a whole sync: listing, cutting into chunks, vectors, words for BM25, rights.
The peer is handed our chunks' texts and writes texts and vectors: in batches of 500, and a page at a time, as a loader
hands them over. Ours runs in processes of their own, with two sizes, to show whether its memory grows. The last figure
is what Postgres alone needs to find the words of the same chunks: no index of words can be filled faster than that.
"""

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

from connectors.documents import PUBLIC, AccessRule, Cursor, Document, Listed, Present, Principal, Spent
from helpdesk_bot.database import migrate_all
from knowledge.chunks import ChunkOptions
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import open_pool
from knowledge.store import Store
from knowledge.sync import sync
from tests.bench.free_embedder import FreeEmbedder
from tests.bench.peers import PEER_PYTHON, PEERS, sqlalchemy_url
from tests.databases import create_database

SIZES = (1_000, 20_000)
PARAGRAPHS = 4
WORDS = 120
"""In a paragraph: about 160 tokens, so a paragraph is a chunk."""
RULE = AccessRule.any_of([PUBLIC])
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Pages:
    """A place of so many pages in a file, each read when it is asked for: nothing of it is kept in memory."""

    name = "pages"
    spent = Spent()

    def __init__(self, file: Path, count: int) -> None:
        self._count = count
        self._file = file.open("rb")
        self._starts = [0, *accumulate(len(line) for line in self._file)]

    def close(self) -> None:
        self._file.close()

    def _page(self, key: str) -> str:
        self._file.seek(self._starts[int(key.removeprefix("page-"))])
        return json.loads(self._file.readline())

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:
        for number in range(self._count):
            key = f"page-{number}"
            yield Listed(
                key=key,
                version="1",
                title=f"Page {number}",
                url="",
                access=RULE,
                media_type="text/markdown",
                modified_at=AT,
            )
        yield Cursor(value="1")

    async def read(self, listed: Listed) -> Document:
        return Document(
            key=listed.key,
            version=listed.version,
            title=listed.title,
            url="",
            access=RULE,
            modified_at=AT,
            markdown=self._page(listed.key),
        )

    async def present(self) -> AsyncIterator[Present]:
        for number in range(self._count):
            yield Present(key=f"page-{number}", access=RULE)

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        return {}


def markdown(key: str) -> str:
    """Paragraphs under headings, with words whose frequencies fall as in a language."""
    rng = random.Random(key)
    words = [f"word{int(rng.paretovariate(0.8)) % 20_000}" for _ in range(PARAGRAPHS * WORDS)]
    parts = [" ".join(words[start : start + WORDS]) for start in range(0, len(words), WORDS)]
    return "\n\n".join(f"## Part {number}\n\n{part}." for number, part in enumerate(parts))


def write_pages(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as pages:
        pages.writelines(f"{json.dumps(markdown(f'page-{number}'))}\n" for number in range(count))


async def sync_pages(url: str, file: Path, count: int) -> dict[str, float]:
    await migrate_all(url)
    async with open_pool(url, max_size=8) as pool:
        store = Store(pool)
        with closing(Pages(file, count)) as pages:
            began = time.monotonic()
            receipt = await sync(pages, store=store, embedder=FreeEmbedder(), options=ChunkOptions(max_tokens=220))
        took_s = time.monotonic() - began
        chunks = (await store.get_status()).chunks
    assert receipt.added == count, receipt
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"documents": count, "chunks": chunks, "took_s": round(took_s, 2), "peak_mib": round(peak_mib)}


async def time_words(url: str) -> float:
    """Seconds in which Postgres finds the words of all chunks, and does nothing with them."""
    async with open_pool(url, max_size=1) as pool, pool.connection() as connection:
        began = time.monotonic()
        await connection.execute("select sum(length(to_tsvector('english', text))) from knowledge.chunk")
        return time.monotonic() - began


def run_ours(url: str, file: Path, count: int) -> dict[str, float]:
    return _run([sys.executable, "-m", "tests.bench.writing", "--child", url, str(file), str(count)])


def run_peer(url: str, texts: Path, *, batch: int) -> dict[str, float]:
    return _run([PEER_PYTHON, str(PEERS / "add_texts.py"), sqlalchemy_url(url), str(texts), str(batch)])


def write_chunk_texts(file: Path, count: int) -> None:
    """Paragraphs, which are our chunks."""
    pages = (markdown(f"page-{number}").split("\n\n")[1::2] for number in range(count))
    file.write_text("\n".join(json.dumps(part) for page in pages for part in page), encoding="utf-8")


def _run(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def compare() -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder, embedded_postgres(Path(folder) / "db") as url:
        work = Path(folder)
        write_pages(work / "pages.jsonl", max(SIZES))
        write_chunk_texts(work / "texts.jsonl", min(SIZES))
        databases = [create_database(url, f"ours_{count}") for count in SIZES]
        ours = [
            run_ours(database, work / "pages.jsonl", count) for database, count in zip(databases, SIZES, strict=True)
        ]
        for one in ours:
            print(
                f"ours: {one['documents']:,} documents, {one['chunks']:,} chunks in {one['took_s']:.1f} s: "
                f"{rate(one):,.0f} chunks/s, peak {one['peak_mib']:,} MiB"
            )
        for name, batch in (("in batches of 500", 500), ("a page at a time", PARAGRAPHS)):
            database = create_database(url, f"peer_{batch}", with_vector=True)
            peer = run_peer(database, work / "texts.jsonl", batch=batch)
            print(
                f"PGVectorStore.add_texts {name}: {peer['chunks']:,} chunks in {peer['took_s']:.1f} s: "
                f"{rate(peer):,.0f} chunks/s; ours {rate(ours[0]) / rate(peer):.1f}x"
            )
        words_s = asyncio.run(time_words(databases[0]))
        print(f"to_tsvector alone: {ours[0]['chunks'] / words_s:,.0f} chunks/s")


def rate(one: Mapping[str, float]) -> float:
    """Chunks a second."""
    return one["chunks"] / one["took_s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--child", nargs=3, metavar=("URL", "FILE", "COUNT"))
    arguments = parser.parse_args()
    if arguments.child:
        url, file, count = arguments.child
        print(json.dumps(asyncio.run(sync_pages(url, Path(file), int(count)))))
    else:
        compare()


if __name__ == "__main__":
    main()
