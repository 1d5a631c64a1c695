"""A run as others see it: its progress, its receipt, and that it ends when it is asked to."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from connectors.documents import STAFF, AccessRule
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.postgres import open_pool
from knowledge.receipts import Receipt, RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import HELD_BACK, NO_TEXT, Phase, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.place import Place


def place_of(documents):
    place = Place()
    for number in range(documents):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    return place


async def found(store, question):
    search = Search(store, HashedEmbedder(), Access(store))
    return {passage.key for passage in await search.find(question, Audience.public(), limit=300)}


# Seen from elsewhere


async def test_another_process_sees_how_far_a_run_is_and_its_receipt_afterwards(store, embedder, database_url):
    seen = []

    class Watched(HashedEmbedder):
        async def embed(self, texts):
            async with open_pool(database_url, max_size=1) as elsewhere:
                seen.extend((await Store(elsewhere).get_status()).sources)
            return await super().embed(texts)

    receipt = await sync(place_of(120), store=store, embedder=Watched())

    first, last = seen[0], seen[-1]
    assert (first.running.phase, first.running.progress["settled"], first.last_run) == ("listing", 0, None)
    assert last.running.progress == {"settled": 100, "skipped": 0, "chunks_embedded": 100, "chunks_reused": 0}
    assert last.running.updated_at > first.running.updated_at
    (status,) = (await store.get_status()).sources
    assert (status.running, status.last_run.state) == (None, "complete")
    assert await store.get_receipt("place") == receipt


async def test_progress_tells_the_phases_in_their_order(store, embedder):
    seen = []
    await sync(place_of(3), store=store, embedder=embedder, progress=seen.append)

    phases = [progress.phase for progress in seen]
    assert sorted(set(phases), key=phases.index) == [Phase.LISTING, Phase.COMPARING, Phase.FINISHING]


async def test_a_run_whose_process_died_is_not_shown_as_running(store, embedder):
    async with store.writer("place") as writer:
        await writer.runs.begin()
        assert (await store.get_status()).sources[0].running is not None

    assert (await store.get_status()).sources[0].running is None
    await sync(place_of(1), store=store, embedder=embedder)
    killed = (await store.list_receipts("place"))[1]
    assert (killed.state, "without a word" in killed.reason) == (RunState.INTERRUPTED, True)


# Ended before its end


async def test_a_run_ends_after_its_page_when_somebody_asks_and_the_next_goes_on(store, embedder):
    place = place_of(200)
    asked = []

    class Asking(HashedEmbedder):
        async def embed(self, texts):
            if not asked:
                asked.append(await store.request_cancel("place", by="ada"))
            return await super().embed(texts)

    cancelled = await sync(place, store=store, embedder=Asking())

    assert (cancelled.state, cancelled.reason) == (RunState.CANCELLED, "ada asked it to end")
    assert (cancelled.added, cancelled.found, cancelled.balances, asked) == (50, 50, True, [True])
    assert (await store.list_runs("place"))[0].state == "cancelled"
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.state, receipt.added, receipt.unchanged) == (RunState.COMPLETE, 150, 50)
    assert len(embedder.embedded) == 150


async def test_there_is_nothing_to_cancel_where_nothing_runs(store, embedder):
    assert not await store.request_cancel("place", by="ada")
    await sync(place_of(1), store=store, embedder=embedder)
    assert not await store.request_cancel("place", by="ada")


async def test_a_run_that_is_to_stop_stops_between_batches_and_loses_nothing(store, embedder):
    place = Place()
    place.put("long", "\n\n".join(f"## Part {n}\n\n{'words of this part ' * 15}{n}." for n in range(100)))

    stopped = await sync(place, store=store, embedder=embedder, should_stop=lambda: len(embedder.embedded) >= 64)

    assert (stopped.state, stopped.found, stopped.chunks_embedded) == (RunState.INTERRUPTED, 0, 64)
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.state, receipt.added) == (RunState.COMPLETE, 1)
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 100
    await assert_ledger_is_exact(store)


async def test_a_cancelled_task_leaves_an_interrupted_run_and_frees_the_source_at_once(store, embedder):
    place, reached = place_of(120), asyncio.Event()

    class Hanging(HashedEmbedder):
        async def embed(self, texts):
            if len(self.embedded) >= 50:
                reached.set()
                await asyncio.sleep(3600)
            return await super().embed(texts)

    task = asyncio.create_task(sync(place, store=store, embedder=Hanging()))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await store.get_receipt("place")).state is RunState.INTERRUPTED
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.state, receipt.added, receipt.unchanged) == (RunState.COMPLETE, 70, 50)


async def test_an_error_of_our_own_ends_the_run_as_failed_and_is_raised(store, embedder):
    class Broken(Place):
        async def memberships(self):
            raise KeyError("members")

    with pytest.raises(KeyError):
        await sync(Broken(**vars(place_of(1))), store=store, embedder=embedder)

    receipt = await store.get_receipt("place")
    assert (receipt.state, receipt.reason) == (RunState.FAILED, "it ended with an error (KeyError)")


# The receipt


async def test_a_receipt_says_what_was_asked_of_the_place_and_how_long_the_oldest_change_waited(store, embedder):
    place = place_of(2)
    first = await sync(place, store=store, embedder=embedder)
    now = datetime.now(UTC)
    place.put("doc-0", "Changed.", modified_at=now + timedelta(seconds=1))
    place.put("old", "Moved here with its old date.", modified_at=now - timedelta(days=400))

    second = await sync(place, store=store, embedder=embedder)
    quiet = await sync(place, store=store, embedder=embedder)

    assert (first.requests, first.points) == (5, 10)
    assert (first.lag_s, quiet.lag_s) == (None, None)
    assert 0.0 <= second.lag_s < 60.0
    assert (second.listed, second.changed, second.added, second.unchanged) == (2, 1, 1, 1)
    assert second.started_at > first.started_at
    assert [one.run_id for one in await store.list_receipts("place")] == [quiet.run_id, second.run_id, first.run_id]
    assert len(await store.list_receipts("place", limit=2)) == 2
    assert await store.get_receipt("elsewhere") is None


async def test_every_skipped_document_is_listed_with_its_reason(store, embedder):
    place = place_of(2)
    place.put("secret.pdf", "unseen", title="Our secret")
    place.unreadable["secret.pdf"] = "it is encrypted"
    place.put("empty", " ")

    receipt = await sync(place, store=store, embedder=embedder)
    skipped = await store.list_skipped("place")

    assert receipt.skipped == {"it is encrypted": 1, NO_TEXT: 1}
    assert [(one.key, one.title, one.reason) for one in skipped] == [
        ("empty", "empty", NO_TEXT),
        ("secret.pdf", "Our secret", "it is encrypted"),
    ]
    place.unreadable.clear()
    place.put("secret.pdf", "It can be read now.")
    await sync(place, store=store, embedder=embedder)
    assert [one.key for one in await store.list_skipped("place")] == ["empty"]


async def test_an_account_that_does_not_balance_is_not_called_complete(store, embedder, pool):
    """A fault of the database or of ours: documents that were stored a moment ago are not there."""

    class Losing(Place):
        async def present(self):
            async with pool.connection() as connection:
                await connection.execute("delete from knowledge.document where key = 'doc-1'")
            async for one in super().present():
                yield one

        async def changes(self, since):
            async for change in super().changes(since):
                if not since:
                    yield change

    place = place_of(3)
    await sync(place, store=store, embedder=embedder)
    receipt = await sync(Losing(**vars(place)), store=store, embedder=embedder, full=True)

    assert receipt.state is RunState.INCOMPLETE
    assert "does not balance: 1 documents" in receipt.reason


def test_a_receipt_of_another_version_can_be_read():
    stored = {"source": "place", "state": "complete", "found": 3, "unchanged": 3, "of_the_future": 1, "skipped": {}}

    receipt = Receipt.from_json(stored)

    assert (receipt.found, receipt.balances, receipt.requests, receipt.started_at) == (3, True, 0, None)
    assert Receipt.from_json(receipt.as_json()) == receipt


# The brake


async def held_back(store, embedder, gone=21):
    place = place_of(60)
    await sync(place, store=store, embedder=embedder)
    for number in range(gone):
        place.remove(f"doc-{number}")
    return place, await sync(place, store=store, embedder=embedder)


async def test_what_is_held_back_is_listed_and_removed_once_it_was_approved(store, embedder):
    place, held = await held_back(store, embedder)
    assert (held.state, held.held_back) == (RunState.INCOMPLETE, 21)
    shown = await store.list_held("place")
    assert {one.key for one in shown} == {f"doc-{number}" for number in range(21)}
    assert {(one.title == one.key, one.run_id, one.approved_by) for one in shown} == {(True, held.run_id, None)}
    assert {one.reason for one in await store.list_skipped("place")} == {HELD_BACK}
    assert (await store.get_status()).sources[0].held == 21

    approved = await store.approve_removals("place", by="ada", run_id=held.run_id)
    receipt = await sync(place, store=store, embedder=embedder)

    assert (approved, receipt.state, receipt.removed, receipt.held_back) == (21, RunState.COMPLETE, 21, 0)
    assert await store.list_held("place") == []
    assert await store.list_skipped("place") == []
    await assert_ledger_is_exact(store)


async def test_an_approval_is_for_what_was_shown_and_not_for_what_goes_missing_later(store, embedder):
    place, held = await held_back(store, embedder)
    await store.approve_removals("place", by="ada", run_id=held.run_id)
    for number in range(21, 55):
        place.remove(f"doc-{number}")

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.removed, receipt.held_back, receipt.unchanged) == (RunState.INCOMPLETE, 21, 34, 5)
    assert {one.approved_by for one in await store.list_held("place")} == {None}


async def test_what_was_held_after_the_run_that_was_shown_is_not_approved_with_it(store, embedder):
    place, shown = await held_back(store, embedder)
    place.remove("doc-40")
    await sync(place, store=store, embedder=embedder)

    assert await store.approve_removals("place", by="ada", run_id=shown.run_id) == 21
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.removed, receipt.state) == (22, RunState.COMPLETE), "a single one more needs no approval"


async def test_what_came_back_after_an_approval_stays_and_its_approval_is_spent(store, embedder):
    place, held = await held_back(store, embedder)
    await store.approve_removals("place", by="ada", run_id=held.run_id)
    place.put("doc-3", "Document 3 is back.")
    place.put("doc-3", "Document 3 is back again.")

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.removed, receipt.changed) == (20, 1)
    assert await store.list_held("place") == []
    assert "doc-3" in await found(store, "back")


async def test_the_share_of_the_brake_can_be_set(store, embedder):
    place = place_of(60)
    await sync(place, store=store, embedder=embedder)
    for number in range(25):
        place.remove(f"doc-{number}")

    held = await sync(place, store=store, embedder=embedder, brake_share=0.4)
    wide = await sync(place, store=store, embedder=embedder, brake_share=0.5)

    assert (held.held_back, wide.removed) == (25, 25)


# Trails and labels


async def test_trail_and_labels_are_searched_by_word_and_shown_and_embed_nothing(store, embedder):
    place = Place()
    place.put("a", "How to ask for a form.", trail=("People", "Zanzibar office"), labels=("onboarding",))
    place.put("b", "How to ask for another form.")
    receipt = await sync(place, store=store, embedder=embedder)
    assert receipt.chunks_embedded == 2
    search = Search(store, HashedEmbedder(), Access(store))

    for question in ("zanzibar", "onboarding"):
        best, other = await search.find(question, Audience.public())
        assert (best.key, best.trail, other.trail) == ("a", ("People", "Zanzibar office"), ())
        assert best.scores.bm25 > 0 == other.scores.bm25
    assert not any("Zanzibar" in text for text in embedder.embedded)


async def test_a_move_takes_the_trail_along_and_embeds_and_reads_nothing(store, embedder):
    place = Place()
    place.put("a", "How to ask for a form.", trail=("Zanzibar",), labels=("old",))
    await sync(place, store=store, embedder=embedder)
    embedder.embedded.clear()
    place.read_keys.clear()

    place.move("a", trail=("Timbuktu",), labels=("new",))
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.renamed, receipt.unchanged, embedder.embedded, place.read_keys) == (1, 1, [], [])
    search = Search(store, HashedEmbedder(), Access(store))
    scores = {word: (await search.find(word, Audience.public()))[0].scores.bm25 for word in ("timbuktu", "new")}
    assert all(score > 0 for score in scores.values())
    assert (await search.find("zanzibar", Audience.public()))[0].scores.bm25 == 0
    await assert_ledger_is_exact(store)
    assert (await sync(place, store=store, embedder=embedder)).renamed == 0


async def test_a_document_that_was_unreadable_for_a_while_keeps_its_trail_and_labels(store, embedder):
    place = Place()
    place.put("a", "How to ask for a form.", trail=("Zanzibar office",), labels=("onboarding",))
    place.unreadable["a"] = "the reader took too long"
    await sync(place, store=store, embedder=embedder)
    del place.unreadable["a"]

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.listed, receipt.added) == (0, 1)  # nothing lists it again, so nothing would put it right later
    search = Search(store, HashedEmbedder(), Access(store))
    for word in ("zanzibar", "onboarding"):
        (one,) = await search.find(word, Audience.public())
        assert (one.trail, one.scores.bm25 > 0) == (("Zanzibar office",), True)


async def test_a_documents_own_words_weigh_the_same_with_a_trail_and_without(store, embedder):
    place = Place()
    text = "A printer form for the printer and a badge form for the badge."
    place.put("with", text, title="T", trail=("Printer", "Of a great many other words"), labels=("badge",))
    place.put("without", text, title="T")
    await sync(place, store=store, embedder=embedder)

    found = await Search(store, HashedEmbedder(), Access(store)).find("printer badge form", Audience.public())

    assert {passage.key for passage in found} == {"with", "without"}
    assert found[0].scores.bm25 == found[1].scores.bm25 > 0


async def test_trails_of_documents_that_nobody_may_read_are_in_no_answer(store, embedder):
    place = Place()
    place.put("a", "How to ask.", trail=("Zanzibar",), access=AccessRule.any_of([STAFF]))
    place.put("b", "How to ask.")
    await sync(place, store=store, embedder=embedder)

    assert await found(store, "zanzibar") == {"b"}
