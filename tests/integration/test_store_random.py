"""Random edits of a place: after each run the store holds what the place has, and every count is exact."""

import random

import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal
from knowledge.chunks import ChunkOptions, split
from knowledge.receipts import RunState
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.place import Place

RULES = [
    AccessRule.any_of([PUBLIC]),
    AccessRule.any_of([STAFF]),
    AccessRule(all_of=frozenset({frozenset({STAFF}), frozenset({Principal("group:place/a")})})),
    AccessRule.nobody(),
]


def some_text(rng):
    words = ["printer", "vpn", "holiday", "payroll", "laptop", "badge", "kitchen", "parking"]
    parts = [
        f"## {rng.choice(words)} {rng.randrange(4)}\n\n{' '.join(rng.choices(words, k=rng.randrange(1, 60)))}."
        for _ in range(rng.randrange(5))
    ]
    return "\n\n".join(parts)


def edit(place, rng):
    for _ in range(rng.randrange(8)):
        key = f"doc-{rng.randrange(30)}"
        match rng.randrange(6):
            case 0 | 1:
                place.put(key, some_text(rng), title=rng.choice(["One", "Two", key]), access=rng.choice(RULES))
            case 2 if key in place.pages:
                place.move(key, title=rng.choice(["Three", "Four"]))
            case 3 if key in place.pages:
                place.move(key, access=rng.choice(RULES))
            case 4 if key in place.pages:
                place.remove(key)
            case 5:
                place.unreadable = {key: "it is encrypted"} if rng.random() < 0.5 else {}
            case _:
                pass
    place.cut_after = rng.choice([None, None, None, 0, 2])
    place.down_after = rng.choice([None, None, None, None, 1])
    place.lists_nothing = rng.random() < 0.05


async def stored_texts(store):
    """(title, access, texts in order) by key."""
    async with store.snapshot() as snapshot:
        cursor = await snapshot._connection.execute(
            """
            select
              key, title, all_of,
              array(select text from knowledge.chunk where document_id = document.id order by position)
            from knowledge.document
            join knowledge.access_rule on access_rule.id = access_id
            """
        )
        return {key: (title, sorted(map(sorted, rule)), texts) for key, title, rule, texts in await cursor.fetchall()}


async def wanted_texts(place, embedder):
    wanted = {}
    for key, page in place.pages.items():
        document = await place.read_page(key)
        chunks = split(document, count_tokens=embedder.count_tokens, options=ChunkOptions())
        wanted[key] = (page.title, sorted(map(sorted, page.access.all_of)), [chunk.text for chunk in chunks])
    return wanted


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_store_follows_the_place(pool, seed):
    rng, store, embedder, place = random.Random(seed), Store(pool), HashedEmbedder(), Place()
    complete = 0
    for _ in range(16):
        edit(place, rng)
        receipt = await sync(
            place, store=store, embedder=embedder, full=rng.random() < 0.2, approve_removals=not place.lists_nothing
        )

        assert receipt.balances, receipt
        await assert_ledger_is_exact(store)
        if receipt.state is RunState.COMPLETE and not receipt.skipped and not place.lists_nothing:
            complete += 1
            assert await stored_texts(store) == await wanted_texts(place, embedder)
    assert complete >= 1
