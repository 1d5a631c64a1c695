"""A sync against a place that behaves and misbehaves like real ones."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, group, user
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.chunks import ChunkOptions
from knowledge.errors import EmbedderUnavailable, SpaceMismatch, SyncInProgress
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.spaces import reembed
from knowledge.sync import HELD_BACK, NO_TEXT, NOT_LISTED, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact, versions_of_rows
from tests.fakes.place import Place

STAFF_ONLY = AccessRule.any_of([STAFF])


@pytest.fixture
def place():
    place = Place()
    for name in ("printer", "vpn", "holiday", "payroll"):
        place.put(
            name, f"# {name}\n\nAll about the {name} and how to get one.\n\n## Rules\n\nAsk for the {name} form.\n"
        )
    return place


async def found(store, embedder, question, *, audience=None):
    search = Search(store, embedder, Access(store))
    return [passage.key for passage in await search.find(question, audience or Audience.public())]


# What changed


async def test_a_first_run_adds_everything_and_it_is_found(store, embedder, place):
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.found, receipt.added) == (RunState.COMPLETE, 4, 4)
    assert receipt.chunks_embedded == len(embedder.embedded) > 0
    assert (await found(store, embedder, "payroll form"))[0] == "payroll"


async def test_a_second_run_reads_embeds_and_writes_nothing(store, embedder, place, database_url):
    await sync(place, store=store, embedder=embedder)
    place.read_keys.clear()
    embedder.embedded.clear()
    before = versions_of_rows(database_url)

    for full in (False, True):
        receipt = await sync(place, store=store, embedder=embedder, full=full)
        assert (receipt.state, receipt.found, receipt.unchanged) == (RunState.COMPLETE, 4, 4)

    assert (place.read_keys, embedder.embedded) == ([], [])
    assert versions_of_rows(database_url) == before


async def test_only_what_changed_is_read_and_only_new_text_is_embedded(store, embedder, place):
    place.put(
        "vpn", place.pages["vpn"].text + "\n".join(f"\n## Part {n}\n\n{'Words of part ' * 20}{n}.\n" for n in range(4))
    )
    await sync(place, store=store, embedder=embedder)
    place.read_keys.clear()
    embedder.embedded.clear()

    place.put("vpn", place.pages["vpn"].text + f"\n## News\n\n{'The gateway has moved. ' * 20}\n")
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.changed, receipt.unchanged) == (1, 3)
    assert place.read_keys == ["vpn"]
    assert embedder.embedded
    assert all("gateway" in text for text in embedder.embedded)
    assert receipt.chunks_reused >= 4


async def test_a_chunk_whose_text_stays_keeps_its_id(store, embedder, place):
    search = Search(store, embedder, Access(store))
    place.put("vpn", f"## One\n\n{'alpha ' * 60}\n\n## Two\n\n{'omega ' * 60}\n")
    await sync(place, store=store, embedder=embedder)
    before = (await search.find("omega", Audience.public()))[0]

    place.put("vpn", f"## Zero\n\n{'news ' * 60}\n\n## One\n\n{'alpha ' * 60}\n\n## Two\n\n{'omega ' * 60}\n")
    await sync(place, store=store, embedder=embedder)

    after = (await search.find("omega", Audience.public()))[0]
    assert (after.chunk_id, after.text) == (before.chunk_id, before.text)


async def test_the_same_text_in_another_source_is_not_embedded_again(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    embedder.embedded.clear()

    receipt = await sync(Place(name="copy", pages=dict(place.pages)), store=store, embedder=embedder)

    assert (receipt.added, receipt.chunks_embedded, embedder.embedded) == (4, 0, [])


async def test_a_new_title_is_found_and_embeds_nothing(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    embedder.embedded.clear()

    place.move("vpn", title="Zanzibar tunnel")
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.unchanged, receipt.renamed, embedder.embedded) == (4, 1, [])
    search = Search(store, embedder, Access(store))
    best = (await search.find("zanzibar", Audience.public()))[0]
    assert (best.key, best.title) == ("vpn", "Zanzibar tunnel")
    assert best.scores.bm25 > 0


async def test_new_rights_hold_at_once_and_embed_nothing(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    assert "payroll" in await found(store, embedder, "payroll form")
    embedder.embedded.clear()
    place.read_keys.clear()

    place.move("payroll", access=STAFF_ONLY)
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.rights_changed, receipt.unchanged, embedder.embedded, place.read_keys) == (1, 4, [], [])
    assert "payroll" not in await found(store, embedder, "payroll form")
    assert "payroll" in await found(store, embedder, "payroll form", audience=Audience.person([STAFF]))


async def test_a_document_that_is_opened_is_found_by_those_it_was_opened_to(store, embedder, place):
    place.put("payroll", place.pages["payroll"].text, access=STAFF_ONLY)
    await sync(place, store=store, embedder=embedder)
    assert "payroll" not in await found(store, embedder, "payroll form")

    place.move("payroll", access=AccessRule.any_of([PUBLIC]))
    await sync(place, store=store, embedder=embedder)

    assert (await found(store, embedder, "payroll form"))[0] == "payroll"
    await assert_ledger_is_exact(store)


async def test_other_chunk_options_cut_everything_anew(store, embedder, place):
    place.put("long", "\n\n".join(f"Sentence number {n} about the matter at hand." for n in range(200)))
    await sync(place, store=store, embedder=embedder)

    receipt = await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100, overlap_tokens=20))

    assert (receipt.changed, receipt.unchanged) == (5, 0)
    assert (
        await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100, overlap_tokens=20))
    ).unchanged == 5


async def test_what_can_not_be_cut_anew_is_not_asked_for_in_every_run(store, embedder, place):
    place.put("empty", "")
    place.put("once", "It could be read once.")
    await sync(place, store=store, embedder=embedder)
    place.put("once", "It can't be read now.")
    place.unreadable["once"] = "it is encrypted"
    for _ in range(3):
        await sync(place, store=store, embedder=embedder)

    anew = await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100))
    after = await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100))

    assert (anew.listed, after.listed) == (len(place.pages), 0)
    assert (anew.skipped, after.skipped) == ({"it is encrypted": 1, "it holds no text": 1},) * 2


async def test_what_a_clock_that_is_ahead_dated_is_no_newer_than_now(store, embedder, place):
    place.put("clock", "All about zebras.", modified_at=datetime(2099, 1, 1, tzinfo=UTC))
    await sync(place, store=store, embedder=embedder)

    (passage, *_) = await Search(store, embedder, Access(store)).find("zebras", Audience.public())

    assert (passage.key, passage.modified_at <= datetime.now(UTC)) == ("clock", True)


async def test_text_and_keys_that_postgres_refuses_are_stored_all_the_same(store, embedder, place):
    place.put("nul\0key", "A body with \0 and \ud800 about zebras.", title="Title \ud83d \0")
    place.put("nul\ud800key", "Another about zebras.")

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.added) == (RunState.COMPLETE, 6)
    assert len(set(await found(store, embedder, "zebras")) - {"printer", "vpn", "holiday", "payroll"}) == 2
    assert (await sync(place, store=store, embedder=embedder)).unchanged == 6


# What could not be read


async def test_an_unreadable_document_is_tried_three_times_and_explained_ever_after(store, embedder, place):
    place.put("secret.pdf", "unseen")
    place.unreadable["secret.pdf"] = "it is encrypted"

    receipts = [await sync(place, store=store, embedder=embedder) for _ in range(5)]

    assert [receipt.skipped for receipt in receipts] == [{"it is encrypted": 1}] * 5
    assert all(receipt.state is RunState.COMPLETE and receipt.balances for receipt in receipts)
    assert place.read_keys.count("secret.pdf") == 3


async def test_a_full_run_tries_once_more_and_a_new_version_begins_anew(store, embedder, place):
    place.put("secret.pdf", "unseen")
    place.unreadable["secret.pdf"] = "it is encrypted"
    for _ in range(4):
        await sync(place, store=store, embedder=embedder)
    await sync(place, store=store, embedder=embedder, full=True)
    assert place.read_keys.count("secret.pdf") == 4

    del place.unreadable["secret.pdf"]
    place.put("secret.pdf", "Now it can be seen: zebras.")
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.added, receipt.skipped) == (1, {})
    assert "secret.pdf" in await found(store, embedder, "zebras")
    assert await store.list_quarantined("place") == []


async def test_a_document_that_was_unreadable_for_a_while_is_read_without_a_change(store, embedder, place):
    place.put("slow.pdf", "A treatise on zebras.")
    place.unreadable["slow.pdf"] = "the reader took too long"
    await sync(place, store=store, embedder=embedder)
    del place.unreadable["slow.pdf"]

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.added, receipt.skipped, receipt.balances) == (1, {}, True)


async def test_what_held_no_text_is_read_again_when_it_changes(store, embedder, place):
    place.put("scan.pdf", "")
    await sync(place, store=store, embedder=embedder)
    place.put("scan.pdf", "A treatise on zebras.")

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.changed, receipt.skipped, receipt.balances) == (1, {}, True)
    assert await store.list_quarantined("place") == []


@pytest.mark.parametrize("stored_too", [True, False])
async def test_what_could_not_be_read_is_tried_again_by_another_reader(store, embedder, place, stored_too):
    """Alone too, when the place is not asked for everything."""
    if not stored_too:
        place.pages.clear()
    place.put("scan.pdf", "")
    place.put("secret.pdf", "unseen")
    place.unreadable["secret.pdf"] = "it is encrypted"
    for _ in range(4):
        await sync(place, store=store, embedder=embedder)
    place.read_keys.clear()
    place.pages["scan.pdf"] = replace(place.pages["scan.pdf"], text="A treatise on zebras.")

    receipt = await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100))
    again = await sync(place, store=store, embedder=embedder, options=ChunkOptions(max_tokens=100))

    assert (receipt.skipped, receipt.balances) == ({"it is encrypted": 1}, True)
    assert place.read_keys.count("scan.pdf") == 1
    assert place.read_keys.count("secret.pdf") == 2
    assert (again.skipped, again.balances) == ({"it is encrypted": 1}, True)
    assert "scan.pdf" in await found(store, embedder, "zebras")


async def test_an_unreadable_new_version_leaves_the_old_one_under_the_new_rights(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.put("vpn", "unseen", access=STAFF_ONLY)
    place.unreadable["vpn"] = "it is encrypted"

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.skipped, receipt.rights_changed, receipt.balances) == ({"it is encrypted": 1}, 1, True)
    assert "vpn" not in await found(store, embedder, "vpn form")
    assert (await found(store, embedder, "vpn form", audience=Audience.person([STAFF])))[0] == "vpn"


async def test_rights_of_a_document_given_up_on_still_move(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.put("vpn", "unseen")
    place.unreadable["vpn"] = "it is encrypted"
    for _ in range(4):
        await sync(place, store=store, embedder=embedder)

    place.move("vpn", access=STAFF_ONLY)
    await sync(place, store=store, embedder=embedder)

    assert place.read_keys.count("vpn") == 4
    assert "vpn" not in await found(store, embedder, "vpn form")


async def test_an_emptied_document_is_no_longer_found_and_is_said_to_be_empty(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.put("vpn", " \n\n ")

    receipts = [await sync(place, store=store, embedder=embedder) for _ in range(2)]

    assert [receipt.skipped for receipt in receipts] == [{NO_TEXT: 1}] * 2
    assert "vpn" not in await found(store, embedder, "vpn form")


# What is gone


async def test_a_removed_document_is_no_longer_found(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.remove("vpn")

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.found, receipt.removed, receipt.unchanged) == (4, 1, 3)
    assert "vpn" not in await found(store, embedder, "vpn form")


@pytest.mark.parametrize("fault", ["cut_after", "down_after"])
async def test_nothing_is_removed_on_a_listing_that_was_cut_short(store, embedder, place, fault):
    await sync(place, store=store, embedder=embedder)
    place.remove("vpn")
    place.put("holiday", "Changed before the cut.")
    setattr(place, fault, 0)

    receipt = await sync(place, store=store, embedder=embedder, full=True)

    assert (receipt.state is RunState.COMPLETE, receipt.removed, receipt.balances) == (False, 0, True)
    assert "vpn" in await found(store, embedder, "vpn form")


async def test_after_a_listing_that_was_cut_short_the_next_one_misses_nothing(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.put("a", "Zebras.")
    place.put("b", "Giraffes.")
    place.cut_after = 1
    await sync(place, store=store, embedder=embedder)
    place.cut_after = None

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.added, receipt.found) == (RunState.COMPLETE, 1, 6)


async def test_documents_that_an_earlier_listing_left_out_are_listed_again(store, embedder, place):
    place.lists_nothing = True
    nothing = await sync(place, store=store, embedder=embedder)
    place.lists_nothing = False

    receipt = await sync(place, store=store, embedder=embedder)

    assert (nothing.state, nothing.found) == (RunState.COMPLETE, 0)
    assert (receipt.state, receipt.added, receipt.found) == (RunState.COMPLETE, 4, 4)


async def test_documents_that_come_while_a_run_is_under_way_are_taken_too(store, embedder, place):
    class Busy(Place):
        """Somebody writes a document during each of the first listings."""

        async def changes(self, since):
            async for change in super().changes(since):
                if isinstance(change, Cursor) and len(self.pages) < 6:
                    self.put(f"late-{len(self.pages)}", "A late word on zebras.")
                yield change

    receipt = await sync(Busy(**vars(place)), store=store, embedder=embedder)

    assert (receipt.state, receipt.added, receipt.found, receipt.skipped) == (RunState.COMPLETE, 6, 6, {})
    assert {"late-4", "late-5"} <= set(await found(store, embedder, "zebras"))


async def test_a_document_that_the_place_never_lists_is_told(store, embedder, place):
    class Forgetful(Place):
        async def changes(self, since):
            async for change in super().changes(since):
                if getattr(change, "key", "") != "vpn":
                    yield change

    receipt = await sync(Forgetful(**vars(place)), store=store, embedder=embedder)

    assert (receipt.added, receipt.skipped, receipt.balances) == (3, {NOT_LISTED: 1}, True)


async def test_a_place_that_is_down_makes_a_failed_receipt_and_removes_nothing(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.is_down = True

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.reason, receipt.removed) == (RunState.FAILED, "it is down", 0)
    assert (await store.list_runs("place"))[0].state == "failed"
    assert "vpn" in await found(store, embedder, "vpn form")


async def test_an_empty_listing_removes_nothing_however_few_there_are(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    place.lists_nothing = True

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.removed, receipt.skipped) == (RunState.INCOMPLETE, 0, {HELD_BACK: 4})
    assert receipt.balances


async def test_many_removals_at_once_wait_for_approval(store, embedder):
    place = Place()
    for number in range(60):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    await sync(place, store=store, embedder=embedder)
    for number in range(21):
        place.remove(f"doc-{number}")

    held = await sync(place, store=store, embedder=embedder)
    approved = await sync(place, store=store, embedder=embedder, approve_removals=True)

    assert (held.state, held.removed, held.skipped) == (RunState.INCOMPLETE, 0, {HELD_BACK: 21})
    assert (approved.state, approved.removed, approved.unchanged) == (RunState.COMPLETE, 21, 39)


async def test_few_removals_need_no_approval(store, embedder):
    place = Place()
    for number in range(60):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    await sync(place, store=store, embedder=embedder)
    for number in range(18):
        place.remove(f"doc-{number}")

    assert (await sync(place, store=store, embedder=embedder)).removed == 18


# Groups


async def test_memberships_follow_the_source(store, embedder, place):
    crew = group("place", "crew")
    place.put("payroll", place.pages["payroll"].text, access=AccessRule.any_of([crew]))
    place.groups = {crew: frozenset({user("ada@example.com")})}
    await sync(place, store=store, embedder=embedder)
    access = Access(store)

    ada = await access.audience_of([Reader(email="Ada@example.com", is_staff=True)])
    assert "payroll" in await found(store, embedder, "payroll form", audience=ada)
    place.groups = {crew: frozenset()}
    receipt = await sync(place, store=store, embedder=embedder)

    assert receipt.memberships_changed
    ada = await access.audience_of([Reader(email="Ada@example.com", is_staff=True)])
    assert "payroll" not in await found(store, embedder, "payroll form", audience=ada)


async def test_a_source_can_not_put_people_into_groups_of_another(store, embedder, place):
    place.groups = {group("other", "board"): frozenset({user("eve@example.com")})}

    with pytest.raises(ValueError, match="not its own group"):
        await sync(place, store=store, embedder=embedder)


# One at a time, and killed


async def test_a_second_run_of_one_source_is_refused_and_of_another_is_not(store, embedder, place):
    async with store.writer("place"):
        with pytest.raises(SyncInProgress):
            await sync(place, store=store, embedder=embedder)
        assert (await sync(replace(place, name="other"), store=store, embedder=embedder)).added == 4


async def test_a_run_that_ended_is_not_in_the_way_of_one_that_begins_at_once(store, pool, monkeypatch):
    """Postgres ends the session of a closed connection a moment later, with all locks that it still holds."""
    close, held_when_closed = psycopg.AsyncConnection.close, []

    async def look_and_close(connection):
        async with pool.connection() as other:
            found = await other.execute(
                "select from pg_locks where locktype = 'advisory' and pid = %s", [connection.info.backend_pid]
            )
            held_when_closed.append(found.rowcount)
        await close(connection)

    async with store.writer("place"):
        monkeypatch.setattr(psycopg.AsyncConnection, "close", look_and_close)
    assert held_when_closed == [0]


async def test_two_sources_at_once_do_not_deadlock(store, embedder):
    places = [Place(name=name) for name in ("a", "b", "c")]
    for place in places:
        for number in range(60):
            place.put(f"doc-{number}", " ".join(f"word{(number * n) % 97} common text {place.name}" for n in range(30)))

    receipts = await asyncio.gather(*[sync(place, store=store, embedder=embedder) for place in places])

    assert [receipt.added for receipt in receipts] == [60, 60, 60]
    await assert_ledger_is_exact(store)


async def sync_once_the_lock_is_free(place, *, store, embedder):
    """A terminated backend gives up its lock a moment after the client has lost the connection."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await sync(place, store=store, embedder=embedder)
            except SyncInProgress:
                await asyncio.sleep(0.05)


