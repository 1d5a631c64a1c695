"""How fast documents become searchable, beside LangChain's PGVectorStore.add_texts: `python -m tests.bench.writing`.

Both write to the same embedded PostgreSQL, with embeddings that cost nothing, one after the other. Ours is a whole
sync: listing, cutting into chunks, vectors, words for BM25, rights. The peer is handed our chunks' texts and writes
texts and vectors. Ours runs in processes of their own, with two sizes, to show whether its memory grows.
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
from datetime import UTC, datetime
from pathlib import Path

from connectors.documents import PUBLIC, AccessRule, Cursor, Document, Listed, Present, Principal, Spent
from helpdesk_bot.app import migrate_all
from knowledge.chunks import ChunkOptions
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import open_pool
from knowledge.store import Store
from knowledge.sync import sync
from tests.bench.databases import create_database
from tests.bench.free_embedder import FreeEmbedder
from tests.bench.peers import PEER_PYTHON, PEERS, sqlalchemy_url

SIZES = (1_000, 20_000)
PARAGRAPHS = 4
WORDS = 120
"""In a paragraph: about 160 tokens, so a paragraph is a chunk."""
RULE = AccessRule.any_of([PUBLIC])
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Pages:
    """A place of so many pages, each made when it is read: nothing of it is kept in memory."""

    name = "pages"
    spent = Spent()

    def __init__(self, count: int) -> None:
        self._count = count

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
            markdown=markdown(listed.key),
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


async def sync_pages(url: str, count: int) -> dict[str, float]:
    await migrate_all(url)
    async with open_pool(url, max_size=8) as pool:
        store = Store(pool)
        began = time.monotonic()
        receipt = await sync(Pages(count), store=store, embedder=FreeEmbedder(), options=ChunkOptions(max_tokens=220))
        took_s = time.monotonic() - began
        chunks = (await store.get_status()).chunks
    assert receipt.added == count, receipt
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"documents": count, "chunks": chunks, "took_s": round(took_s, 2), "peak_mib": round(peak_mib)}


def run_ours(url: str, count: int) -> dict[str, float]:
    return _run([sys.executable, "-m", "tests.bench.writing", "--child", url, str(count)])


def run_peer(url: str, chunks: int, work: Path) -> dict[str, float]:
    texts = work / "texts.jsonl"
    pages = (markdown(f"page-{number}").split("\n\n")[1::2] for number in range(chunks // PARAGRAPHS))
    texts.write_text("\n".join(json.dumps(part) for page in pages for part in page), encoding="utf-8")
    return _run([PEER_PYTHON, str(PEERS / "add_texts.py"), sqlalchemy_url(url), str(texts)])


def _run(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def compare() -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as work, embedded_postgres(Path(work) / "db") as url:
        ours = [run_ours(create_database(url, f"ours_{count}"), count) for count in SIZES]
        for one in ours:
            rate = one["chunks"] / one["took_s"]
            print(
                f"ours: {one['documents']:,} documents, {one['chunks']:,} chunks in {one['took_s']:.1f} s: "
                f"{rate:,.0f} chunks/s, peak {one['peak_mib']:,} MiB"
            )
        peer = run_peer(create_database(url, "peer", with_vector=True), int(ours[0]["chunks"]), Path(work))
        peer_rate = peer["chunks"] / peer["took_s"]
        print(
            f"PGVectorStore.add_texts: {peer['chunks']:,} chunks in {peer['took_s']:.1f} s: {peer_rate:,.0f} chunks/s"
        )
        print(f"ratio: {ours[0]['chunks'] / ours[0]['took_s'] / peer_rate:.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--child", nargs=2, metavar=("URL", "COUNT"))
    arguments = parser.parse_args()
    if arguments.child:
        url, count = arguments.child
        print(json.dumps(asyncio.run(sync_pages(url, int(count)))))
    else:
        compare()


if __name__ == "__main__":
    main()
