"""Rights that moved in the place: in the next sync, or in a refresh between syncs; and who sees it when."""

import asyncio
from dataclasses import replace

import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, group, user
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.errors import SyncInProgress
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import RightsState, refresh_memberships, refresh_rights, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact, versions_of_rows
from tests.fakes.place import Place

STAFF_ONLY = AccessRule.any_of([STAFF])
ADA = user("ada@example.com")


@pytest.fixture
async def place(store, embedder):
    """Synced once."""
    place = Place()
    for name in ("printer", "vpn", "holiday", "payroll"):
        place.put(name, f"# {name}\n\nAsk for the {name} form.\n")
    await sync(place, store=store, embedder=embedder)
    embedder.embedded.clear()
    place.read_keys.clear()
    return place


def many(store, embedder):
    place = Place()
    for number in range(60):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    return place


async def found(search, question, audience=None):
    return {passage.key for passage in await search.find(question, audience or Audience.public(), limit=100)}


# In a sync


async def test_a_sync_moves_rights_that_no_listing_tells_of(store, embedder, place):
    search = Search(store, HashedEmbedder(), Access(store))
    assert "payroll" in await found(search, "form")

    place.restrict("payroll", STAFF_ONLY)
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.rights_changed, receipt.unchanged, receipt.listed) == (RunState.COMPLETE, 1, 4, 0)
    assert (embedder.embedded, place.read_keys) == ([], [])
    assert "payroll" not in await found(search, "form")
    assert "payroll" in await found(search, "form", Audience.person([STAFF]))
    assert (await sync(place, store=store, embedder=embedder)).rights_changed == 0
    await assert_ledger_is_exact(store)


async def test_a_long_run_moves_rights_between_its_pages(store, embedder, place, monkeypatch):
    monkeypatch.setattr("knowledge.sync.run.RIGHTS_EVERY_S", 0.0)
    search = Search(store, HashedEmbedder(), Access(store))
    for number in range(60):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    seen = []

    class Watching(Place):
        async def read(self, listed):
            if listed.key == "doc-59":
                seen.append("payroll" in await found(search, "form"))
            return await super().read(listed)

    place.restrict("payroll", STAFF_ONLY)
    receipt = await sync(Watching(**vars(place)), store=store, embedder=embedder)

    assert seen == [False]
    assert (receipt.state, receipt.rights_changed, receipt.added) == (RunState.COMPLETE, 1, 60)


async def test_rights_that_a_long_run_has_seen_are_not_undone_by_its_older_listing(store, embedder, place, monkeypatch):
    """A listing is made at the beginning, and its last documents are stored hours later."""
    monkeypatch.setattr("knowledge.sync.run.RIGHTS_EVERY_S", 0.0)
    search = Search(store, HashedEmbedder(), Access(store))
    for number in range(110):
        place.put(f"doc-{number}", f"Document {number} about {'okapis' if number == 60 else 'zebras'}.")
    seen = []

    class Slow(Place):
        async def changes(self, since):
            for change in [change async for change in super().changes(since)]:
                yield change

        async def read(self, listed):
            if listed.key == "doc-0":
                self.restrict("doc-60", STAFF_ONLY)
            return replace(await super().read(listed), access=listed.access)  # as the real places do

        async def present(self):
            seen.append("doc-60" in await found(search, "okapis"))
            async for one in super().present():
                yield one

    receipt = await sync(Slow(**vars(place)), store=store, embedder=embedder)

    assert (receipt.state, receipt.added) == (RunState.COMPLETE, 110)
    assert len(seen) > 2
    assert not any(seen)
    assert "doc-60" in await found(search, "okapis", Audience.person([STAFF]))
    await assert_ledger_is_exact(store)


async def test_a_document_that_can_not_be_read_has_the_rights_of_the_moment_when_it_can(store, embedder, place):
    place.put("plan", "All about zebras.")
    place.unreadable["plan"] = "the reader took too long"
    await sync(place, store=store, embedder=embedder)
    place.restrict("plan", STAFF_ONLY)
    del place.unreadable["plan"]

    receipt = await sync(place, store=store, embedder=embedder)

    assert receipt.added == 1
    assert "plan" not in await found(Search(store, HashedEmbedder(), Access(store)), "zebras")


# Between syncs


