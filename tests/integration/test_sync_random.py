"""Random edits, restrictions and groups of a place: synced step by step, against a full sync and against an oracle.

The oracle computes who may open what from the place's own sets of people, by a definition of its own.
"""

import random

import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, group, user
from knowledge.access import Access, Reader
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import RightsState, refresh_rights, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.place import Place

PEOPLE = [f"p{number}@example.com" for number in range(25)]
STRANGER = None
GROUPS = [f"g{number}" for number in range(8)]
KEYS = [f"doc-{number}" for number in range(40)]


class World:
    """A place as sets of names, beside the source that shows it."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.place = Place(name="place")
        self.members = {name: set() for name in GROUPS}
        self.readers = {}
        """By key: a list of sets of names; each set must hold the reader, a group of theirs, `staff` or `public`."""
        for key in KEYS:
            self.put(key)

    def change(self):
        for _ in range(self.rng.randrange(1, 10)):
            self.rng.choice([self.put, self.put, self.move, self.restrict, self.restrict, self.remove, self.regroup])()

    def put(self, key=None):
        key = key or self.rng.choice(KEYS)
        self.readers.setdefault(key, self.some_readers())
        words = " ".join(self.rng.choices(["printer", "vpn", "holiday", "payroll"], k=self.rng.randrange(1, 40)))
        self.place.put(key, f"{words} everywhere {key}", access=self.rule(key), trail=tuple(self.rng.sample(GROUPS, 2)))

    def move(self):
        if key := self.some_key():
            self.place.move(key, title=f"Title {self.rng.randrange(100)}", trail=(f"Space {self.rng.randrange(5)}",))

    def restrict(self):
        """Half of the places tell of it in their listing, half do not."""
        if key := self.some_key():
            self.readers[key] = self.some_readers()
            if self.rng.random() < 0.5:
                self.place.move(key, access=self.rule(key))
            else:
                self.place.restrict(key, self.rule(key))

    def remove(self):
        if (key := self.some_key()) and self.rng.random() < 0.5:
            self.place.remove(key)
            del self.readers[key]

    def regroup(self):
        name = self.rng.choice(GROUPS)
        self.members[name] = {
            *self.rng.sample(PEOPLE, self.rng.randrange(5)),
            *self.rng.sample(GROUPS, self.rng.randrange(3)),
        }
        self.place.groups = {
            group("place", one): frozenset(user(name) if "@" in name else group("place", name) for name in names)
            for one, names in self.members.items()
        }

    def some_key(self):
        return self.rng.choice(sorted(self.place.pages)) if self.place.pages else None

    def some_readers(self):
        names = [*PEOPLE, *GROUPS, *GROUPS, "staff", "staff", "public"]
        return [set(self.rng.sample(names, self.rng.randrange(4))) for _ in range(self.rng.choice([1, 1, 2, 3]))]

    def rule(self, key):
        named = {"staff": STAFF, "public": PUBLIC}
        return AccessRule(
            all_of=frozenset(
                frozenset(named.get(name) or (user(name) if "@" in name else group("place", name)) for name in one_of)
                for one_of in self.readers[key]
            )
        )

    def may_open(self, person, key):
        return all(
            any(name == "public" or (person is not STRANGER and self.holds(name, person)) for name in one_of)
            for one_of in self.readers[key]
        )

    def holds(self, name, person):
        """Whether the name is the person, all staff, or a group that holds the person however deeply."""
        seen, left = set(), [name]
        while left:
            one = left.pop()
            if one in ("staff", person):
                return True
            if one not in seen:
                seen.add(one)
                left.extend(self.members.get(one, ()))
        return False


async def check(world, store):
    """Every person against every document; how many pairs that were."""
    access = Access(store)
    search = Search(store, HashedEmbedder(dimension=16), access)
    for person in [*PEOPLE, STRANGER]:
        audience = await access.audience_of([Reader(email=person, is_staff=person is not STRANGER)])
        found = {passage.key for passage in await search.find("everywhere", audience, limit=len(KEYS) * 3)}
        assert found == {key for key in world.place.pages if world.may_open(person, key)}, person
    return (len(PEOPLE) + 1) * len(world.place.pages)


async def stored(store):
    async with store.snapshot() as snapshot:
        cursor = await snapshot.connection.execute(
            """
            select key, version, title, trail, all_of::text, array(
              select text from knowledge.chunk where document_id = document.id order by position
            )
            from knowledge.document
            join knowledge.access_rule on access_rule.id = access_id
            order by key
            """
        )
        return await cursor.fetchall()


async def run(seed, pool, steps):
    world, store, embedder = World(seed), Store(pool), HashedEmbedder(dimension=16)
    pairs = 0
    for _ in range(steps):
        world.change()
        if world.rng.random() < 0.4:
            receipt = await refresh_rights(world.place, store=store)
            assert receipt.state in (RightsState.COMPLETE, RightsState.HELD)
        receipt = await sync(world.place, store=store, embedder=embedder, approve_removals=True)
        assert (receipt.state, receipt.balances, receipt.skipped) == (RunState.COMPLETE, True, {})
        pairs += await check(world, store)
    incremental = await stored(store)
    full = await sync(world.place, store=store, embedder=embedder, full=True)
    assert (full.unchanged, full.renamed, full.rights_changed) == (len(world.place.pages), 0, 0)
    assert await stored(store) == incremental
    await assert_ledger_is_exact(store)
    return pairs


async def test_everybody_finds_what_they_may_open_after_each_of_many_syncs(pool):
    assert await run(1, pool, steps=6) > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
async def test_everybody_finds_what_they_may_open_in_100000_pairs(pool, seed):
    assert await run(seed, pool, steps=20) > 17_000
