"""Places, documents and databases that fail in the middle of a sync."""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from connectors.documents import Cursor, Listed, Removed
from connectors.errors import SourceUnavailable
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.errors import DatabaseRefuses
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.spaces import reembed
from knowledge.store import Store
from knowledge.sync import KILLED_ITS_READER, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.place import Place

ROOT = Path(__file__).parents[2]


def place_of(documents):
    place = Place()
    for number in range(documents):
        place.put(f"doc-{number}", f"Document {number} about zebras.")
    return place


async def found(store, question, *, embedder=None):
    search = Search(store, embedder or HashedEmbedder(), Access(store))
    return {passage.key for passage in await search.find(question, Audience.public(), limit=300)}


# The place


async def test_a_listing_that_repeats_its_first_page_for_ever_is_given_up(store, embedder):
    place = place_of(60)
    place.repeats = True

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.reason) == (RunState.INCOMPLETE, "the listing repeats itself without an end")
    assert (receipt.added, receipt.removed, receipt.balances) == (60, 0, True)
    place.repeats = False
    assert (await sync(place, store=store, embedder=embedder)).state is RunState.COMPLETE


async def test_a_document_that_vanishes_between_listing_and_reading_is_gone_and_nothing_else(store, embedder):
    place = place_of(5)
    await sync(place, store=store, embedder=embedder)
    place.put("doc-1", "A newer version, never seen.")
    place.put("late", "Never seen either.")
    place.vanishing = {"doc-1", "late"}

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.state, receipt.removed, receipt.unchanged, receipt.skipped) == (
        RunState.COMPLETE,
        1,
        4,
        {"it is gone": 1},
    )
    assert await found(store, "zebras") == {"doc-0", "doc-2", "doc-3", "doc-4"}
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.found, receipt.skipped) == (4, {})


@pytest.mark.parametrize("after", [0, 1, 49, 50, 51, 118])
async def test_a_place_that_fails_anywhere_in_its_listing_loses_and_removes_nothing(store, embedder, after):
    place = place_of(120)
    await sync(place, store=store, embedder=embedder)
    for number in range(60):
        place.put(f"doc-{number}", f"Document {number} about giraffes.")
    place.remove("doc-119")
    place.down_after = after

    failed = await sync(place, store=store, embedder=embedder, full=True)
    place.down_after = None
    receipt = await sync(place, store=store, embedder=embedder)

    assert (failed.state, failed.removed, failed.balances) == (RunState.FAILED, 0, True)
    assert (receipt.state, receipt.removed, receipt.balances) == (RunState.COMPLETE, 1, True)
    assert await found(store, "giraffes") >= {f"doc-{number}" for number in range(60)}
    assert len(embedder.embedded) == len(set(embedder.embedded))
    await assert_ledger_is_exact(store)


async def test_what_the_place_has_is_not_known_as_long_as_counting_it_fails(store, embedder):
    class Failing(Place):
        async def present(self):
            count = 0
            async for one in super().present():
                count += 1
                if count == 3:
                    raise SourceUnavailable(self.name, "an hour's points are spent")
                yield one

    place = place_of(5)
    await sync(place, store=store, embedder=embedder)
    place.remove("doc-0")

    receipt = await sync(Failing(**vars(place)), store=store, embedder=embedder)

    assert (receipt.state, receipt.reason, receipt.removed) == (RunState.FAILED, "an hour's points are spent", 0)
    assert len(await found(store, "zebras")) == 5


# Clocks


@dataclass
class MinutePlace(Place):
    """Lists by a clock of whole minutes that is off, with an overlap: `>=` on a minute, as CQL's lastmodified."""

    minute: int = 0
    skew: int = 0
    at: dict[str, int] = field(default_factory=dict)

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Removed | Cursor]:
        after = int(since.value) - 2 if since else None
        listed_at = self.minute + self.skew
        for key in list(self.pages):
            if after is None or self.at[key] >= after:
                yield self.listed(key)
        yield Cursor(value=str(listed_at))