async def test_a_run_whose_connection_is_lost_leaves_whole_documents_and_the_next_goes_on(
    store, embedder, database_url
):
    place = Place()
    for number in range(150):
        place.put(f"doc-{number}", f"Document {number} about zebras.\n\n## Part\n\nAnd giraffes {number}.")
    backends_killed = []

    def kill_the_writer(progress):
        if progress.settled >= 100 and not backends_killed:
            with psycopg.connect(database_url, autocommit=True) as connection:
                backends_killed.extend(
                    connection.execute(
                        """
                        select pg_terminate_backend(pg_locks.pid)
                        from pg_locks
                        join pg_stat_activity using (pid)
                        where locktype = 'advisory' and granted and datname = current_database()
                        """
                    ).fetchall()
                )

    with pytest.raises(psycopg.OperationalError):
        await sync(place, store=store, embedder=embedder, progress=kill_the_writer)
    assert len(backends_killed) == 1
    embedder.embedded.clear()
    receipt = await sync_once_the_lock_is_free(place, store=store, embedder=embedder)

    assert (receipt.added, receipt.unchanged, receipt.state) == (50, 100, RunState.COMPLETE)
    assert len(embedder.embedded) <= 50
    assert [run.state for run in await store.list_runs("place")] == ["complete", "interrupted"]
    await assert_ledger_is_exact(store)


