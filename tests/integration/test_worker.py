"""Jobs are done once they are committed: in order, again after a failure, by another worker after a death."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import psycopg
import pytest
import structlog
from procrastinate.jobs import Status
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import PoolTimeout
from structlog.typing import EventDict

import helpdesk_bot.worker as worker_module
from helpdesk_bot.errors import RateLimited
from helpdesk_bot.events import Action
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.signs_of_life import LIVES
from helpdesk_bot.worker import (
    HOUSEKEEPING_FIRST_AFTER_S,
    LOOK_FOR_DEAD_EVERY_S,
    MAX_ATTEMPTS,
    SILENT_S,
    STALLED_AFTER_S,
    Handlers,
    Worker,
)
from knowledge.errors import SyncInProgress
from knowledge.postgres import Pool, open_pool
from tests.eventually import eventually, eventually_async


class Diary:
    """Handlers that write down what they were asked, and do what they are told."""

    def __init__(self, answer: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.answered: list[str] = []
        self.given_up: list[str] = []
        self._answer = answer

    def handlers(self) -> Handlers:
        async def answer(key: str) -> None:
            self.answered.append(key)
            if self._answer:
                await self._answer(key)

        async def give_up(key: str) -> None:
            self.given_up.append(key)

        async def sync(source: str, full: bool) -> None:
            self.answered.append(f"sync {source} {full}")

        async def refresh_rights(source: str) -> None:
            self.answered.append(f"rights {source}")

        async def keep_house() -> None:
            """Nothing is old enough in a test."""

        async def press(action: Action, value: str, person_id: str) -> None:
            self.answered.append(f"{action} {value} {person_id}")

        return Handlers(
            answer=answer,
            give_up=give_up,
            sync=sync,
            refresh_rights=refresh_rights,
            keep_house=keep_house,
            press=press,
        )


@pytest.fixture
async def jobs(pool: Pool) -> Jobs:
    jobs = Jobs(pool)
    await jobs.open()
    return jobs


@asynccontextmanager
async def working(
    jobs: Jobs, diary: Diary, *, sync: Callable[[str, bool], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    handlers = diary.handlers()
    task = asyncio.create_task(Worker(jobs, replace(handlers, sync=sync or handlers.sync)).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def defer(pool: Pool, jobs: Jobs, *keys: str, conversation: str = "c") -> None:
    async with pool.connection() as connection:
        for key in keys:
            await jobs.defer_answer(connection, question_key=key, conversation_id=conversation)


async def test_what_is_deferred_in_a_transaction_that_fails_is_never_done(pool: Pool, jobs: Jobs) -> None:
    diary = Diary()
    with suppress(ZeroDivisionError):
        async with pool.connection() as connection:
            await jobs.defer_answer(connection, question_key="lost", conversation_id="c")
            raise ZeroDivisionError
    await defer(pool, jobs, "kept")
    async with working(jobs, diary):
        await eventually(lambda: diary.answered == ["kept"])


async def test_one_conversation_is_answered_in_order_and_one_at_a_time(pool: Pool, jobs: Jobs) -> None:
    at_once = most = 0

    async def answer(_: str) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1

    diary = Diary(answer)
    keys = [str(number) for number in range(8)]
    await defer(pool, jobs, *keys)
    async with working(jobs, diary):
        await eventually(lambda: len(diary.answered) == 8)
    assert diary.answered == keys
    assert most == 1


async def test_a_rate_limited_answer_waits_as_long_as_the_platform_asks(pool: Pool, jobs: Jobs) -> None:
    async def answer(_: str) -> None:
        if len(diary.answered) == 1:
            raise RateLimited(retry_after_s=1)

    diary = Diary(answer)
    await defer(pool, jobs, "q")
    async with working(jobs, diary):
        await eventually(lambda: diary.answered == ["q"])
        job = next(iter(await jobs.app.job_manager.list_jobs_async()))
        await eventually(lambda: diary.answered == ["q", "q"])
    assert job.scheduled_at is not None or job.status == Status.DOING.value
    assert diary.given_up == []


async def test_after_the_last_attempt_the_asker_is_told(pool: Pool, jobs: Jobs) -> None:
    async def answer(_: str) -> None:
        raise ValueError("always")

    diary = Diary(answer)
    await defer(pool, jobs, "q")
    async with pool.connection() as connection:
        await connection.execute("update procrastinate_jobs set attempts = %s", [MAX_ATTEMPTS - 1])
    async with working(jobs, diary):
        await eventually(lambda: diary.given_up == ["q"])
    assert diary.answered == ["q"]


async def test_a_question_that_killed_every_worker_is_given_up(pool: Pool, jobs: Jobs) -> None:
    diary = Diary()
    await defer(pool, jobs, "deadly")
    async with pool.connection() as connection:
        await connection.execute("update procrastinate_jobs set attempts = %s", [MAX_ATTEMPTS])
    async with working(jobs, diary):
        await eventually(lambda: diary.given_up == ["deadly"])
    assert diary.answered == []


async def test_the_job_of_a_dead_worker_is_taken_over(pool: Pool, jobs: Jobs) -> None:
    diary = Diary()
    await defer(pool, jobs, "orphan")
    await leave_behind(pool)
    async with working(jobs, diary):
        await eventually(lambda: diary.answered == ["orphan"])


async def test_the_job_of_a_killed_worker_is_taken_over_within_seconds(
    pool: Pool, jobs: Jobs, database_url: str
) -> None:
    """By its heartbeat alone it was dead after 8 s: a person who asked waited that long for nothing."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.worker_child", database_url, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    await defer(pool, jobs, "first", "orphan")
    async with asyncio.timeout(60):
        assert await child.stdout.readline() == b"first\n"
    diary = Diary()
    async with working(jobs, diary):
        await eventually_async(lambda: gives_sign(pool))
        await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 2)
        assert diary.answered == []
        child.kill()
        await child.wait()
        began = time.monotonic()
        await eventually(lambda: diary.answered == ["first", "orphan"])
    assert time.monotonic() - began < STALLED_AFTER_S - 2


