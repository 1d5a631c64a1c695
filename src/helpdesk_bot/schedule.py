"""The nightly syncs and what runs between them: APScheduler in one elected leader, each wall-clock time once.

APScheduler 3.11 has no coordination between processes, and its cron trigger stumbles over clock changes: it fired a
01:30 job twice on the night the clocks went back (America/New_York, 2026-11-01), gives the same next time for ever in
such an hour (America/St_Johns) and midnight as 23:30 of the day before (Australia/Lord_Howe). So cron expressions are
read on the wall clock alone, one process leads by an advisory lock, and a unique row (schedule, wall-clock time)
decides whether anything is done. Its timers stand still while the machine sleeps and go by the clock as it was: after a
clock was set, and where something could not be made due, everything is looked at anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

import psycopg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from procrastinate.exceptions import ConnectorException
from psycopg import AsyncConnection
from psycopg.rows import scalar_row
from psycopg_pool import PoolTimeout

from helpdesk_bot.cron import read_cron
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.telemetry import Outage

log = structlog.get_logger()

LEADER_LOCK = 4_735_201_907  # any constant of our own: advisory locks are numbers
LOOK_AGAIN_S = 5.0
CATCH_UP = timedelta(days=1)
"""How far back a night is looked for that nobody was awake for."""
CLOCK_WAS_SET = timedelta(seconds=30)

OUTAGES = (psycopg.Error, PoolTimeout, ConnectorException, OSError)

LastRead: TypeAlias = Callable[[str], Awaitable[datetime | None]]
"""When a source was last read to its end, or began to be, where it is being read; None if never."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Work(StrEnum):
    """What is done with a source when its time comes."""

    SYNC = "sync"
    RIGHTS = "rights"
    """Who may read what, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When something is done with a source: a cron expression of five fields, read on the wall clock of a time zone.

    A wall-clock time that the spring skips is due as much later as the clocks jumped; one that the autumn repeats is
    due the first time.
    """

    source: str
    cron: str
    time_zone: str
    work: Work = Work.SYNC

    @property
    def name(self) -> str:
        return f"{self.work}:{self.source}"

    def next_due(self, after: datetime) -> datetime | None:
        """The first moment after this one at which it is due, in UTC."""
        return next((self._moment(wall) for wall in self._walls(after) if self._moment(wall) > after), None)

    def last_due_wall(self, now: datetime) -> datetime | None:
        """The wall-clock time, without a zone, at which it was last due within `CATCH_UP`."""
        last = None
        for wall in self._walls(now - CATCH_UP):
            if self._moment(wall) > now:
                return last
            last = wall
        return last

    def last_due(self, now: datetime) -> datetime | None:
        """The moment, in UTC, of `last_due_wall`."""
        wall = self.last_due_wall(now)
        return wall and self._moment(wall)

    def _walls(self, since: datetime) -> Iterator[datetime]:
        """Due wall-clock times, ascending, from a little before a moment: no clock change is longer than that."""
        trigger = read_cron(self.cron, time_zone=UTC)  # UTC has no changes: here it stands for the wall
        look_from = since.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=UTC) - timedelta(hours=3)
        while (due := trigger.get_next_fire_time(None, look_from)) is not None:
            yield due.replace(tzinfo=None)
            look_from = due + timedelta(seconds=1)

    def _moment(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


class _WallClockTrigger(BaseTrigger):
    """A schedule as APScheduler asks for it."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride] -- untyped: it seems to give None
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        return self._schedule.next_due(previous_fire_time or now)


class Scheduler:
    """Any number of processes may run it; one of them leads at a time.

    `list_schedules` is asked anew every few seconds: admins change schedules while it runs. `last_read` is asked for
    what is owed when it begins to lead.
    """

    def __init__(
        self,
        list_schedules: Callable[[], Awaitable[Sequence[Schedule]]],
        *,
        last_read: LastRead,
        records: Records,
        jobs: Jobs,
        url: str,
        now: Callable[[], datetime] = utc_now,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        self._list_schedules = list_schedules
        self._last_read = last_read
        self._records = records
        self._jobs = jobs
        self._url = url
        self._now = now
        self._look_again_s = look_again_s
        self._trouble: Exception | None = None

    async def run(self) -> None:
        """Until cancelled: wait to lead, lead, and wait again after the connection that proves it is lost."""
        outage = Outage("schedule")
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    outage.is_over()
                    if await _try_to_lead(connection):
                        log.info("this process leads the schedule")
                        await self._lead(connection)
            except OUTAGES as error:
                outage.begins(error)
            await asyncio.sleep(self._look_again_s)

    async def _lead(self, connection: AsyncConnection) -> None:
        """Fire as long as the lock's connection lives.

        Raises when it does not, and when something could not be made due: whoever leads next makes up for it.
        """
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.start()
        known: frozenset[Schedule] = frozenset()
        clock_ahead = self._clock_ahead()
        try:
            while True:
                before, clock_ahead = clock_ahead, self._clock_ahead()
                if abs(clock_ahead - before) > CLOCK_WAS_SET:
                    known = frozenset()
                wanted = frozenset(await self._list_schedules())
                if wanted != known:
                    await self._take_up(scheduler, wanted, before=known)
                    known = wanted
                await connection.execute("select 1")
                await asyncio.sleep(self._look_again_s)
                if trouble := self._trouble:
                    self._trouble = None
                    raise trouble
        finally:
            scheduler.shutdown(wait=False)

    async def _take_up(
        self, scheduler: AsyncIOScheduler, wanted: Collection[Schedule], *, before: Collection[Schedule]
    ) -> None:
        """Put these schedules in place of the others, and make up for a night that nobody was awake for.

        A schedule that an admin has just changed owes nothing for times before the change.
        """
        scheduler.remove_all_jobs()
        known_names = {schedule.name for schedule in before}
        for schedule in wanted:
            scheduler.add_job(
                self._fire_on_time, _WallClockTrigger(schedule), [schedule], coalesce=True, misfire_grace_time=None
            )
            if schedule.name not in known_names:
                await self._make_up(schedule)

    async def _make_up(self, schedule: Schedule) -> None:
        """What is owed: a time at which nobody was awake, unless the source was read since; a source never read."""
        if schedule.work is Work.RIGHTS:
            await self.fire(schedule)
            return
        read_at = await self._last_read(schedule.source)
        if read_at is None:
            if not await self.fire(schedule):
                await self._jobs.defer_sync(schedule.source)
        elif (due := schedule.last_due(self._now())) is not None and due > read_at:
            await self.fire(schedule)

    def _clock_ahead(self) -> timedelta:
        """Of the time that goes on by itself: always the same, unless the clock is set or the machine sleeps."""
        return self._now() - datetime.min.replace(tzinfo=UTC) - timedelta(seconds=time.monotonic())

    async def _fire_on_time(self, schedule: Schedule) -> None:
        try:
            await self.fire(schedule)
        except OUTAGES as error:
            self._trouble = error

    async def fire(self, schedule: Schedule) -> bool:
        """Make due what the schedule last wanted; False where that was done before."""
        logical_at = schedule.last_due_wall(self._now())
        if logical_at is None:
            return False

        async def defer(connection: AsyncConnection) -> None:
            if schedule.work is Work.RIGHTS:
                await self._jobs.defer_rights(schedule.source, connection=connection)
            else:
                await self._jobs.defer_sync(schedule.source, connection=connection)

        fired = await self._records.claim_schedule(schedule.name, logical_at, and_then=defer)
        if fired:
            say = log.info if schedule.work is Work.SYNC else log.debug
            say("work is due", work=schedule.work, source=schedule.source, logical_at=logical_at.isoformat())
        return fired


async def _try_to_lead(connection: AsyncConnection) -> bool:
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select pg_try_advisory_lock(%s)", [LEADER_LOCK])
        return bool(await cursor.fetchone())
