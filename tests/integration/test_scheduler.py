"""What is owed when a scheduler begins to lead: nights nobody was awake for, and sources that were never read."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.schedule import Schedule, Scheduler, utc_now
from knowledge.postgres import Pool, open_pool

NIGHTLY = Schedule(source="handbook", cron="0 2 * * *", time_zone="UTC")
LEAP_DAYS = Schedule(source="handbook", cron="0 2 29 2 *", time_zone="UTC")


async def lead(
    schedule: Schedule,
    *,
    read_at: datetime | None,
    pool: Pool,
    looks_wanted: int = 2,
    now: Callable[[], datetime] = utc_now,
    look_again_s: float = 0.01,
) -> None:
    """Until the second look at the schedules: what is owed was made due after the first. Raises what ends the run."""
    jobs, second_look, looks = Jobs(pool), asyncio.Event(), 0
    await jobs.open()

    async def list_schedules() -> Sequence[Schedule]:
        nonlocal looks
        looks += 1
        if looks == looks_wanted:
            second_look.set()
        return [schedule]

    async def last_read(_: str) -> datetime | None:
        return read_at

    scheduler = Scheduler(
        list_schedules,
        last_read=last_read,
        records=Records(pool),
        jobs=jobs,
        url=pool.conninfo,
        now=now,
        look_again_s=look_again_s,
    )
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


async def test_a_night_that_the_machine_slept_through_is_made_up_for_when_it_wakes(pool: Pool) -> None:
    """Or that came while its clock was slow, and is put right now."""
    began = utc_now()
    due = began + timedelta(hours=1)
    nightly = Schedule(source="handbook", cron=f"{due.minute} {due.hour} * * *", time_zone="UTC")
    wakes_at = time.monotonic() + 1

    def now() -> datetime:
        return utc_now() + timedelta(hours=2 if time.monotonic() > wakes_at else 0)

    await lead(nightly, read_at=began, pool=pool, looks_wanted=30, now=now, look_again_s=0.1)
    assert await count_syncs(pool) == 1


@dataclass(frozen=True, kw_only=True)
class _Once(Schedule):
    at: datetime

    def next_due(self, after: datetime) -> datetime | None:
        return self.at if after < self.at else None

    def last_due_wall(self, now: datetime) -> datetime | None:
        return self.at.replace(tzinfo=None) if now >= self.at else None


async def test_a_night_at_which_the_database_took_no_writes_is_made_up_for_when_it_does(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("alter table helpdesk.schedule_run add constraint full_disk check (false)")
    once = _Once(source="handbook", cron="0 2 * * *", time_zone="UTC", at=utc_now() + timedelta(seconds=1))
    leading = asyncio.create_task(lead(once, read_at=utc_now(), pool=pool, looks_wanted=40, look_again_s=0.1))
    await asyncio.sleep(2)
    async with pool.connection() as connection:
        await connection.execute("alter table helpdesk.schedule_run drop constraint full_disk")
    await leading
    assert await count_syncs(pool) == 1
