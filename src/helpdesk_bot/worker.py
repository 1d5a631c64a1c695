"""The worker: runs jobs, takes over those of dead workers, and comes back after the database was away."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg.errors import UniqueViolation

from helpdesk_bot.errors import RateLimited
from helpdesk_bot.events import Action
from helpdesk_bot.jobs import ANSWERS, OUTAGES, SYNCS, Jobs
from helpdesk_bot.telemetry import Outage
from knowledge.errors import SyncInProgress

log = structlog.get_logger()

MAX_ATTEMPTS = 6
HEARTBEAT_S = 1.0
SILENT_S = 2.0
"""A worker whose sign of life is gone, and which is silent for as long, is dead: its jobs are taken over."""
STALLED_AFTER_S = 8.0
"""One that is silent for as long is dead, whatever its sign of life: it hangs, or its machine is out of reach."""
LOOK_FOR_DEAD_EVERY_S = 1.0
SWEEP_EVERY_S = 2.0
HOUSEKEEPING_FIRST_AFTER_S = 60.0
"""Soon: a bot that is restarted every few hours keeps house as well."""
HOUSEKEEPING_EVERY_S = 6 * 3600.0
LOOK_AFTER_EVERY_S = 5.0
"""How often a worker looks for what is due: reminders of cases, drafts that nobody decided."""
LOOK_EVERY_S = {ANSWERS: 0.5, SYNCS: 5.0}
"""A new job wakes the worker. A job that waited for its conversation's lock does not, when the lock is free again."""
BUSY_AGAIN_S = 60.0
"""When a source is looked at again that another process reads, by the command line."""
DRAIN_S = 20.0
"""What a stopping worker gives its running jobs; what is cut short is done again by the next worker."""


async def _leave_question(_: str) -> None:
    """What nobody handles."""


async def _leave_press(_: Action, __: str, ___: str) -> None:
    """What nobody handles."""


async def _leave_warning(_: str, __: str) -> None:
    """What nobody handles."""


async def _leave_all() -> None:
    """What nobody handles."""


@dataclass(frozen=True, kw_only=True)
class Handlers:
    """What the jobs do. Each raises to be tried again."""

    answer: Callable[[str], Awaitable[None]]
    """By question key."""
    give_up: Callable[[str], Awaitable[None]]
    """By question key, after the last attempt."""
    sync: Callable[[str, bool], Awaitable[None]]
    """By source name, and whether to read everything again."""
    refresh_rights: Callable[[str], Awaitable[None]]
    """By source name."""
    keep_house: Callable[[], Awaitable[None]]
    """Forget what is past its time; called soon after the start and now and then, by each worker."""
    case: Callable[[str], Awaitable[None]] = _leave_question
    """By question key."""
    press: Callable[[Action, str, str], Awaitable[None]] = _leave_press
    """By what the button does, its value, and the platform's id of the person who pressed it."""
    look_for_stale: Callable[[], Awaitable[None]] = _leave_all
    """After pages or rights changed."""
    tell_of_model: Callable[[str], Awaitable[None]] = _leave_question
    """By the label of a model that began to rest."""
    warn_admins: Callable[[str, str], Awaitable[None]] = _leave_warning
    """By the words and their marker."""
    mark: Callable[[str], Awaitable[None]] = _leave_question
    """By the marker of an answer whose source changed."""
    look_after_cases: Callable[[], Awaitable[None]] = _leave_all
    """Do what is due; called every few seconds, by each worker."""
    look_after_drafts: Callable[[], Awaitable[None]] = _leave_all
    """As `look_after_cases`."""