@pytest.mark.parametrize("seed", range(4))
async def test_no_edit_is_missed_whatever_the_clocks_say(store, embedder, seed):
    """50 random schedules a seed: edits in the minute of a sync, around it, and by clocks up to 90 minutes off."""
    rng = random.Random(seed)
    place = MinutePlace(name="minutes")
    place.skew = rng.randint(-90, 90)
    for schedule in range(50):
        for _ in range(rng.randrange(5)):
            key = f"doc-{rng.randrange(8)}"
            place.put(key, f"Schedule {schedule} wrote {rng.randrange(10**6)}.")
            place.at[key] = place.minute + place.skew
            place.minute += rng.choice([0, 0, 0, 1])
        receipt = await sync(place, store=store, embedder=embedder)
        assert receipt.state is RunState.COMPLETE
        place.minute += rng.choice([0, 0, 1, 1440])
        async with store.snapshot() as snapshot:
            cursor = await snapshot.connection.execute(
                "select key, text from knowledge.document join knowledge.chunk on document_id = document.id"
            )
            assert dict(await cursor.fetchall()) == {key: page.text for key, page in place.pages.items()}


# Documents


async def test_a_document_that_breaks_its_reader_each_time_is_left_out_and_the_others_go_on(store, embedder):
    class Poisoned(Place):
        async def read(self, listed):
            document = await super().read(listed)
            if listed.key == "poison":
                raise RecursionError
            return document

    place = Poisoned(**vars(place_of(3)))
    place.put("poison", "unseen")

    receipts = [await sync(place, store=store, embedder=embedder) for _ in range(5)]

    reason = "reading it failed unexpectedly (RecursionError)"
    assert [receipt.skipped for receipt in receipts] == [{reason: 1}] * 5
    assert all(receipt.state is RunState.COMPLETE for receipt in receipts)
    assert place.read_keys.count("poison") == 3
    assert len(await found(store, "zebras")) == 3


def wait_until_alone(connection):
    """Until the server has seen that a process is gone: its locks are free from then on."""
    others = """
    select from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
    """
    while connection.execute(others).fetchone():
        time.sleep(0.01)


@pytest.mark.slow
def test_a_document_that_kills_the_process_each_time_is_left_out_after_three_runs(database_url):
    """The first run dies with a whole page in hand; from then on its documents are read one by one."""
    command = [sys.executable, "-m", "tests.fakes.sync_child", database_url, os.devnull, "8", "--poison", "doc-5"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for code in (9, 9, 9, 0):
            assert subprocess.run(command, cwd=ROOT, check=False).returncode == code
            wait_until_alone(connection)
        rows = connection.execute("select key, reason, attempts from knowledge.quarantine").fetchall()
        assert rows == [("doc-5", KILLED_ITS_READER, 3)]
        assert connection.execute("select count(*) from knowledge.document").fetchone() == (7,)
        assert connection.execute("select count(*) from knowledge.suspect").fetchone() == (0,)


# The database


async def test_a_database_that_became_read_only_refuses_loudly_answers_and_recovers(store, embedder, database_url):
    place = place_of(5)
    await sync(place, store=store, embedder=embedder)
    place.put("news", "A late word on zebras.")
    name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} set default_transaction_read_only = on").format(name))
        with pytest.raises(DatabaseRefuses, match="read-only"):
            await sync(place, store=store, embedder=embedder)
        assert len(await found(store, "zebras")) == 5
        connection.execute("set default_transaction_read_only = off")
        connection.execute(sql.SQL("alter database {} reset default_transaction_read_only").format(name))

    assert (await sync(place, store=store, embedder=embedder)).added == 1


class SlowPlace(Place):
    async def read(self, listed):
        await asyncio.sleep(2.5)
        return await super().read(listed)


SLOW_BEGIN = """
create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(2.5); return new; end $$;
create trigger slowly before insert on knowledge.sync_run for each row execute function slowly()
"""


async def test_a_database_that_ends_whatever_takes_long_lets_a_sync_come_to_its_end(embedder, database_url):
    """As many hosters set it for every user: building an index takes longer, and so does a slow place."""
    name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SLOW_BEGIN)
        for setting in ("statement_timeout", "idle_session_timeout"):
            alter = sql.SQL("alter database {} set {} = '2s'")
            connection.execute(alter.format(name, sql.Identifier(setting)))
    place = SlowPlace()
    place.put("zebras", "A word on zebras.")
    async with open_pool(database_url, max_size=4) as pool:
        assert (await sync(place, store=Store(pool), embedder=embedder)).state is RunState.COMPLETE