async def test_a_refresh_moves_rights_and_memberships_and_looks_at_no_text(store, embedder, place):
    crew = group("place", "crew")
    search, access = Search(store, HashedEmbedder(), Access(store)), Access(store)
    place.restrict("payroll", AccessRule.any_of([crew]))
    place.groups = {crew: frozenset({ADA})}

    receipt = await refresh_rights(place, store=store)

    assert (receipt.state, receipt.moved, receipt.memberships_changed) == (RightsState.COMPLETE, 1, True)
    assert (receipt.requests, receipt.points) == (2, 4)
    assert (embedder.embedded, place.read_keys) == ([], [])
    assert "payroll" not in await found(search, "form")
    ada = await access.audience_of([Reader(email="ada@example.com", is_staff=False)])
    assert "payroll" in await found(search, "form", ada)
    await assert_ledger_is_exact(store)


async def test_a_refresh_that_finds_nothing_new_writes_nothing(store, place, database_url):
    before = versions_of_rows(database_url)

    receipt = await refresh_rights(place, store=store)

    assert (receipt.state, receipt.moved, receipt.gone) == (RightsState.COMPLETE, 0, 0)
    assert versions_of_rows(database_url) == before
    (status,) = (await store.get_status()).sources
    assert status.rights_at > status.synced_at


async def test_what_is_gone_is_hidden_by_a_refresh_and_shown_again_when_it_comes_back(store, embedder, place):
    search = Search(store, HashedEmbedder(), Access(store))
    page = place.pages.pop("payroll")

    gone = await refresh_rights(place, store=store)
    assert (gone.gone, gone.moved) == (1, 1)
    assert "payroll" not in await found(search, "form", Audience.person([STAFF, ADA]))
    place.pages["payroll"] = page
    back = await refresh_rights(place, store=store)

    assert (back.gone, back.moved) == (0, 1)
    assert "payroll" in await found(search, "form")
    place.remove("payroll")
    await refresh_rights(place, store=store)
    assert (await sync(place, store=store, embedder=embedder)).removed == 1


@pytest.mark.parametrize("left", [0, 30])
async def test_a_listing_that_lost_too_much_hides_nothing(store, embedder, left):
    place = many(store, embedder)
    await sync(place, store=store, embedder=embedder)
    place.pages = dict(list(place.pages.items())[:left])

    receipt = await refresh_rights(place, store=store)

    assert (receipt.state, receipt.held_back, receipt.gone, receipt.moved) == (RightsState.HELD, 60 - left, 0, 0)
    assert len(await found(Search(store, HashedEmbedder(), Access(store)), "zebras")) == 60


async def test_rights_that_are_listed_move_even_where_the_brake_holds(store, embedder):
    place = many(store, embedder)
    await sync(place, store=store, embedder=embedder)
    place.pages = dict(list(place.pages.items())[:30])
    place.restrict("doc-3", STAFF_ONLY)

    receipt = await refresh_rights(place, store=store)

    assert (receipt.state, receipt.moved) == (RightsState.HELD, 1)
    assert "doc-3" not in await found(Search(store, HashedEmbedder(), Access(store)), "zebras")


async def test_a_place_that_is_down_leaves_rights_as_they_are_and_the_status_says_so(store, embedder, place):
    place.is_down = True

    receipt = await refresh_rights(place, store=store)

    assert (receipt.state, receipt.reason) == (RightsState.FAILED, "it is down")
    assert (await store.get_status()).sources[0].rights_problem == "it is down"
    place.is_down = False
    await refresh_rights(place, store=store)
    assert (await store.get_status()).sources[0].rights_problem is None


async def test_a_refresh_gives_way_to_a_sync(store, place):
    async with store.writer("place"):
        assert (await refresh_rights(place, store=store)).state is RightsState.SKIPPED


async def test_a_sync_that_begins_while_the_place_is_asked_goes_first(store, embedder, place):
    """What the place said before the sync is old by then: a document added meanwhile must not be hidden."""

    class Slow(Place):
        async def present(self):
            async for one in super().present():
                yield one
            place.put("news", "A form about zebras.")
            receipts.append(await sync(place, store=store, embedder=embedder))

    receipts = []
    receipt = await refresh_rights(Slow(**vars(place)), store=store)

    assert (receipts[0].state, receipt.state) == (RunState.COMPLETE, RightsState.SKIPPED)
    assert "news" in await found(Search(store, HashedEmbedder(), Access(store)), "zebras")