async def test_an_embedder_that_goes_down_makes_a_failed_receipt_and_what_was_embedded_stays(store, embedder):
    place = Place()
    for number in range(100):
        place.put(f"doc-{number}", f"Document {number} about zebras.")

    def switch_off(progress):
        embedder.is_down = progress.chunks_embedded >= 64

    receipt = await sync(place, store=store, embedder=embedder, progress=switch_off)
    assert (receipt.state, receipt.balances) == (RunState.FAILED, True)
    embedder.is_down = False
    receipt = await sync(place, store=store, embedder=embedder)

    assert receipt.state is RunState.COMPLETE
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 100


# Another embedder


async def test_another_embedder_is_refused_and_the_refusal_names_the_command(store, embedder, place):
    await sync(place, store=store, embedder=embedder)

    for other in (HashedEmbedder(model="other"), HashedEmbedder(dimension=32)):
        with pytest.raises(SpaceMismatch, match="sync --reembed"):
            await sync(place, store=store, embedder=other)


async def test_an_endpoint_of_unknown_dimension_is_asked_first(store, place):
    class Unknown(HashedEmbedder):
        @property
        def dimension(self):
            if not self.embedded:
                raise EmbedderUnavailable(self.model, "its dimension is not known yet")
            return self._dimension

        @dimension.setter
        def dimension(self, dimension):
            self._dimension = dimension

        def _vector(self, text):
            return HashedEmbedder(dimension=self._dimension)._vector(text)

    embedder = Unknown(dimension=32)
    assert (await sync(place, store=store, embedder=embedder)).state is RunState.COMPLETE
    asleep = Unknown(dimension=32)
    asleep.is_down = True
    assert (await found(store, asleep, "payroll form"))[0] == "payroll"