class _Backoff(BaseRetryStrategy):
    """Again when the platform says, otherwise after 1, 2, 4 ... 60 s; work cut short by a shutdown at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, Exception):
            return RetryDecision()
        if job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        wait_s = exception.retry_after_s if isinstance(exception, RateLimited) else min(60.0, 2.0**job.attempts)
        return RetryDecision(retry_in={"seconds": max(1, round(wait_s + 0.5))})


def _stop_if_cancelled() -> None:
    """procrastinate's worker, cancelled while the database is away, ends with the database's error instead."""
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


class _Ledger:
    """What this process works on, to tell jobs in hand from jobs whose end could not be written."""

    def __init__(self) -> None:
        self._running: set[int | None] = set()
        self.worker_ids: set[int] = set()
        self._missed: set[int | None] = set()

    @contextmanager
    def working_on(self, job: Job) -> Generator[None]:
        self._running.add(job.id)
        if job.worker_id is not None:
            self.worker_ids.add(job.worker_id)
        try:
            yield
        finally:
            self._running.discard(job.id)

    def list_abandoned(self, doing: Iterable[Job]) -> list[Job]:
        """Jobs that this process is said to do, and did not do at this look and the one before."""
        missed = [job for job in doing if job.worker_id in self.worker_ids and job.id not in self._running]
        abandoned = [job for job in missed if job.id in self._missed]
        self._missed = {job.id for job in missed}
        return abandoned


class Worker:
    """Runs jobs until it is stopped.

    procrastinate's own worker ends when its database connection does (a public chaos benchmark gives it 0 % after a
    restart of Postgres), and leaves a job behind whose end it could not write. Here it is started again, and a job
    that is marked as running, but by nobody, is put back.
    """

    def __init__(
        self,
        jobs: Jobs,
        handlers: Handlers,
        *,
        answers_at_once: int = 4,
        first_housekeeping_s: float = HOUSEKEEPING_FIRST_AFTER_S,
    ) -> None:
        self._jobs = jobs
        self._handlers = handlers
        self._answers_at_once = answers_at_once
        self._first_housekeeping_s = first_housekeeping_s
        self._ledger = _Ledger()
        self._register()

    async def run(self) -> None:
        """Until cancelled; then running jobs get `DRAIN_S` to end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_working(ANSWERS, concurrency=self._answers_at_once))
            group.create_task(self._keep_working(SYNCS, concurrency=1))
            group.create_task(self._keep_alive())
            group.create_task(self._keep_sweeping())
            group.create_task(self._keep_house())
            group.create_task(self._keep_looking("cases", self._handlers.look_after_cases))
            group.create_task(self._keep_looking("drafts", self._handlers.look_after_drafts))

    def _register(self) -> None:
        task = self._jobs.app.task
        task(name="answer", pass_context=True, retry=_Backoff())(self._answer)
        task(name="case", pass_context=True, retry=_Backoff())(self._case)
        task(name="press", pass_context=True, retry=_Backoff())(self._press)
        task(name="stale", pass_context=True, retry=_Backoff())(self._look_for_stale)
        task(name="model", pass_context=True, retry=_Backoff())(self._tell_of_model)
        task(name="warning", pass_context=True, retry=_Backoff())(self._warn_admins)
        task(name="mark", pass_context=True, retry=_Backoff())(self._mark)
        task(name="sync", pass_context=True, retry=_Backoff())(self._sync)
        task(name="rights", pass_context=True, retry=False)(self._refresh_rights)

    async def _answer(self, context: JobContext, question_key: str) -> None:
        with self._ledger.working_on(context.job):
            if context.job.attempts >= MAX_ATTEMPTS:  # it killed its workers, one after the other
                await self._handlers.give_up(question_key)
                return
            try:
                await self._handlers.answer(question_key)
            except Exception:
                if context.job.attempts + 1 < MAX_ATTEMPTS:
                    raise
                log.exception("answer gave up", question_key=question_key)
                await self._handlers.give_up(question_key)

    async def _case(self, context: JobContext, question_key: str) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.case(question_key)

    async def _press(self, context: JobContext, action: str, value: str, person_id: str) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.press(Action(action), value, person_id)

    async def _look_for_stale(self, context: JobContext) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.look_for_stale()

    async def _tell_of_model(self, context: JobContext, label: str) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.tell_of_model(label)

    async def _warn_admins(self, context: JobContext, text: str, marker: str) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.warn_admins(text, marker)

    async def _mark(self, context: JobContext, marker: str) -> None:
        with self._ledger.working_on(context.job):
            await self._handlers.mark(marker)

    async def _sync(self, context: JobContext, source: str, full: bool) -> None:
        with self._ledger.working_on(context.job):
            try:
                await self._handlers.sync(source, full)
            except SyncInProgress:
                await self._jobs.defer_sync(source, full=full, after_s=BUSY_AGAIN_S)

    async def _refresh_rights(self, context: JobContext, source: str) -> None:
        """Not tried again: the next one is due in minutes."""
        with self._ledger.working_on(context.job):
            await self._handlers.refresh_rights(source)

    async def _keep_working(self, queue: str, *, concurrency: int) -> None:
        outage = Outage(queue)
        while True:
            try:
                await self._jobs.app.check_connection_async()
                outage.is_over()
                await self._jobs.app.run_worker_async(
                    queues=[queue],
                    name=queue,
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_AFTER_S,
                    shutdown_graceful_timeout=DRAIN_S,
                    fetch_job_polling_interval=LOOK_EVERY_S[queue],
                    delete_jobs="successful",
                )
                log.warning("worker ended and is started again", queue=queue)
            except ConnectorException as error:
                _stop_if_cancelled()
                outage.begins(error)
            await asyncio.sleep(1.0)

    async def _keep_alive(self) -> None:
        """Give signs of life, and look for those whose signs are gone."""
        outage = Outage("signs of life")
        while True:
            try:
                async with self._jobs.signs_of_life() as signs:
                    outage.is_over()
                    while True:
                        await signs.give(self._ledger.worker_ids)
                        if dead := await signs.list_dead(silent_s=SILENT_S):
                            await self._take_over([job for job in await self._list_doing() if job.worker_id in dead])
                        await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S)
            except OUTAGES as error:
                outage.begins(error)
            await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S)

    async def _keep_sweeping(self) -> None:
        outage = Outage("sweep")
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self._sweep()
                outage.is_over()
            except OUTAGES as error:
                outage.begins(error)

    async def _keep_house(self) -> None:
        outage = Outage("housekeeping")
        wait_s = self._first_housekeeping_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = HOUSEKEEPING_EVERY_S
            try:
                await self._handlers.keep_house()
                outage.is_over()
            except OUTAGES as error:
                outage.begins(error)
                wait_s = self._first_housekeeping_s
            except Exception:
                log.exception("housekeeping is postponed")

    async def _keep_looking(self, work: str, look: Callable[[], Awaitable[None]]) -> None:
        """One look that fails costs nothing: what is due is due at the next one as well."""
        outage = Outage(work)
        while True:
            await asyncio.sleep(LOOK_AFTER_EVERY_S)
            try:
                await look()
                outage.is_over()
            except OUTAGES as error:
                outage.begins(error)
            except Exception:
                log.exception("what is due is postponed", work=work)

    async def _sweep(self) -> None:
        """Put back the jobs of silent workers, and jobs of this one whose end could not be written."""
        stalled = list(await self._jobs.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S))
        await self._take_over([*stalled, *self._ledger.list_abandoned(await self._list_doing())])

    async def _list_doing(self) -> list[Job]:
        return list(await self._jobs.app.job_manager.list_jobs_async(status=Status.DOING.value))

    async def _take_over(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            try:
                if await self._jobs.take_over(job):
                    log.warning("job taken over", job_id=job.id, task=job.task_name, attempts=job.attempts)
            except UniqueViolation:
                await self._leave_to_the_waiting(job)

    async def _leave_to_the_waiting(self, job: Job) -> None:
        """A job of which one waits and no second may: that one does it, and it waits for this one to end."""
        if job.task_kwargs.get("full"):
            await self._jobs.defer_sync(str(job.task_kwargs["source"]), full=True)
        await self._jobs.app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