async def gives_sign(pool: Pool) -> bool:
    async with pool.connection() as connection:
        cursor = await connection.execute("select from pg_locks where classid = %s", [LIVES])
        return await cursor.fetchone() is not None


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """Another worker, which has every job that was there in hand."""

    pool: Pool
    id: int

    async def beat(self, *, seconds_ago: float = 0.0) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(
                "update procrastinate_workers set last_heartbeat = now() - make_interval(secs => %s) where id = %s",
                [seconds_ago, self.id],
            )


async def take_up(pool: Pool) -> Stranger:
    async with pool.connection() as connection:
        cursor = await connection.execute("insert into procrastinate_workers default values returning id")
        ((worker_id,),) = await cursor.fetchall()
        await connection.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [worker_id])
    return Stranger(pool=pool, id=worker_id)


async def test_a_worker_that_lost_its_sign_of_life_and_beats_keeps_its_jobs(pool: Pool, jobs: Jobs) -> None:
    await defer(pool, jobs, "q")
    stranger, diary = await take_up(pool), Diary()
    async with working(jobs, diary):
        async with jobs.signs_of_life() as signs:
            await signs.give({stranger.id})
            await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 1.5)
        for _ in range(10):
            await stranger.beat()
            await asyncio.sleep(0.3)
        assert diary.answered == []
        await eventually(lambda: diary.answered == ["q"])


async def test_a_worker_that_is_silent_for_a_moment_and_gives_its_sign_keeps_its_jobs(pool: Pool, jobs: Jobs) -> None:
    """As one that is busy, or of an older version: that one has no sign that could be gone."""
    await defer(pool, jobs, "q")
    stranger, diary = await take_up(pool), Diary()
    async with jobs.signs_of_life() as signs, working(jobs, diary):
        await stranger.beat(seconds_ago=SILENT_S + 1)
        await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 2)
        await signs.give({stranger.id})
        await stranger.beat(seconds_ago=SILENT_S + 1)
        await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 2)
        assert diary.answered == []


async def test_after_all_connections_were_lost_a_missing_sign_says_nothing(
    pool: Pool, jobs: Jobs, database_url: str
) -> None:
    """As after a restart of Postgres: others may not have come back yet."""
    await defer(pool, jobs, "q")
    stranger, diary = await take_up(pool), Diary()
    async with working(jobs, diary):
        async with jobs.signs_of_life() as signs:
            await signs.give({stranger.id})
            await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 1.5)
            await stranger.beat(seconds_ago=SILENT_S)
            drop_connections(database_url)
        await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S * 3)
        assert diary.answered == []


async def test_two_that_look_at_once_take_a_job_over_once(pool: Pool, jobs: Jobs) -> None:
    await defer(pool, jobs, "q")
    await take_up(pool)
    (job,) = await jobs.app.job_manager.list_jobs_async()
    assert sorted(await asyncio.gather(*(jobs.take_over(job) for _ in range(4)))) == [False, False, False, True]
    await take_up(pool)
    assert not await jobs.take_over(job), "another has it in hand by now"


