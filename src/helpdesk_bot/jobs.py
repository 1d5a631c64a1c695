"""Work that must not be lost: procrastinate's jobs in Postgres, deferred in the transaction that makes them due."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection
from psycopg.rows import scalar_row

import knowledge.postgres
from helpdesk_bot.events import Action
from helpdesk_bot.signs_of_life import SignsOfLife
from knowledge.migrations import naming_refusals_of
from knowledge.postgres import PATIENT, Pool

ANSWERS, SYNCS = "answers", "syncs"
"""The queues: a long sync never keeps an answer waiting."""

OUTAGES = (*knowledge.postgres.OUTAGES, ConnectorException)
"""As in `knowledge.postgres`, through procrastinate too."""

SCHEMA_LOCK = 4_735_201_908  # any constant of our own: advisory locks are numbers

FILL_UP = """
update procrastinate_jobs
set args = jsonb_set(args, '{full}', 'true')
where queueing_lock = %s and status = 'todo'
"""

# Where two processes take it over at once, one does: the other waits for the row, and finds it in other hands.
TAKE_OVER = """
with orphan as materialized (
  select id from procrastinate_jobs where id = %s and status = 'doing' and worker_id is not distinct from %s for update
)
select procrastinate_retry_job_v2(id, now(), null, null, null)
from orphan
"""


class Jobs:
    """The queue. What is deferred here is done by whichever process runs `helpdesk_bot.worker.Worker`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.app = App(connector=PsycopgConnector())

    async def open(self) -> None:
        await self.app.open_async(self._pool)

    async def defer_answer(self, connection: AsyncConnection, *, question_key: str, conversation_id: str) -> None:
        """In the caller's transaction. One conversation is answered in order and never twice at a time."""
        await self.app.configure_task(
            "answer", queue=ANSWERS, lock=f"conversation:{conversation_id}", connection=connection
        ).defer_async(question_key=question_key)

    async def defer_case(self, connection: AsyncConnection, *, question_key: str) -> None:
        """Look after a case, in the caller's transaction; one thing at a time for each case."""
        await self.app.configure_task(
            "case", queue=ANSWERS, lock=f"case:{question_key}", connection=connection
        ).defer_async(question_key=question_key)

    async def defer_press(
        self, connection: AsyncConnection, *, action: Action, value: str, person_id: str, lock: str
    ) -> None:
        """Carry out what a button asks for, in the caller's transaction and in the order of the lock's other work."""
        await self.app.configure_task("press", queue=ANSWERS, lock=lock, connection=connection).defer_async(
            action=action, value=value, person_id=person_id
        )

    async def defer_sync(
        self, source: str, *, full: bool = False, after_s: float = 0.0, connection: AsyncConnection | None = None
    ) -> bool:
        """False where a sync of this source already waits, which is a full one then if this one was to be; one that
        runs does not count.
        """
        if connection is None:
            async with self._pool.connection() as own:
                return await self.defer_sync(source, full=full, after_s=after_s, connection=own)
        sync = self.app.configure_task(
            "sync",
            queue=SYNCS,
            lock=f"sync:{source}",
            queueing_lock=f"sync:{source}",
            schedule_in={"seconds": round(after_s)} if after_s else None,
            connection=connection,
        )
        try:
            async with connection.transaction():
                await sync.defer_async(source=source, full=full)
        except AlreadyEnqueued:
            if full:
                await connection.execute(FILL_UP, [f"sync:{source}"])
            return False
        return True

    async def defer_rights(self, source: str, *, connection: AsyncConnection) -> bool:
        """Look at who may read what; False where that already waits."""
        look = self.app.configure_task(
            "rights", queue=SYNCS, lock=f"sync:{source}", queueing_lock=f"rights:{source}", connection=connection
        )
        try:
            async with connection.transaction():
                await look.defer_async(source=source)
        except AlreadyEnqueued:
            return False
        return True

    async def defer_stale_look(self, *, after_s: float = 0.0) -> bool:
        """Look for answers that rest on what changed; False where that already waits."""
        look = self.app.configure_task(
            "stale", queue=ANSWERS, lock="stale", queueing_lock="stale", schedule_in={"seconds": round(after_s)}
        )
        try:
            await look.defer_async()
        except AlreadyEnqueued:
            return False
        return True

    async def defer_mark(self, connection: AsyncConnection, *, marker: str, conversation_id: str) -> None:
        """Mark an answer whose source changed, in the order of its conversation, in the caller's transaction."""
        await self.app.configure_task(
            "mark", queue=ANSWERS, lock=f"conversation:{conversation_id}", connection=connection
        ).defer_async(marker=marker)

    async def defer_word_of_model(self, label: str) -> None:
        """Tell admins that a model began to rest."""
        await self.app.configure_task("model", queue=ANSWERS).defer_async(label=label)

    async def defer_warning(self, connection: AsyncConnection, *, text: str, marker: str) -> None:
        """Tell admins what a platform said, or of a budget, in the caller's transaction."""
        await self.app.configure_task("warning", queue=ANSWERS, connection=connection).defer_async(
            text=text, marker=marker
        )

    @asynccontextmanager
    async def signs_of_life(self) -> AsyncGenerator[SignsOfLife]:
        """Over a connection of its own."""
        async with await AsyncConnection.connect(
            str(self._pool.conninfo), autocommit=True, connect_timeout=5, application_name="helpdesk-bot"
        ) as connection:
            yield SignsOfLife(connection)

    async def take_over(self, job: Job) -> bool:
        """Put back a job of a worker that is gone; False where another process did."""
        async with self._pool.connection() as connection:
            return bool((await connection.execute(TAKE_OVER, [job.id, job.worker_id])).rowcount)

    async def has_living_worker(self, *, silent_s: float = 30.0) -> bool:
        """Whether any process that runs jobs gave a sign of life lately."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(
                "select exists (select 1 from procrastinate_workers where last_heartbeat > %s)",
                [datetime.now(UTC) - timedelta(seconds=silent_s)],
            )
            return bool(await cursor.fetchone())


async def install_schema(url: str) -> None:
    """Create procrastinate's tables where they are missing; any number of processes may call this at once."""
    async with await AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
        await connection.execute(PATIENT)
        await connection.execute("select pg_advisory_lock(%s)", [SCHEMA_LOCK])
        cursor = await connection.execute("select to_regclass('procrastinate_jobs') is not null")
        row = await cursor.fetchone()
        if not (row and row[0]):
            with naming_refusals_of("procrastinate's tables"):
                await connection.execute(SchemaManager.get_schema())
