"""What is owed when a scheduler begins to lead: nights nobody was awake for, and sources that were never read."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.schedule import Schedule, Scheduler
from knowledge.postgres import Pool, open_pool

NIGHTLY = Schedule(source="handbook", cron="0 2 * * *", time_zone="UTC")
LEAP_DAYS = Schedule(source="handbook", cron="0 2 29 2 *", time_zone="UTC")


async def lead(schedule: Schedule, *, read_at: datetime | None, pool: Pool) -> None:
    """Until the second look at the schedules: what is owed was made due after the first. Raises what ends the run."""
    jobs, second_look, looks = Jobs(pool), asyncio.Event(), 0
    await jobs.open()

    async def list_schedules() -> Sequence[Schedule]:
        nonlocal looks
        looks += 1
        if looks == 2:
            second_look.set()
        return [schedule]

    async def last_read(_: str) -> datetime | None:
        return read_at

    scheduler = Scheduler(list_schedules, last_read=last_read, records=Records(pool), jobs=jobs, url=pool.conninfo)
    running, looked = asyncio.create_task(scheduler.run()), asyncio.create_task(second_look.wait())
    try:
        async with asyncio.timeout(60):
            await asyncio.wait({running, looked}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        for task in (running, looked):
            task.cancel()
            with suppress(asyncio.CancelledError, psycopg.Error):
                await task


async def count_syncs(pool: Pool) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute("select count(*) from procrastinate_jobs where task_name = 'sync'")
        [(syncs,)] = await cursor.fetchall()
    return syncs


async def test_a_night_before_the_source_was_read_is_not_owed(pool: Pool) -> None:
    """As right after the first start, which has just read it."""
    await lead(NIGHTLY, read_at=datetime.now(UTC), pool=pool)
    assert await count_syncs(pool) == 0


@pytest.mark.parametrize("read_before", [timedelta(days=1), timedelta(days=30)])
async def test_a_night_that_nobody_was_awake_for_is_made_up_for_once(pool: Pool, read_before: timedelta) -> None:
    for _ in range(2):
        await lead(NIGHTLY, read_at=datetime.now(UTC) - read_before, pool=pool)
        assert await count_syncs(pool) == 1


@pytest.mark.parametrize("schedule", [NIGHTLY, LEAP_DAYS])
async def test_a_source_that_was_never_read_is_read_now(pool: Pool, schedule: Schedule) -> None:
    await lead(schedule, read_at=None, pool=pool)
    assert await count_syncs(pool) == 1


async def test_a_database_that_takes_no_writes_does_not_end_it(database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        read_only = sql.SQL("alter database {} set default_transaction_read_only = on")
        connection.execute(read_only.format(sql.Identifier(str(name))))
    async with open_pool(database_url, max_size=2) as pool:
        await lead(NIGHTLY, read_at=None, pool=pool)