async def test_new_vectors_are_built_beside_the_old_and_switched_on(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    other = HashedEmbedder(model="other", dimension=32)
    place.read_keys.clear()

    embedded = await reembed(store, other)

    assert (embedded, place.read_keys) == (len(embedder.embedded), [])
    assert sorted(other.embedded) == sorted(embedder.embedded)
    assert (await found(store, other, "payroll form"))[0] == "payroll"
    assert await reembed(store, other) == 0
    assert (await sync(place, store=store, embedder=other)).unchanged == 4


async def test_the_old_vectors_answer_until_the_switch(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    answers = []

    class Watched(HashedEmbedder):
        async def embed(self, texts):
            answers.append((await found(store, embedder, "payroll form"))[0])
            return await super().embed(texts)

    await reembed(store, Watched(model="other"))

    assert answers == ["payroll"]


@pytest.mark.parametrize("dimension", [32, 64])
async def test_after_the_switch_words_alone_find_for_who_still_has_the_old_embedder(store, embedder, place, dimension):
    await sync(place, store=store, embedder=embedder)
    await reembed(store, HashedEmbedder(model="other", dimension=dimension))

    search = Search(store, embedder, Access(store))
    best = (await search.find("payroll form", Audience.public()))[0]

    assert (best.key, best.scores.dense) == ("payroll", None)
    assert best.scores.bm25_rank == 1
    assert (await search.find_separately("payroll form", Audience.public(), limit=4)).dense == []


async def test_documents_written_and_rights_moved_while_new_vectors_are_built_are_not_forgotten(store, embedder, place):
    await sync(place, store=store, embedder=embedder)

    class Meddling(HashedEmbedder):
        async def embed(self, texts):
            if not self.embedded:
                vectors = await super().embed(texts)
                place.put("zebra", "All about zebras.")
                place.move("payroll", access=STAFF_ONLY)
                await sync(place, store=store, embedder=embedder)
                return vectors
            return await super().embed(texts)

    other = Meddling(model="other")
    await reembed(store, other)

    assert (await found(store, other, "zebras"))[0] == "zebra"
    assert "payroll" not in await found(store, other, "payroll form")


async def test_a_run_that_began_before_the_switch_stops(store, embedder, place):
    await sync(place, store=store, embedder=embedder)
    for number in range(120):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    other = HashedEmbedder(model="other")

    class Switching(Place):
        async def present(self):
            async for one in super().present():
                yield one

        async def changes(self, since):
            count = 0
            async for change in super().changes(since):
                yield change
                count += 1
                if count == 60:
                    await reembed(store, other)

    switching = Switching(**vars(place))
    with pytest.raises(SpaceMismatch):
        await sync(switching, store=store, embedder=embedder)
    assert (await sync(place, store=store, embedder=other)).state is RunState.COMPLETE
    assert await found(store, other, "zebras")


# The account


async def test_a_receipt_is_kept_with_its_run(store, embedder, place):
    receipt = await sync(place, store=store, embedder=embedder)

    (run,) = await store.list_runs("place")
    status = await store.get_status()

    assert (run.state, run.receipt) == ("complete", receipt.as_json())
    assert (status.documents, status.sources[0].documents, status.sources[0].last_run) == (4, 4, run)
    assert status.chunks == status.sources[0].chunks == len(embedder.embedded)
    assert status.sources[0].synced_at == run.finished_at


async def test_progress_counts_up_to_what_is_there(store, embedder, place):
    seen = []
    await sync(place, store=store, embedder=embedder, progress=seen.append)

    assert seen[-1].settled == 4
    assert seen[-1].chunks_embedded == len(embedder.embedded)


async def test_everyone_can_read_what_everyone_can_read(store, embedder, place):
    await sync(place, store=store, embedder=embedder)

    assert await found(store, embedder, "vpn form", audience=Audience.person([user("bo@example.com"), PUBLIC]))
