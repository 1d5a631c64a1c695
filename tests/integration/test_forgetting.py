"""Forgetting a person, and forgetting by age, in every table that there is: new ones are found by themselves."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from helpdesk_bot.agent.history import open_history, prune
from helpdesk_bot.commands import ForgetMeCommand
from helpdesk_bot.commands.command import Asked
from helpdesk_bot.events import Place, PlaceKind, Platform
from helpdesk_bot.records import Records
from helpdesk_bot.records.privacy import Privacy
from helpdesk_bot.records.retention import LIMITS, STANDING, Keeping, Retention
from helpdesk_bot.records.spending import Account, Estimate, Limits, Payer, Refused, Spending, Used
from knowledge.postgres import Pool
from knowledge.store import Store
from tests.fakes.planter import KEY, PERSON, WORD, Column, list_columns, plant, where_found

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C", thread=None, kind=PlaceKind.DIRECT)

FILLED: dict[str, dict[str, Any]] = {
    "helpdesk.audit": {"salt": b"x", "action": "pause", "words": "here", "number": 1},
    "helpdesk.budget": {"kind": "person", "channel": ""},
    "helpdesk.curated": {"state": "approved", "question": "kept", "answer": "kept"},
    "helpdesk.question": {"outcome": "answered", "thread": None},
    "helpdesk.upload": {"uploaded_by": "root"},
    "helpdesk.thread": {"conversation_id": "slack:T:C:2.0", "hushed_by": "a rule"},
    "helpdesk.teams_conversation": {"kind": "personal", "conversation": "D"},
    "helpdesk.teams_person": {"direct": "D"},
    "public.procrastinate_jobs": {
        "status": "failed",
        "task_name": "press",
        "queue_name": "answers",
        "lock": None,
        "args": Jsonb({"action": "share", "value": "slack:T:C:other", "person_id": PERSON}),
    },
}
"""What a check of a table, or its meaning, asks for. A curated answer's words are the organisation's by then."""

NOT_A_PERSONS: dict[str, str] = {
    "helpdesk.audit_head": "numbers",
    "helpdesk.source_schedule": "its words are a cron expression",
    "helpdesk.channel": "its words are settings",
    "helpdesk.press": "its words are the platform's ids of presses",
    "helpdesk.model_call": "names of models and of what went wrong; whose question it was goes with the question",
    "helpdesk.model_health": "names of models and of what went wrong",
    "helpdesk.pause": "its words are channels",
    "helpdesk.schedule_run": "its words are names of sources",
    "helpdesk.prompt": "its words are the organisation's; whoever wrote them is planted",
    "helpdesk.prompt_move": "its words are names of versions",
    "helpdesk.prompt_trial": "its words are names of versions",
    "helpdesk.token": "our own connections'",
    "helpdesk.upload": "documents, and the system user who uploaded them",
    "helpdesk.teams_conversation": "a service's address; a personal one goes with the person",
    "helpdesk.audit": "words and names of commands; the person is planted",
    "public.helpdesk_bot_migration": "the database's own history",
    "public.checkpoint_migrations": "the database's own history",
    "public.procrastinate_events": "names of states; goes with its job",
    "public.procrastinate_periodic_defers": "not used",
    "public.procrastinate_workers": "numbers",
    "helpdesk.curated": "see above",
}
"""Tables in which only columns that name a person are filled, with the reason."""


@pytest.fixture
async def tables(pool: Pool, database_url: str) -> AsyncIterator[dict[str, list[Column]]]:
    async with open_history(database_url), pool.connection() as connection:
        yield await list_columns(connection)


async def grow(pool: Pool, columns: list[Column], **more: Any) -> None:
    """A row of the person's. Documents hold no word of theirs, but whoever decided about them is named."""
    table = columns[0].table
    is_theirs = not table.startswith("knowledge.") and table not in NOT_A_PERSONS
    async with pool.connection() as connection:
        await plant(connection, columns, words=is_theirs, overrides=FILLED.get(table, {}) | more)


NAMING_KNOWLEDGE = frozenset({"knowledge.sync_run", "knowledge.held_removal"})
"""Its other tables hold what sources say; who may read is theirs to forget."""
WITHOUT_PEOPLE = frozenset(
    {
        "helpdesk.audit_head",
        "helpdesk.browser_message",  # one for all visitors: tests/scenarios/test_forget_me.py
        "public.helpdesk_bot_migration",
        "public.checkpoint_migrations",
        "public.procrastinate_periodic_defers",
        "public.procrastinate_workers",
    }
)


