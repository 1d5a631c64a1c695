"""A sync or a reembedding that is killed before any of its statements: nothing is lost, doubled or shown."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import AsyncCursor

from connectors.documents import PUBLIC, AccessRule, user
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.spaces import reembed
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.place import Place
from tests.thorough import some_of

STATEMENTS = 156
"""Of the sync below, in November 2026."""

SECRET = AccessRule.any_of([user("ada@example.com")])


class Killed(BaseException):
    """Nothing of a process that is killed goes on."""


class Another(HashedEmbedder):
    model = "another"


@contextmanager
def killed_before(statement: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connection breaks off and whoever used it ends."""
    count = 0

    def counted(send):
        async def send_or_die(cursor, *words, **options):
            nonlocal count
            count += 1
            if count == statement:
                cursor.connection.pgconn.finish()
                raise Killed
            return await send(cursor, *words, **options)

        return send_or_die

    with monkeypatch.context() as patched:
        for name in ("execute", "executemany"):
            patched.setattr(AsyncCursor, name, counted(getattr(AsyncCursor, name)))
        with pytest.raises((Killed, psycopg.Error, BaseExceptionGroup)):
            yield


def a_place() -> Place:
    place = Place()
    for number in range(30):
        place.put(f"doc-{number}", f"Zebras, part {number}.\n\n## More\n\nThe Big Zebra Board (BZB) meets.")
    place.put("secret", "Secret zebras.", access=SECRET)
    return place


def change(place: Place) -> None:
    for number in range(5):
        place.put(f"doc-{number}", f"Changed zebras, part {number}.")
        place.remove(f"doc-{number + 5}")
    place.restrict("doc-10", SECRET)
    place.move("doc-11", title="Another title", trail=("Zoo",))
    place.put("doc-12", "Unreadable now.")
    place.unreadable["doc-12"] = "it is torn"
    place.put("new", "New zebras.")
    place.put("new secret", "New secret zebras.", access=SECRET)


async def found_by_all(store: Store, embedder: HashedEmbedder) -> set[str]:
    found = await Search(store, embedder, Access(store)).find("zebras", Audience.public(), limit=300)
    return {passage.key for passage in found}


async def assert_all_is_well(place: Place, store: Store, embedder: HashedEmbedder) -> None:
    """Nothing is shown too early, and the next run has everything as the place has it."""
    assert not await found_by_all(store, embedder) & {"secret", "new secret"}
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.state, receipt.balances) == (RunState.COMPLETE, True)
    await assert_ledger_is_exact(store)
    assert await found_by_all(store, embedder) == {
        key for key, page in place.pages.items() if page.access.admits(frozenset({PUBLIC}))
    }
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.chunks_embedded, receipt.unchanged) == (0, len(place.pages) - 1)


@pytest.mark.parametrize("statement", some_of(range(5, STATEMENTS), every=14))
async def test_a_sync_killed_before_any_statement(
    statement: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_place()
    async with open_pool(database_url, max_size=3) as pool:
        await sync(place, store=Store(pool), embedder=HashedEmbedder())
        change(place)
        with killed_before(statement, monkeypatch):
            await sync(place, store=Store(pool), embedder=HashedEmbedder())
    async with open_pool(database_url, max_size=3) as pool:
        await assert_all_is_well(place, Store(pool), HashedEmbedder())


@pytest.mark.parametrize("statement", some_of(range(2, 10), every=3))
async def test_a_reembedding_killed_before_any_statement(
    statement: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_place()
    async with open_pool(database_url, max_size=3) as pool:
        await sync(place, store=Store(pool), embedder=HashedEmbedder())
        change(place)
        with killed_before(statement, monkeypatch):
            await reembed(Store(pool), Another())
    async with open_pool(database_url, max_size=3) as pool:
        await reembed(Store(pool), Another())
        await assert_all_is_well(place, Store(pool), Another())
