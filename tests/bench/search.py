"""How long a search takes, beside others in the same run: `python -m tests.bench.search [--chunks 10000 100000]`.

Ours is the whole search without embedding the question: rights, nearness and words, fused, re-ranked, with texts. The
peers are LangChain's PGVectorStore, which looks for nearness alone, with the permitted ids as its filter, and, up to
20,000 chunks, what many systems do by hand: `ts_rank_cd` over the question's words joined by OR beside a filtered HNSW
index, fused by rank. Times are of this machine; the ratios are what can be compared. Shown too is how many of the
nearest ten came back, as an exact scan of what is permitted has them, and how the time grows with the chunks.
Vectors are drawn in clusters; texts are drawn with the frequencies of a language, or, with `--texts corpus.jsonl`, cut
out of real ones.
"""

import argparse
import asyncio
import json
import math
import re
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from connectors.documents import AccessRule, Principal
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.embedded_postgres import embedded_postgres
from knowledge.fusion import fuse
from knowledge.migrations import migrate
from knowledge.postgres import open_pool
from knowledge.question_words import question_weights
from knowledge.ranking import DEFAULT_RANKING
from knowledge.search import Search
from knowledge.spelling import for_meaning
from knowledge.store import Store
from tests.bench.peers import PEER_PYTHON, PEERS, sqlalchemy_url
from tests.databases import create_database
from tests.fakes.many_chunks import clustered_vectors, fill, multiply, zipf_texts

DIMENSION = 768
VOCABULARY = 50_000
WORDS_A_CHUNK = 110
QUESTIONS = 100
COMPARED = 40
"""Questions whose nearest are looked for exactly as well."""
COMMON_WORDS = 4
LIMIT = 10
DEPTH = 50
SHARES = (1.0, 0.1, 0.01, 0.001)
NAIVE_UP_TO = 20_000
WRITTEN_UP_TO = 100_000
"""Chunks with words of their own. Beyond it the same words come again, in other chunks with other vectors."""


@dataclass(frozen=True, kw_only=True)
class Question:
    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Timing:
    p50_ms: float
    p95_ms: float
    returned: float = LIMIT
    """Of LIMIT, on average."""


