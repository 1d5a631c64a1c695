"""Nobody reads what they could not open: random worlds against an oracle written from the definition."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal, group, user
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.chunks import ChunkOptions, split
from knowledge.permitted import EXACT_BELOW
from knowledge.postgres import open_pool
from knowledge.search import Search
from knowledge.store import DocumentWrite, Store
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.many_chunks import clustered_vectors, fill, zipf_texts
from tests.fakes.place import Page, Place
from tests.thorough import tried

WORDS = [
    "printer",
    "vpn",
    "holiday",
    "payroll",
    "laptop",
    "badge",
    "kitchen",
    "parking",
    "tax",
    "travel",
    "lunch",
    "visitor",
]
SOURCES = ("wiki", "drive")


class World:
    """People, groups (nested and in rings), rules (conjunctions) and documents of two sources, all by chance."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.people = [Reader(email=f"p{n}@example.com", is_staff=self.rng.random() < 0.7) for n in range(40)]
        self.people.append(Reader(email=None, is_staff=False))
        self.groups = {source: [group(source, f"g{n}") for n in range(12)] for source in SOURCES}
        self.members = {source: self.some_memberships(source) for source in SOURCES}
        self.rules = {source: [self.some_rule(source) for _ in range(25)] for source in SOURCES}
        self.documents = {
            f"{source}-{n}": (source, self.rng.choice(self.rules[source]), self.some_text())
            for source in SOURCES
            for n in range(60)
        }

    def some_memberships(self, source):
        everybody = [user(person.email) for person in self.people if person.email]
        return {
            one: frozenset(
                self.rng.sample(everybody, self.rng.randrange(4))
                + self.rng.sample(self.groups[source], self.rng.randrange(3))
                + self.rng.sample(self.groups[self.rng.choice(SOURCES)], self.rng.randrange(2))
                + ([STAFF] if self.rng.random() < 0.05 else [])
            )
            for one in self.groups[source]
        }

    def some_rule(self, source):
        sets = [
            frozenset(
                self.rng.choice([PUBLIC, STAFF, *self.groups[source], user(self.rng.choice(self.people).email or "x")])
                for _ in range(self.rng.randrange(4))
            )
            for _ in range(self.rng.choice([1, 1, 1, 2, 3]))
        ]
        return AccessRule(all_of=frozenset(sets))

    def some_text(self):
        return " ".join(self.rng.choices(WORDS, k=self.rng.randrange(3, 30)))

    def some_readers(self):
        return self.rng.sample(self.people, self.rng.choice([1, 1, 1, 2, 3, 8, 20]))

    def may_open(self, reader, rule):
        """The definition: in each set, the reader, everyone, staff, or a group with a member that is one of these."""
        own = {PUBLIC}
        if reader.email:
            own.add(user(reader.email))
        if reader.is_staff:
            own.add(STAFF)
        return all(any(self._stands_for(one, own, set()) for one in one_of) for one_of in rule.all_of)

    def _stands_for(self, principal, own, seen):
        if principal in own:
            return True
        if principal in seen:
            return False
        seen.add(principal)
        members = [m for source in SOURCES for m in self.members[source].get(principal, ())]
        return any(self._stands_for(member, own, seen) for member in members)

    def readable(self, readers):
        return {
            key
            for key, (_, rule, _) in self.documents.items()
            if all(self.may_open(reader, rule) for reader in readers)
        }

    async def store(self, store, embedder):
        for source in SOURCES:
            async with store.writer(source) as writer:
                space = await writer.get_space(model=embedder.model, dimension=embedder.dimension)
                await writer.replace_memberships(self.members[source])
                await self._write(writer, space, embedder, [key for key in self.documents if key.startswith(source)])

    async def _write(self, writer, space, embedder, keys):
        writes = []
        for key in keys:
            _, rule, text = self.documents[key]
            document = await Place(pages={key: Page(text=text, title=key)}).read_page(key)
            chunks = split(document, count_tokens=embedder.count_tokens, options=ChunkOptions())
            texts = {chunk.digest: chunk.embedded_text for chunk in chunks}
            missing = await writer.vectors.reserve(space, texts)
            if missing:
                vectors = await embedder.embed([texts[digest] for digest in missing])
                await writer.vectors.add(space, dict(zip(missing, vectors, strict=True)))
            writes.append(
                DocumentWrite(
                    key=key,
                    version="1",
                    recipe="",
                    title=key,
                    listed_title=key,
                    url="",
                    access=rule,
                    modified_at=datetime(2026, 1, 1, tzinfo=UTC),
                    chunks=chunks,
                )
            )
        await writer.write(writes, space)

    async def change_something(self, store, embedder):
        """A membership, or the rule of a document; in effect when it returns."""
        source = self.rng.choice(SOURCES)
        async with store.writer(source) as writer:
            if self.rng.random() < 0.5:
                self.members[source] = self.some_memberships(source)
                await writer.replace_memberships(self.members[source])
                return
            space = await writer.get_space(model=embedder.model, dimension=embedder.dimension)
            key = self.rng.choice([key for key in self.documents if key.startswith(source)])
            rule = self.rng.choice([*self.rules[source], self.some_rule(source)])
            self.documents[key] = (source, rule, self.documents[key][2])
            await self._write(writer, space, embedder, [key])


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


async def list_chunks(pool):
    """Every chunk that there is, whoever may read it, with its document's key."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select chunk.id, document.key from knowledge.chunk join knowledge.document on document.id = document_id"
        )
        return dict(await cursor.fetchall())


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