async def test_no_table_keeps_a_forgotten_person_nor_a_word_of_theirs(
    pool: Pool, tables: dict[str, list[Column]]
) -> None:
    theirs = {table for table in tables if not table.startswith("knowledge.")} | NAMING_KNOWLEDGE
    for table in theirs - WITHOUT_PEOPLE:
        await grow(pool, tables[table])
    async with pool.connection() as connection:
        before = await where_found(connection, PERSON, WORD)
    assert len(before) >= 24, sorted(before)

    command = ForgetMeCommand(privacy=Privacy(pool), store=Store(pool))
    for platform in (Platform.SLACK, Platform.TEAMS):
        asked = Asked(
            place=replace(PLACE, platform=platform), person_id="UADA", is_admin=True, words=(f"<@{PERSON}>", "yes")
        )
        assert (await command.run(asked)).startswith("Erased")

    async with pool.connection() as connection:
        kept = await where_found(connection, PERSON, WORD, KEY)
    assert not kept, "\n".join(f"{table}: {row}" for table, row in sorted(kept.items()))


async def test_every_table_has_a_limit_or_a_reason_for_none(tables: dict[str, list[Column]]) -> None:
    elsewhere = {
        "helpdesk.audit": "Audit.age_audit",
        "helpdesk.cached_answer": "CachedAnswers.purge_cached",
        "knowledge.sync_run": "Store.forget_runs",
        "public.checkpoints": "prune",
        "public.checkpoint_blobs": "prune",
        "public.checkpoint_writes": "prune",
    }
    documents = {table for table in tables if table.startswith("knowledge.")} - set(elsewhere)
    assert set(tables) - documents == {*LIMITS, *STANDING, *elsewhere}


async def test_what_is_past_its_time_goes_and_nothing_else(pool: Pool, tables: dict[str, list[Column]]) -> None:
    long_ago, now = datetime.now(UTC) - timedelta(days=4_000), datetime.now(UTC)
    for table in LIMITS:
        for at, mark in ((long_ago, "old"), (now, "new")):
            async with pool.connection() as connection:
                overrides = FILLED.get(table, {}) | told_apart(tables[table], mark) | ended(table)
                await plant(connection, tables[table], at=at, words=False, overrides=overrides)
    async with pool.connection() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into procrastinate_events (job_id, type, at) select id, 'failed', now() from procrastinate_jobs"
            " where task_name = 'new'"
        )

    gone = await Retention(pool).sweep(Keeping())

    assert gone == dict.fromkeys(LIMITS, 1)
    async with pool.connection() as connection:
        for table in LIMITS:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
            assert await (await connection.execute(query)).fetchone() == (1,), table
    assert await Retention(pool).sweep(Keeping()) == dict.fromkeys(LIMITS, 0)


def told_apart(columns: list[Column], mark: str) -> dict[str, Any]:
    """Two rows of one table differ in what is unique."""
    unique = {
        "key",
        "message_id",
        "marker",
        "conversation_id",
        "conversation",
        "person_id",
        "schedule",
        "task_name",
        "digest",
    }
    return {column.name: mark for column in columns if column.name in unique}


def ended(table: str) -> dict[str, Any]:
    return {"state": "declined"} if table == "helpdesk.curated" else {}


async def test_runs_go_but_for_the_newest_of_each_source(pool: Pool, tables: dict[str, list[Column]]) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=4_000)
    for state in ("complete", "failed", "complete", "failed", "failed"):
        async with pool.connection() as connection:
            overrides = {"source": "wiki", "state": state}
            await plant(connection, tables["knowledge.sync_run"], at=long_ago, words=False, overrides=overrides)
    assert await Store(pool).forget_runs(older_than=timedelta(days=365)) == 3
    async with pool.connection() as connection:
        rows = await (await connection.execute("select state from knowledge.sync_run order by id")).fetchall()
    assert rows == [("complete",), ("failed",)]


async def test_old_conversations_and_old_entries_of_the_audit_go(pool: Pool, database_url: str) -> None:
    records = Records(pool)
    await records.audit(platform="slack", person_id=PERSON, action="pause", allowed=True)
    assert await records.age_audit(older_than=timedelta(days=1)) == 0
    assert await records.age_audit(older_than=timedelta(0)) == 1
    async with open_history(database_url) as history:
        assert await prune(history, older_than=timedelta(0)) == 0