class KnownVectors:
    """An embedder that was asked before: only the search is timed."""

    model = "bench"
    dimension = DIMENSION
    max_tokens = 256
    unrelated = 0.0

    def __init__(self, questions: Sequence[Question]) -> None:
        self._vectors = {for_meaning(question.text): question.vector for question in questions}
        self._last = questions[0].vector

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def is_word(self, _: str, /) -> bool:
        return False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A question that is read as the documents write it keeps its vector."""
        for text in texts:
            self._last = self._vectors.get(text, self._last)
        return np.stack([self._vectors.get(text, self._last) for text in texts])

    async def aclose(self) -> None:
        """Nothing to close."""


class Naive:
    """What many systems do by hand, on the same chunks."""

    def __init__(self, pool, access_ids_by_share) -> None:
        self._pool = pool
        self._access_ids = access_ids_by_share

    async def prepare(self) -> None:
        async with self._pool.connection() as connection:
            await connection.execute("drop table if exists public.peer")
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
        any_word = " | ".join(re.findall(r"\w+", question.text))
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


async def fill_langchain(pool) -> None:
    """The same chunks in the table of a PGVectorStore, as it makes one, with its HNSW index."""
    async with pool.connection() as connection:
        await connection.execute("drop table if exists public.peer_chunks")
        await connection.execute(
            f"""
            create table public.peer_chunks as
            select
              gen_random_uuid() as langchain_id, chunk.id || ' ' || text as content,
              embedding::vector({DIMENSION}) as embedding, '{{}}'::json as langchain_metadata, vector.access_id
            from knowledge.chunk join knowledge.vector_1 vector on vector.chunk_id = chunk.id
            """
        )
        await connection.execute("set local maintenance_work_mem = '3GB'")
        await connection.execute("set local max_parallel_maintenance_workers = 0")
        await connection.execute("alter table public.peer_chunks add primary key (langchain_id)")
        await connection.execute("create index on public.peer_chunks (access_id)")
        await connection.execute("create index on public.peer_chunks using hnsw (embedding vector_cosine_ops)")
    async with pool.connection() as connection:
        await connection.execute("analyze public.peer_chunks")


def run_langchain(url: str, questions: Sequence[Question], access_ids: Mapping[float, Sequence[int]]) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        shares = {str(share): list(ids) for share, ids in access_ids.items()}
        json.dump({"vectors": [one.vector.tolist() for one in questions], "shares": shares, "limit": LIMIT}, file)
        file.flush()
        done = subprocess.run(
            [PEER_PYTHON, str(PEERS / "search.py"), sqlalchemy_url(url), file.name],
            check=True,
            capture_output=True,
            text=True,
            timeout=1_800,
        )
    return {float(share): timing for share, timing in json.loads(done.stdout.splitlines()[-1]).items()}


async def time_each(questions: Sequence[Question], find: Callable[[Question], Awaitable[int]]) -> Timing:
    """Of each question, after all were asked once: what a server has in its memory after a morning's work."""
    for question in questions:
        await find(question)
    took, returned = [], []
    for question in questions:
        started = time.perf_counter()
        returned.append(await find(question))
        took.append(1_000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(took, n=20)
    return Timing(p50_ms=statistics.median(took), p95_ms=cuts[18], returned=statistics.mean(returned))


def real_texts(rng: np.random.Generator, file: Path, *, chunks: int) -> list[str]:
    """So many pieces of WORDS_A_CHUNK words, each cut at random out of the texts of a corpus.jsonl."""
    with file.open(encoding="utf-8") as lines:
        words = [word for line in lines for word in json.loads(line)["text"].split()]
    starts = rng.integers(len(words) - WORDS_A_CHUNK, size=chunks)
    return [" ".join(words[start : start + WORDS_A_CHUNK]) for start in starts]


def some_questions(rng: np.random.Generator, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Question]:
    """Six words of a chunk beside its vector with some noise."""
    chosen = rng.integers(len(vectors), size=QUESTIONS)
    words = [rng.choice(texts[one].split(), size=6) for one in chosen]
    return [
        Question(text=" ".join(some), vector=vector)
        for some, vector in zip(words, _near(rng, vectors[chosen]), strict=True)
    ]


def common_questions(rng: np.random.Generator, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Question]:
    """Four of the thirty most frequent words that an index keeps: the worst there is for words joined by OR."""
    counted = Counter(word.casefold() for text in texts[:5_000] for word in set(text.split()) if len(word) > 4)
    frequent = [word for word, _ in counted.most_common(30) if word.isalnum()]
    chosen = vectors[rng.integers(len(vectors), size=QUESTIONS // 2)]
    return [
        Question(text=" ".join(rng.choice(frequent, size=COMMON_WORDS, replace=False)), vector=vector)
        for vector in _near(rng, chosen)
    ]


def _near(rng: np.random.Generator, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    near = vectors + 0.03 * rng.normal(size=vectors.shape)
    return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A database of so many chunks."""

    url: str
    store: Store
    pool: object
    questions: Sequence[Question]
    common: Sequence[Question]
    access_ids: Mapping[float, Sequence[int]]
    groups: Mapping[float, Principal]

    def audience(self, share: float) -> Audience:
        return Audience.person([self.groups[share]])


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is stored and asked: the same each time, for so many chunks."""

    groups: Mapping[float, Principal]
    rules: Sequence[AccessRule]
    """Of each chunk, as many as there are vectors."""
    vectors: NDArray[np.float32]
    texts: Sequence[str]
    """Of the first WRITTEN_UP_TO."""
    questions: Sequence[Question]
    common: Sequence[Question]


def draw(chunks: int, texts_file: Path | None) -> Drawn:
    rng = np.random.default_rng(2026)
    drawn = rng.random(chunks)
    groups = {share: Principal(f"group:many/{share}") for share in SHARES}
    rules = [AccessRule.any_of(groups[share] for share in SHARES if one < share) for one in drawn]
    vectors = clustered_vectors(rng, chunks=chunks, dimension=DIMENSION)
    written = min(chunks, WRITTEN_UP_TO)
    if texts_file:
        texts = real_texts(rng, texts_file, chunks=written)
    else:
        texts = zipf_texts(rng, chunks=written, words=WORDS_A_CHUNK, vocabulary=VOCABULARY)
    questions = some_questions(rng, texts, vectors[:written])
    common = common_questions(rng, texts, vectors[:written])
    return Drawn(groups=groups, rules=rules, vectors=vectors, texts=texts, questions=questions, common=common)


async def make(url: str, drawn: Drawn) -> list[list[int]]:
    """Fill the database; the access ids that may be read at each of SHARES."""
    started = time.perf_counter()
    chunks, written = len(drawn.vectors), len(drawn.texts)
    await migrate(url)
    async with open_pool(url, max_size=2) as pool:
        store = Store(pool)
        first, rules = drawn.vectors[:written], drawn.rules
        ids = await fill(store, model="bench", texts=drawn.texts, vectors=first, rules=rules[:written])
        if chunks > written:
            await multiply(store, model="bench", vectors=drawn.vectors, access_ids=[ids[rule] for rule in rules])
    print(f"\n{chunks:,} chunks stored and indexed in {time.perf_counter() - started:.0f} s", flush=True)
    return [[ids[rule] for rule in ids if rule.admits(frozenset({drawn.groups[share]}))] for share in SHARES]


async def ask(url: str, drawn: Drawn, permitted: Sequence[Sequence[int]], *, alone: bool) -> dict[float, Timing]:
    async with open_pool(url, max_size=2) as pool:
        shelf = Shelf(
            url=url,
            store=Store(pool),
            pool=pool,
            questions=drawn.questions,
            common=drawn.common,
            access_ids=dict(zip(SHARES, permitted, strict=True)),
            groups=drawn.groups,
        )
        return await report(shelf, naive=len(drawn.vectors) <= NAIVE_UP_TO and not alone, alone=alone)


async def report(shelf: Shelf, *, naive: bool, alone: bool) -> dict[float, Timing]:
    search = Search(shelf.store, KnownVectors([*shelf.questions, *shelf.common]), Access(shelf.store))
    await settle(shelf.url)
    ours = {share: await time_each(shelf.questions, _finder(search, shelf.audience(share))) for share in SHARES}
    exact = {share: await exact_nearest(shelf, share) for share in SHARES}
    print("permitted   ours p50   p95  recall", flush=True)
    for share, timing in ours.items():
        recalled = await our_recall(shelf, search, share, exact[share])
        print(f"{share:8.1%} {timing.p50_ms:9.1f} {timing.p95_ms:6.1f} {recalled:7.3f}", flush=True)
    if not alone:
        await report_langchain(shelf, ours, exact)
    worst = await time_each(shelf.common, _finder(search, shelf.audience(1.0)))
    print(f"four very common words, all permitted: p50 {worst.p50_ms:.1f} ms, p95 {worst.p95_ms:.1f} ms")
    as_asked = Search(
        shelf.store,
        KnownVectors(shelf.questions),
        Access(shelf.store),
        ranking=replace(DEFAULT_RANKING, acronyms=False, synonyms=False),
    )
    print(f"words: {await words_recall(shelf, as_asked):.3f} of the exact best ten by BM25, all permitted", flush=True)
    if naive:
        await report_naive(shelf, ours)
    return ours


async def settle(url: str) -> None:
    """What Postgres does by itself within minutes of so many new rows; else it does it while others are timed."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("vacuum (analyze)")
        await connection.execute("checkpoint")


async def report_langchain(
    shelf: Shelf, ours: Mapping[float, Timing], exact: Mapping[float, Sequence[Sequence[int]]]
) -> None:
    started = time.perf_counter()
    await fill_langchain(shelf.pool)
    print(f"PGVectorStore's table and index made in {time.perf_counter() - started:.0f} s", flush=True)
    await settle(shelf.url)
    print("permitted   PGVectorStore p50   p95  recall  returned   ours faster p50   p95")
    for share, peer in run_langchain(shelf.url, shelf.questions, shelf.access_ids).items():
        found = [list(map(int, one)) for one in peer["found"]]
        print(
            f"{share:8.1%} {peer['p50_ms']:19.1f} {peer['p95_ms']:6.1f} {recall(found, exact[share]):7.3f}"
            f" {statistics.mean(map(len, found)):9.1f}"
            f" {peer['p50_ms'] / ours[share].p50_ms:14.1f}x {peer['p95_ms'] / ours[share].p95_ms:5.1f}x",
            flush=True,
        )


def _finder(search: Search, audience: Audience) -> Callable[[Question], Awaitable[int]]:
    async def find(question: Question) -> int:
        return len(await search.find(question.text, audience, limit=LIMIT))

    return find


async def report_naive(shelf: Shelf, ours: Mapping[float, Timing]) -> None:
    naive = Naive(shelf.pool, shelf.access_ids)
    await naive.prepare()
    for share in SHARES:

        async def find(question: Question, share: float = share) -> int:
            return await naive.find(question, share)

        timing = await time_each(shelf.questions, find)
        print(
            f"by hand, {share:.1%} permitted: p50 {timing.p50_ms:.1f} ms, p95 {timing.p95_ms:.1f} ms,"
            f" {timing.returned:.1f} of {LIMIT} back; ours {timing.p50_ms / ours[share].p50_ms:.1f} times faster"
        )


async def exact_nearest(shelf: Shelf, share: float) -> list[list[int]]:
    """The nearest permitted chunks of the first COMPARED questions, every permitted one looked at."""
    async with shelf.store.snapshot() as snapshot:
        return [
            [
                one.chunk_id
                for one in await snapshot.rank_by_vector(
                    snapshot.moment.space, question.vector, access_ids=shelf.access_ids[share], limit=LIMIT, exact=True
                )
            ]
            for question in shelf.questions[:COMPARED]
        ]


async def our_recall(shelf: Shelf, search: Search, share: float, exact: Sequence[Sequence[int]]) -> float:
    found = [
        [one.chunk_id for one in (await search.find_separately(question.text, shelf.audience(share), limit=100)).dense]
        for question in shelf.questions[:COMPARED]
    ]
    return recall([one[:LIMIT] for one in found], exact)


async def words_recall(shelf: Shelf, search: Search) -> float:
    found, exact = [], []
    for question in shelf.questions[: COMPARED // 2]:
        separate = await search.find_separately(question.text, shelf.audience(1.0), limit=100)
        async with shelf.store.snapshot() as snapshot:
            standing = await snapshot.get_standing(question.text, shelf.access_ids[1.0])
            if not standing.terms:
                continue
            ranked = await snapshot.rank_by_words(
                question_weights(standing.terms, chunks=snapshot.moment.chunks),
                holding=[[term.id] for term in standing.terms],
                access_ids=shelf.access_ids[1.0],
                limit=LIMIT,
            )
        found.append([one.chunk_id for one in separate.bm25[:LIMIT]])
        exact.append([one.chunk_id for one in ranked])
    return recall(found, exact)


def recall(found: Sequence[Sequence[int]], exact: Sequence[Sequence[int]]) -> float:
    """The share of the exact nearest that came back."""
    pairs = list(zip(found[: len(exact)], exact, strict=True))
    return sum(len(set(one) & set(other)) for one, other in pairs) / sum(len(other) for _, other in pairs)


def print_slopes(timings: Mapping[int, Mapping[float, Timing]]) -> None:
    """How the time grows: the exponent e of chunks to the power of e, from the fewest to the most chunks."""
    least, most = min(timings), max(timings)
    for share in SHARES:
        growth = timings[most][share].p50_ms / timings[least][share].p50_ms
        slope = math.log(growth) / math.log(most / least)
        print(
            f"{share:.1%} permitted: {most / least:g} times the chunks, {growth:.2f} times the time: slope {slope:.2f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chunks", type=int, nargs="+", default=[10_000])
    parser.add_argument("--texts", type=Path, metavar="corpus.jsonl")
    parser.add_argument("--alone", action="store_true", help="without the peers, whose indices take long to make")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="what is made stays there, and is asked next time")
    chosen = parser.parse_args(arguments)
    timings: dict[int, dict[float, Timing]] = {}
    with nullcontext(chosen.keep) if chosen.keep else tempfile.TemporaryDirectory() as folder:
        with embedded_postgres(Path(folder)):
            """Its second start has the memory that it goes on with."""
        with embedded_postgres(Path(folder)) as url:
            for chunks in chosen.chunks:
                name, drawn = f"chunks_{chunks}", draw(chunks, chosen.texts)
                made = Path(folder) / f"{name}.json"
                if not made.exists():
                    made.write_text(json.dumps(asyncio.run(make(create_database(url, name), drawn))))
                database, permitted = make_conninfo(url, dbname=name), json.loads(made.read_text())
                timings[chunks] = asyncio.run(ask(database, drawn, permitted, alone=chosen.alone))
    if len(timings) > 1:
        print_slopes(timings)


if __name__ == "__main__":
    main()