@contextlib.contextmanager
def small_disk(megabytes):
    """A file system of its own; only root may make one."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bot-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("this user can't mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_full_disk_ends_the_run_with_a_receipt_answers_and_recovers(store, embedder, database_url):
    place = place_of(5)
    await sync(place, store=store, embedder=embedder)
    with small_disk(2) as folder, psycopg.connect(database_url, autocommit=True) as connection:
        chunks = folder / "chunks"
        chunks.mkdir(mode=0o777)
        chunks.chmod(0o777)
        name = sql.Identifier(f"small_{os.getpid()}")
        own_to_postgres(chunks, connection)
        connection.execute(sql.SQL("create tablespace {} location {}").format(name, sql.Literal(str(chunks))))
        try:
            connection.execute(sql.SQL("alter table knowledge.chunk set tablespace {}").format(name))
            for number in range(100):
                place.put(f"big-{number}", f"Giraffes of herd {number}. " * 2_000)
            with pytest.raises(DatabaseRefuses, match="its disk is full"):
                await sync(place, store=store, embedder=embedder)

            receipt = await store.get_receipt("place")
            assert (receipt.state, receipt.reason) == (
                RunState.FAILED,
                "the database takes no writes: its disk is full",
            )
            assert await found(store, "zebras") >= {f"doc-{number}" for number in range(5)}
        finally:
            connection.execute("alter table knowledge.chunk set tablespace pg_default")
            connection.execute(sql.SQL("drop tablespace {}").format(name))
    receipt = await sync(place, store=store, embedder=embedder)
    assert (receipt.state, receipt.found) == (RunState.COMPLETE, 105)
    await assert_ledger_is_exact(store)


def own_to_postgres(folder, connection):
    """The server runs as a user of its own when it was started as root."""
    (data,) = connection.execute("show data_directory").fetchone()
    shutil.chown(folder, Path(data).stat().st_uid)


# Another embedder


async def test_documents_changed_added_and_removed_while_another_index_is_built_are_right_after_the_switch(
    store, embedder
):
    place = place_of(100)
    await sync(place, store=store, embedder=embedder)

    class Meddling(HashedEmbedder):
        async def embed(self, texts):
            vectors = await super().embed(texts)
            if len(self.embedded) == 64:
                place.put("doc-1", "Rewritten: all about giraffes.")
                place.put("doc-99", "Rewritten as well: all about giraffes.")
                place.put("new", "New: all about giraffes.")
                place.remove("doc-2")
                assert await found(store, "zebras", embedder=embedder) > {"doc-2"}
                await sync(place, store=store, embedder=embedder)
                assert "doc-2" not in await found(store, "zebras", embedder=embedder)
            return vectors

    other = Meddling(model="other", dimension=32)
    await reembed(store, other)

    keys = await found(store, "giraffes", embedder=HashedEmbedder(model="other", dimension=32))
    assert keys == set(place.pages)
    best = await Search(store, HashedEmbedder(model="other", dimension=32), Access(store)).find(
        "all about giraffes", Audience.public(), limit=3
    )
    assert {passage.key for passage in best} == {"doc-1", "doc-99", "new"}
    assert len(other.embedded) == len(set(other.embedded))


# Many at once


@pytest.mark.slow
def test_of_fifty_processes_that_sync_at_once_one_runs(database_url):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fakes.sync_race", database_url, "50"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert ended.stdout.split() == ["ran", "1", "refused", "49"]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select state, count(*) from knowledge.sync_run group by 1").fetchall() == [
            ("complete", 1)
        ]


async def test_of_ten_tasks_with_connections_of_their_own_one_runs(database_url, embedder):
    async with open_pool(database_url, max_size=10) as pool:
        results = await asyncio.gather(
            *[sync(place_of(60), store=Store(pool), embedder=embedder) for _ in range(10)], return_exceptions=True
        )

    assert sorted(type(result).__name__ for result in results) == ["Receipt"] + ["SyncInProgress"] * 9
