"""Nobody reads what they could not open: random worlds against an oracle written from the definition."""

import numpy as np
import pytest

from connectors.documents import PUBLIC, AccessRule, Principal, user
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.permitted import EXACT_BELOW
from knowledge.postgres import open_pool
from knowledge.search import Search
from knowledge.store import Store
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.many_chunks import clustered_vectors, fill, zipf_texts
from tests.fakes.world import WORDS, World, list_chunks
from tests.thorough import tried


async def check_searches(world, pool, *, searches, change_every):
    store, embedder = Store(pool), HashedEmbedder(dimension=32)
    await world.store(store, embedder)
    access = Access(store)
    search = Search(store, embedder, access)
    seen_some = 0
    for number in range(searches):
        if number % change_every == change_every - 1:
            await world.change_something(store, embedder)
        readers, limit = world.some_readers(), world.rng.choice([1, 5, 8])
        readable = world.readable(readers)
        audience = await access.audience_of(readers)
        question = " ".join(world.rng.choices(WORDS, k=world.rng.randrange(1, 5)))

        found = await search.find(question, audience, limit=limit)

        keys = {passage.key for passage in found}
        assert keys <= readable, f"search {number} showed {keys - readable}"
        assert len(found) == min(limit, len(readable)), f"search {number} gave {len(found)} of {len(readable)}"
        seen_some += bool(found)
        if number % 10 == 0:
            await check_one_by_one(world, search, audience, readable, await list_chunks(pool))
    assert seen_some > searches / 4


async def check_one_by_one(world, search, audience, readable, ids):
    alone = await search.find_separately(" ".join(WORDS), audience, limit=200)
    assert {passage.key for passage in alone.dense} == readable
    assert {passage.key for passage in alone.bm25} == readable
    assert await search.still_readable(ids, audience) == {one for one, key in ids.items() if key in readable}
    for one in world.rng.sample(sorted(ids), 5):
        assert (await search.get_passage(one, audience) is not None) == (ids[one] in readable)


async def test_500_random_searches_show_nothing_that_a_reader_could_not_open(pool):
    await check_searches(World(7), pool, searches=500, change_every=20)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(tried(1, thoroughly=10)))
async def test_random_searches_show_nothing_that_a_reader_could_not_open(pool, seed):
    await check_searches(World(100 + seed), pool, searches=1_000, change_every=25)


# A right that was taken away


async def test_a_revoked_right_holds_for_the_next_search_of_another_process(pool, database_url):
    world = World(3)
    crew = world.groups["wiki"][0]
    world.members["wiki"] = {crew: frozenset({user("p1@example.com")})}
    world.documents = {"wiki-0": ("wiki", AccessRule.any_of([crew]), "printer")}
    store, embedder = Store(pool), HashedEmbedder(dimension=32)
    await world.store(store, embedder)
    access = Access(store)
    search = Search(store, embedder, access)
    member = Reader(email="p1@example.com", is_staff=False)
    before = await access.audience_of([member])
    assert await search.find("printer", before)

    async with open_pool(database_url, max_size=1) as elsewhere, Store(elsewhere).writer("wiki") as writer:
        await writer.replace_memberships({})

    assert await search.find("printer", await access.audience_of([member])) == []


async def test_a_document_whose_rule_narrowed_is_gone_from_the_next_search(pool):
    world = World(3)
    world.documents = {"wiki-0": ("wiki", AccessRule.any_of([PUBLIC]), "printer")}
    store, embedder = Store(pool), HashedEmbedder(dimension=32)
    await world.store(store, embedder)
    search = Search(store, embedder, Access(store))
    (passage,) = await search.find("printer", Audience.public())

    world.documents["wiki-0"] = ("wiki", AccessRule.nobody(), "printer")
    await world.store(store, embedder)

    assert await search.find("printer", Audience.public()) == []
    assert await search.get_passage(passage.chunk_id, Audience.public()) is None
    assert await search.still_readable([passage.chunk_id], Audience.public()) == frozenset()


async def test_a_rule_that_was_never_seen_before_counts_in_a_search_that_was_open_before(pool):
    world = World(3)
    world.documents = {"wiki-0": ("wiki", AccessRule.any_of([PUBLIC]), "printer")}
    store, embedder = Store(pool), HashedEmbedder(dimension=32)
    await world.store(store, embedder)
    search, ada = Search(store, embedder, Access(store)), Audience.person([user("ada@example.com")])
    assert len(await search.find("printer", ada)) == 1

    world.documents["wiki-1"] = ("wiki", AccessRule.any_of([user("ada@example.com")]), "printer")
    await world.store(store, embedder)

    assert len(await search.find("printer", ada)) == 2
    assert len(await search.find("printer", Audience.public())) == 1


# All k, always

SHARES = {"all": 1.0, "third": 0.3, "tenth": 0.1, "hundredth": 0.01, "thousandth": 0.001}


async def test_all_k_come_back_at_any_share_of_permitted_chunks(pool):
    chunks, dimension, rng = 20_000, 32, np.random.default_rng(5)
    groups = {name: Principal(f"group:many/{name}") for name in SHARES}
    drawn = rng.random(chunks)
    rules = [AccessRule.any_of([groups[name] for name, share in SHARES.items() if one < share]) for one in drawn]
    store = Store(pool)
    await fill(
        store,
        model="hashed",
        texts=zipf_texts(rng, chunks=chunks, words=6, vocabulary=3_000),
        vectors=clustered_vectors(rng, chunks=chunks, dimension=dimension),
        rules=rules,
    )
    search = Search(store, HashedEmbedder(dimension=dimension), Access(store))

    for name, share in SHARES.items():
        permitted = int((drawn < share).sum())
        audience = Audience.person([groups[name]])
        for question in ("w1x", "w1x w2x w3x w4x", "w2900x w2950x", "unheard of", "😀", "w7x " * 500):
            for limit in (8, 30):
                found = await search.find(question, audience, limit=limit)
                assert len({passage.chunk_id for passage in found}) == min(limit, permitted), (name, question, limit)
                assert all(drawn[int(passage.key.removeprefix("doc-"))] < share for passage in found)
    assert int((drawn < SHARES["third"]).sum()) > EXACT_BELOW
