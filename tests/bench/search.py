"""How long a search takes, beside a naive one in the same run: `python -m tests.bench.search [--chunks 10000]`.

The peer is what most systems do: `ts_rank_cd` over the question's words joined by OR, and `order by embedding <=> q`
with a `where` on a plain HNSW index, fused by rank. Times are of this machine; the ratios are what can be compared.
Shown too is how many of the k passages asked for came back.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from connectors.documents import AccessRule, Principal
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import migrate, open_pool
from knowledge.search import Search, fuse
from knowledge.store import Store
from tests.fakes.many_chunks import clustered_vectors, fill, zipf_texts

DIMENSION = 384
VOCABULARY = 50_000
WORDS_A_CHUNK = 110
QUESTIONS = 100
LIMIT = 8
DEPTH = 50
SHARES = (1.0, 0.1, 0.01)


@dataclass(frozen=True, kw_only=True)
class Question:
    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Timing:
    p50_ms: float
    p95_ms: float
    returned: float
    """Of LIMIT, on average."""


class KnownVectors:
    """An embedder that was asked before: only the search is timed."""

    model = "bench"
    dimension = DIMENSION
    max_tokens = 256

    def __init__(self, questions: Sequence[Question]) -> None:
        self._vectors = {question.text: question.vector for question in questions}

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])

    async def aclose(self) -> None:
        """Nothing to close."""


class Peer:
    """The naive search on the same chunks."""

    def __init__(self, pool, access_ids_by_share) -> None:
        self._pool = pool
        self._access_ids = access_ids_by_share

    async def prepare(self) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                """
                create table public.peer as
                select chunk.id, vector.access_id, to_tsvector('english', text) as words, embedding
                from knowledge.chunk join knowledge.vector_1 vector on vector.chunk_id = chunk.id
                """
            )
            await connection.execute("set local maintenance_work_mem = '512MB'")
            await connection.execute("create index on public.peer using gin (words)")
            await connection.execute("create index on public.peer using hnsw (embedding halfvec_cosine_ops)")
        async with self._pool.connection() as connection:
            await connection.execute("analyze public.peer")

    async def find(self, question: Question, share: float) -> int:
        any_word = " | ".join(question.text.split())
        asked = {"ids": self._access_ids[share], "vector": HalfVector(question.vector), "words": any_word}
        async with self._pool.connection() as connection:
            near = await connection.execute(
                f"""
                select id from public.peer
                where access_id = any(%(ids)s)
                order by embedding <=> %(vector)s limit {DEPTH}
                """,
                asked,
            )
            worded = await connection.execute(
                f"""
                select id from public.peer, to_tsquery('english', %(words)s) query
                where words @@ query and access_id = any(%(ids)s)
                order by ts_rank_cd(words, query) desc limit {DEPTH}
                """,
                asked,
            )
            fused = fuse([[row[0] for row in await found.fetchall()] for found in (near, worded)])
            best = sorted(fused, key=fused.__getitem__, reverse=True)[:LIMIT]
            passages = await connection.execute("select id, text from knowledge.chunk where id = any(%s)", [best])
            return len(await passages.fetchall())


async def time_each(questions: Sequence[Question], find: Callable[[Question], Awaitable[int]]) -> Timing:
    for question in questions[:10]:
        await find(question)
    took, returned = [], []
    for question in questions:
        started = time.perf_counter()
        returned.append(await find(question))
        took.append(1_000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(took, n=20)
    return Timing(p50_ms=statistics.median(took), p95_ms=cuts[18], returned=statistics.mean(returned))


def some_questions(rng: np.random.Generator, vectors: NDArray[np.float32]) -> list[Question]:
    """Six words as frequent as in the texts, beside the vector of a chunk with some noise."""
    texts = zipf_texts(rng, chunks=QUESTIONS, words=6, vocabulary=VOCABULARY)
    chosen = vectors[rng.integers(len(vectors), size=QUESTIONS)]
    near = chosen + 0.03 * rng.normal(size=chosen.shape)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    return [
        Question(text=f"{text} q{number}", vector=vector)
        for number, (text, vector) in enumerate(zip(texts, near.astype(np.float32), strict=True))
    ]


async def run(url: str, chunks: int) -> None:
    rng = np.random.default_rng(2026)
    drawn = rng.random(chunks)
    groups = {share: Principal(f"group:many/{share}") for share in SHARES}
    rules = [AccessRule.any_of(groups[share] for share in SHARES if one < share) for one in drawn]
    vectors = clustered_vectors(rng, chunks=chunks, dimension=DIMENSION)
    texts = zipf_texts(rng, chunks=chunks, words=WORDS_A_CHUNK, vocabulary=VOCABULARY)
    questions = some_questions(rng, vectors)
    await migrate(url)
    async with open_pool(url, max_size=2) as pool:
        store = Store(pool)
        started = time.perf_counter()
        ids = await fill(store, model="bench", texts=texts, vectors=vectors, rules=rules)
        print(f"{chunks:,} chunks stored in {time.perf_counter() - started:.0f} s")
        access_ids = {one: [ids[rule] for rule in ids if rule.admits(frozenset({groups[one]}))] for one in SHARES}
        await report(store, pool, questions, access_ids, groups)


async def report(store, pool, questions, access_ids, groups) -> None:
    search = Search(store, KnownVectors(questions), Access(store))
    peer = Peer(pool, access_ids)
    await peer.prepare()
    print("permitted   ours p50   p95    of 8      peer p50   p95    of 8      ratio p50   p95")
    for share in SHARES:
        audience = Audience.person([groups[share]])

        async def ours_find(question: Question, audience: Audience = audience) -> int:
            return len(await search.find(question.text, audience, limit=LIMIT))

        async def peer_find(question: Question, share: float = share) -> int:
            return await peer.find(question, share)

        ours, theirs = await time_each(questions, ours_find), await time_each(questions, peer_find)
        print(
            f"{share:8.0%} {ours.p50_ms:9.1f} {ours.p95_ms:7.1f} {ours.returned:5.1f}"
            f" {theirs.p50_ms:13.1f} {theirs.p95_ms:7.1f} {theirs.returned:5.1f}"
            f" {ours.p50_ms / theirs.p50_ms:13.2f} {ours.p95_ms / theirs.p95_ms:7.2f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=10_000)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url:
        asyncio.run(run(url, chosen.chunks))


if __name__ == "__main__":
    main()