async def test_a_sync_waits_for_the_moment_in_which_a_refresh_writes(store, embedder, place):
    async with store.rights_writer("place") as writer:
        await writer.lock()
        waiting = asyncio.create_task(sync(place, store=store, embedder=embedder))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert (await waiting).state is RunState.COMPLETE


async def test_a_second_sync_is_refused_at_once_while_a_refresh_looks_at_the_place(store, embedder, place):
    async with store.rights_writer("place"), store.writer("place"):
        with pytest.raises(SyncInProgress):
            await sync(place, store=store, embedder=embedder)


async def test_one_refresh_at_a_time(store, place):
    async with store.rights_writer("place"):
        assert (await refresh_rights(place, store=store)).state is RightsState.SKIPPED
        with pytest.raises(SyncInProgress):
            async with store.rights_writer("place"):
                pass


# Directories


class Chat:
    """A chat platform's user groups: members and no documents."""

    name = "chat"

    def __init__(self):
        self.groups = {}

    async def memberships(self):
        return self.groups


async def test_a_directory_supplies_members_of_groups_that_rules_of_sources_name(store, embedder, place):
    chat, access = Chat(), Access(store)
    search = Search(store, HashedEmbedder(), access)
    crew, everyone = group("chat", "crew"), group("chat", "everyone")
    place.restrict("payroll", AccessRule.any_of([everyone]))
    await refresh_rights(place, store=store)
    ada = Reader(email="ada@example.com", is_staff=False)
    assert "payroll" not in await found(search, "form", await access.audience_of([ada]))

    chat.groups = {everyone: frozenset({crew}), crew: frozenset({ADA})}
    changed = await refresh_memberships(chat, store=store)

    assert (changed.state, changed.memberships_changed) == (RightsState.COMPLETE, True)
    assert "payroll" in await found(search, "form", await access.audience_of([ada]))
    assert not (await refresh_memberships(chat, store=store)).memberships_changed
    chat.groups = {everyone: frozenset({crew})}
    await refresh_memberships(chat, store=store)
    assert "payroll" not in await found(search, "form", await access.audience_of([ada]))


# When a revoked right is seen


@pytest.mark.parametrize("how", ["refresh", "sync"])
async def test_a_right_revoked_elsewhere_holds_for_the_next_search_and_the_check_before_posting(
    store, embedder, place, database_url, how
):
    access = Access(store)
    search = Search(store, HashedEmbedder(), access)
    answer = [passage for passage in await search.find("payroll form", Audience.public()) if passage.key == "payroll"]
    ids = {passage.chunk_id for passage in answer}
    assert await search.still_readable(ids, Audience.public()) == ids

    place.restrict("payroll", STAFF_ONLY)
    async with open_pool(database_url, max_size=2) as elsewhere:
        other = Store(elsewhere)
        await (refresh_rights(place, store=other) if how == "refresh" else sync(place, store=other, embedder=embedder))

    assert await search.still_readable(ids, Audience.public()) == frozenset()
    assert await search.get_passage(answer[0].chunk_id, Audience.public()) is None
    assert "payroll" not in await found(search, "form")


@pytest.mark.parametrize("how", ["refresh", "sync"])
async def test_a_right_that_was_given_holds_for_a_search_that_was_open_before(store, embedder, place, how):
    search, ada = Search(store, HashedEmbedder(), Access(store)), Audience.person([ADA])
    place.restrict("payroll", STAFF_ONLY)
    await refresh_rights(place, store=store)
    assert "payroll" not in await found(search, "form", ada)

    place.restrict("payroll", AccessRule.any_of([ADA]))
    await (refresh_rights(place, store=store) if how == "refresh" else sync(place, store=store, embedder=embedder))

    assert "payroll" in await found(search, "form", ada)


@pytest.mark.parametrize("number", range(20))
async def test_nothing_revoked_before_a_search_begins_is_found_while_searches_and_refreshes_race(
    store, embedder, place, number
):
    search = Search(store, HashedEmbedder(), Access(store))
    revoked = asyncio.Event()

    async def revoke():
        await asyncio.sleep(number / 1000)
        place.restrict("payroll", STAFF_ONLY)
        await refresh_rights(place, store=store)
        revoked.set()

    async def look():
        for _ in range(12):
            was_revoked = revoked.is_set()
            keys = await found(search, "payroll form", Audience.person([PUBLIC]))
            assert not (was_revoked and "payroll" in keys)

    await asyncio.gather(revoke(), look())
    assert "payroll" not in await found(search, "payroll form")