@pytest.mark.usefixtures("tables")
async def test_the_mark_of_every_private_answer_goes_and_nobody_elses(pool: Pool) -> None:
    """An answer that one person alone saw can be asked for again: each has a mark of its own."""
    async with pool.connection() as connection:
        await connection.execute(
            """
            insert into helpdesk.question
              (key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at, addressed)
            values ('teams:T:19:x:17', 'teams', 'T', '19:x', null, 'channel', 'ada', '17', '?', now(), 'mention')
            """
        )
        for marker in ("private:teams:T:19:x:17:4", "private:teams:T:19:x:17:9", "private:teams:T:19:x:18:4"):
            await connection.execute(
                "insert into helpdesk.teams_sent (marker, part, parts, conversation) values (%s, 1, 1, 'a:ada')",
                [marker],
            )
    await Privacy(pool).forget(Platform.TEAMS, "T", "ada")
    async with pool.connection() as connection:
        rows = await (await connection.execute("select marker from helpdesk.teams_sent")).fetchall()
    assert rows == [("private:teams:T:19:x:18:4",)]


async def test_what_a_month_cost_stays_until_it_is_over_however_short_questions_are_kept(pool: Pool) -> None:
    today = datetime.now(UTC).date()
    runs, over = today - timedelta(days=27), today - timedelta(days=40)
    async with pool.connection() as connection:
        for starts_on in (runs, over):
            await connection.execute(
                "insert into helpdesk.budget (kind, period, starts_on, cost_usd) values (%s, 'month', %s, 9)",
                ["installation", starts_on],
            )
    await Retention(pool).sweep(Keeping(questions=timedelta(days=1)))
    months = [Account(kind="installation", period="month", starts_on=starts_on) for starts_on in (runs, over)]
    assert [await Spending(pool).find_spent(month) for month in months] == [(0, Decimal(9)), (0, Decimal(0))]


@pytest.mark.usefixtures("tables")
async def test_a_conversation_forgotten_in_the_browser_gives_nobody_a_new_budget(pool: Pool) -> None:
    """All its visitors are one person."""
    payer, limits = Payer(platform="browser", tenant="local", person_id="visitor"), Limits(person_day_tokens=100)
    spending, today = Spending(pool), datetime.now(UTC).date()
    estimate = Estimate(tokens=100, cost_usd=Decimal(0))
    assert isinstance(await spending.reserve(payer, limits, role="r", model="m", day=today, estimate=estimate), int)
    await Privacy(pool).forget(Platform.BROWSER, "local", "visitor", channel="one-conversation")
    refused = await spending.reserve(payer, limits, role="r", model="m", day=today, estimate=estimate)
    assert refused == Refused(budget="person day")


@pytest.mark.usefixtures("tables")
async def test_being_forgotten_gives_nobody_a_new_budget_and_their_name_is_not_kept_for_it(pool: Pool) -> None:
    ada, bo = (Payer(platform="slack", tenant="T", person_id=person) for person in ("UADA", "UBO"))
    limits, spending, today = Limits(person_day_tokens=100), Spending(pool), datetime.now(UTC).date()

    async def reserve(payer: Payer, tokens: int) -> int | Refused:
        estimate = Estimate(tokens=tokens, cost_usd=Decimal(0))
        return await spending.reserve(payer, limits, role="r", model="m", day=today, estimate=estimate)

    running = await reserve(ada, 60)
    assert isinstance(running, int)
    assert isinstance(await reserve(bo, 100), int)
    for _ in range(2):
        forgotten = await Privacy(pool).forget(Platform.SLACK, "T", "UADA", stays=True)
        assert forgotten.counts["what their questions cost"] == 1
        async with pool.connection() as connection:
            assert await where_found(connection, "UADA") == {}
        assert await reserve(ada, 41) == Refused(budget="person day")
    used = Used(
        outcome="answered",
        input_tokens=50,
        output_tokens=0,
        is_estimated=False,
        cost_usd=Decimal(0),
        is_unpriced=False,
        took_ms=1,
    )
    await spending.settle(running, ada, limits, used)
    assert isinstance(await reserve(ada, 50), int)
    assert await reserve(ada, 1) == Refused(budget="person day")
    assert await reserve(bo, 1) == Refused(budget="person day")


async def test_what_a_forgotten_person_spent_goes_when_the_day_is_over(pool: Pool) -> None:
    today = datetime.now(UTC).date()
    async with pool.connection() as connection:
        for days in (0, 3):
            await connection.execute(
                "insert into helpdesk.budget (kind, person_id, period, starts_on) values ('person', %s, 'day', %s)",
                ["erased:salt:digest", today - timedelta(days=days)],
            )
    await Retention(pool).sweep(Keeping())
    async with pool.connection() as connection:
        rows = await (await connection.execute("select starts_on from helpdesk.budget")).fetchall()
    assert rows == [(today,)]