@pytest.mark.slow
async def test_workers_come_back_after_the_database_dropped_every_connection(
    pool: Pool, jobs: Jobs, database_url: str
) -> None:
    diary = Diary()
    async with working(jobs, diary):
        for round_ in range(3):
            await defer(pool, jobs, f"before {round_}")
            await eventually(lambda key=f"before {round_}": key in diary.answered)
            drop_connections(database_url)
            async with open_pool(database_url, max_size=1) as other:
                await defer(other, jobs, f"after {round_}")
            await eventually(lambda key=f"after {round_}": key in diary.answered)


@pytest.mark.slow
async def test_a_job_whose_end_could_not_be_written_is_done_again(pool: Pool, jobs: Jobs, database_url: str) -> None:
    """The connections die while the job runs, so that procrastinate can't write that it ended."""

    async def answer(_: str) -> None:
        if len(diary.answered) == 1:
            async with asyncio.timeout(3):
                while True:
                    drop_connections(database_url)
                    await asyncio.sleep(0.05)

    diary = Diary(answer)
    await defer(pool, jobs, "q")
    async with working(jobs, diary):
        await eventually(lambda: len(diary.answered) >= 2)


async def test_a_press_is_carried_out_after_the_work_of_its_conversation(pool: Pool, jobs: Jobs) -> None:
    diary = Diary()
    await defer(pool, jobs, "q")
    async with pool.connection() as connection:
        await jobs.defer_press(connection, action=Action.SHARE, value="q", person_id="U", lock="conversation:c")
    async with working(jobs, diary):
        await eventually(lambda: diary.answered == ["q", "share q U"])


async def test_a_second_sync_of_a_source_waits_only_once_and_is_as_full_as_either_wants(pool: Pool, jobs: Jobs) -> None:
    assert await jobs.defer_sync("handbook")
    assert not await jobs.defer_sync("handbook", full=True)
    assert not await jobs.defer_sync("handbook")
    assert await jobs.defer_sync("runbooks")
    assert not await jobs.defer_sync("runbooks")
    diary = Diary()
    async with working(jobs, diary):
        await eventually(lambda: len(diary.answered) == 2)
    assert sorted(diary.answered) == ["sync handbook True", "sync runbooks False"]


async def leave_behind(pool: Pool) -> None:
    """All that is to be done is in the hands of a worker that was killed."""
    async with pool.connection() as connection:
        await connection.execute(
            """
            with dead as (
              insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id
            )
            update procrastinate_jobs set status = 'doing', worker_id = (select id from dead)
            """
        )


@pytest.mark.parametrize("full", [True, False])
async def test_the_sync_of_a_dead_worker_holds_up_nothing_where_another_waits(
    pool: Pool, jobs: Jobs, full: bool
) -> None:
    """It can't be put back, since one that waits is enough: that one does it."""
    await jobs.defer_sync("handbook", full=full)
    await defer(pool, jobs, "orphan")
    await leave_behind(pool)
    await jobs.defer_sync("handbook")
    diary = Diary()
    async with working(jobs, diary):
        await eventually(lambda: len(diary.answered) == 2)
    assert sorted(diary.answered) == ["orphan", f"sync handbook {full}"]
    assert await list_left(jobs) == []


async def test_a_sync_that_fails_holds_up_nothing_where_another_waits(pool: Pool, jobs: Jobs) -> None:
    diary, synced = Diary(), []

    async def sync(source: str, full: bool) -> None:
        synced.append((source, full))
        if len(synced) == 1:
            await jobs.defer_sync("handbook")
            raise ValueError

    await jobs.defer_sync("handbook", full=True)
    async with working(jobs, diary, sync=sync):
        await eventually(lambda: len(synced) == 2, within_s=60)
    assert synced == [("handbook", True), ("handbook", True)]
    assert await list_left(jobs) == []


async def test_a_sync_waits_until_another_process_has_read_the_source(
    pool: Pool, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `helpdesk-bot sync` does, which may take hours: after six tries the night was lost."""
    monkeypatch.setattr(worker_module, "BUSY_AGAIN_S", 0.01)
    diary, tries = Diary(), 0

    async def sync(source: str, full: bool) -> None:
        nonlocal tries
        tries += 1
        if tries <= MAX_ATTEMPTS:
            raise SyncInProgress(source)
        diary.answered.append(f"sync {source} {full}")

    await jobs.defer_sync("handbook", full=True)
    async with working(jobs, diary, sync=sync):
        await eventually(lambda: diary.answered == ["sync handbook True"], within_s=60)
    assert await list_left(jobs) == []


async def list_left(jobs: Jobs) -> list[str]:
    return [job.task_name for job in await jobs.app.job_manager.list_jobs_async()]


async def test_a_refused_sync_leaves_the_callers_transaction_alive(pool: Pool, jobs: Jobs) -> None:
    await jobs.defer_sync("handbook")
    async with pool.connection() as connection:
        assert not await jobs.defer_sync("handbook", connection=connection)
        await connection.execute("create table proof (x integer)")
    async with pool.connection() as connection:
        await connection.execute("select x from proof")


def drop_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            select pg_terminate_backend(pid)
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """
        )


