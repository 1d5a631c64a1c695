"""The index of vectors while it is built: others see how far it is."""

import asyncio

import numpy as np
import pytest

from connectors.documents import PUBLIC, AccessRule
from knowledge.store import Store
from tests.fakes.many_chunks import clustered_vectors, fill

CHUNKS = 12_000


@pytest.mark.slow
async def test_others_see_how_far_the_index_is_while_it_is_built(pool):
    store = Store(pool)
    rng = np.random.default_rng(1)
    vectors = clustered_vectors(rng, chunks=CHUNKS, dimension=64)
    seen: list[float] = []

    async def look() -> None:  # without a pause: while the first of all blocks is read, Postgres says all are done
        while True:
            if build := await store.find_index_build():
                seen.append(build.share)

    looking = asyncio.create_task(look())
    rules = [AccessRule.any_of([PUBLIC])] * CHUNKS
    await fill(store, model="bench", texts=["a word"] * CHUNKS, vectors=vectors, rules=rules)
    looking.cancel()

    assert seen, "nobody saw it being built"
    assert seen == sorted(seen)
    assert all(0 <= share <= 1 for share in seen)
    assert await store.find_index_build() is None
    assert (await store.get_status()).index_build is None


@pytest.mark.parametrize(("chunks", "kept"), [(0, 200), (100_000, 200), (500_000, 400), (1_000_000, 800), (10**7, 800)])
async def test_a_walk_of_the_index_keeps_more_in_view_the_more_there_is(pool, chunks, kept):
    async with pool.connection() as connection:
        await connection.execute("update knowledge.state set chunks = %s", [chunks])
    async with Store(pool).snapshot() as snapshot:
        cursor = await snapshot.connection.execute("select current_setting('hnsw.ef_search')::integer")
        assert await cursor.fetchall() == [(kept,)]