async def test_a_worker_can_be_stopped_while_the_database_is_away(pool: Pool, jobs: Jobs) -> None:
    task = asyncio.create_task(Worker(jobs, Diary().handlers()).run())
    await asyncio.sleep(0.3)
    await pool.close()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=30)
    assert done, "it went on for ever"


async def test_house_is_kept_soon_after_the_start(jobs: Jobs) -> None:
    """A bot that is restarted every few hours would never do it otherwise."""
    kept = asyncio.Event()

    async def keep_house() -> None:
        kept.set()

    assert HOUSEKEEPING_FIRST_AFTER_S <= 5 * 60
    handlers = replace(Diary().handlers(), keep_house=keep_house)
    task = asyncio.create_task(Worker(jobs, handlers, first_housekeeping_s=0.01).run())
    try:
        async with asyncio.timeout(20):
            await kept.wait()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_database_that_is_away_is_said_once_and_once_that_it_is_back(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every five seconds a traceback from each look: an hour's outage was 1,400 of them."""
    monkeypatch.setattr(worker_module, "LOOK_AFTER_EVERY_S", 0.01)
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks < 4:
            raise PoolTimeout("no connection\n after 10 s")
        if looks == 6:
            raise ZeroDivisionError

    handlers = replace(Diary().handlers(), look_after_cases=look, keep_house=look)
    with structlog.testing.capture_logs() as logs:
        task = asyncio.create_task(Worker(jobs, handlers, first_housekeeping_s=3600).run())
        await eventually(lambda: looks > 7)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    said = [(one["event"], one["log_level"]) for one in logs if one.get("work") == "cases"]
    assert said == [
        ("waits for the database", "warning"),
        ("the database is back", "info"),
        ("what is due is postponed", "error"),
    ]
    assert all("exc_info" not in one for one in logs if one["event"] == "waits for the database")


async def test_that_the_database_is_back_is_said_when_it_is_and_not_before(database_url: str) -> None:
    """`docker compose restart database`, 60 s: each queue said every 11 s that it was back, and not when it was."""
    own = conninfo_to_dict(database_url)["dbname"]
    alter = sql.SQL("alter database {} allow_connections {}")
    with structlog.testing.capture_logs() as logs:
        async with open_pool(database_url, max_size=8, timeout_s=1.0) as pool:
            jobs = Jobs(pool)
            await jobs.open()
            with psycopg.connect(make_conninfo(database_url, dbname="postgres"), autocommit=True) as server:
                async with working(jobs, Diary()):
                    await asyncio.sleep(0.3)
                    server.execute(alter.format(sql.Identifier(str(own)), sql.SQL("false")))
                    server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [own])
                    await eventually(lambda: "waits for the database" in said_of(logs, "syncs"))
                    server.execute(alter.format(sql.Identifier(str(own)), sql.SQL("true")))
                    await eventually(lambda: len(said_of(logs, "answers") + said_of(logs, "syncs")) >= 4)
    expected = ["waits for the database", "the database is back"]
    assert (said_of(logs, "answers"), said_of(logs, "syncs")) == (expected, expected)


def said_of(logs: list[EventDict], work: str) -> list[str]:
    return [one["event"] for one in logs if one.get("work") == work]


async def test_house_is_kept_soon_after_the_database_is_back(jobs: Jobs) -> None:
    """Not six hours later; and a fault in it does not end the worker."""
    kept = 0

    async def keep_house() -> None:
        nonlocal kept
        kept += 1
        if kept < 3:
            raise psycopg.OperationalError("the server closed the connection")
        raise psycopg.errors.UniqueViolation

    handlers = replace(Diary().handlers(), keep_house=keep_house)
    task = asyncio.create_task(Worker(jobs, handlers, first_housekeeping_s=0.01).run())
    await eventually(lambda: kept == 3)
    await asyncio.sleep(0.2)
    assert (kept, task.done()) == (3, False)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
