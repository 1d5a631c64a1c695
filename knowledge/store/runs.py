"""Runs of syncs: each a row from its begin to its receipt, which other processes look at while it goes on."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from connectors.documents import Cursor
from knowledge.store.rows import SourceStatus, SyncRun
from knowledge.store.turns import are_locked, sync_lock

KILLED = "its process ended without a word; the next run went on where it was"

STATUS = """
select
  source.name as source,
  (select count(*) from knowledge.document where document.source = source.name) as documents,
  (
    select coalesce(sum(rule.chunks), 0)::bigint from knowledge.access_rule rule where rule.source = source.name
  ) as chunks,
  (select count(*) from knowledge.quarantine where quarantine.source = source.name) as quarantined,
  (select count(*) from knowledge.held_removal held where held.source = source.name) as held,
  source.synced_at, source.rights_at, source.rights_problem
from knowledge.source
order by source.name
"""

LAST_RUNS = """
select distinct on (source, state = 'running')
  id, source, started_at, finished_at, state, receipt, phase, progress, updated_at, cancelled_by
from knowledge.sync_run
order by source, state = 'running', id desc
"""


class Runs:
    """Of one source, in the hands of its writer: who writes here has the source's lock."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source

    async def begin(self) -> SyncRun:
        """A new run. One that still counts as running was killed: the lock is ours."""
        async with self._connection.transaction():
            await self._connection.execute(
                "insert into knowledge.source (name) values (%s) on conflict do nothing", [self.source]
            )
            await self._close_killed()
            cursor = self._connection.cursor(row_factory=class_row(SyncRun))
            await cursor.execute(
                """
                insert into knowledge.sync_run (source)
                values (%s)
                returning id, source, started_at, finished_at, state, receipt, phase, progress, updated_at, cancelled_by
                """,
                [self.source],
            )
            (run,) = await cursor.fetchall()
        return run

    async def _close_killed(self) -> None:
        """End what was killed; what it had in hand is under suspicion of having killed it."""
        await self._connection.execute(
            """
            insert into knowledge.suspect (source, key, version)
            select source, in_hand.key, in_hand.value
            from knowledge.sync_run, jsonb_each_text(in_hand) in_hand
            where source = %s and state = 'running'
            on conflict (source, key) do update
            set attempts = case when suspect.version = excluded.version then suspect.attempts + 1 else 1 end,
                version = excluded.version
            """,
            [self.source],
        )
        await self._connection.execute(
            """
            update knowledge.sync_run
            set state = 'interrupted', finished_at = now(),
                receipt = jsonb_build_object(
                  'source', source, 'run_id', id, 'started_at', started_at, 'state', 'interrupted', 'reason', %s::text,
                  'skipped', '{}'::jsonb, 'chunks_embedded', coalesce(progress -> 'chunks_embedded', '0')
                )
            where source = %s and state = 'running'
            """,
            [KILLED, self.source],
        )

    async def report(
        self, run_id: int, *, phase: str, progress: Mapping[str, int], in_hand: Mapping[str, str]
    ) -> str | None:
        """Let others see how far the run is; who asked it to end, None as long as nobody did.

        `in_hand` are the documents about to be read, version by key.
        """
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(
            """
            update knowledge.sync_run
            set phase = %s, progress = %s, in_hand = %s, updated_at = clock_timestamp()
            where id = %s
            returning cancelled_by
            """,
            [phase, Jsonb(progress), Jsonb(in_hand), run_id],
        )
        return await cursor.fetchone()

    async def finish(self, run_id: int, *, state: str, receipt: Mapping[str, object], cursor: Cursor | None) -> None:
        """Store the receipt and, after a complete listing, where the next one starts.

        Everything that the run wrote before is on disk when this returns, too.
        """
        async with self._connection.transaction():
            await self._connection.execute("set local synchronous_commit = on")
            await self._connection.execute(
                "update knowledge.sync_run set state = %s, finished_at = now(), receipt = %s where id = %s",
                [state, Jsonb(receipt), run_id],
            )
            if cursor is not None:
                await self._connection.execute(
                    "update knowledge.source set cursor = %s, synced_at = now() where name = %s",
                    [cursor.value, self.source],
                )

    async def abandon(self, run_id: int, receipt: Mapping[str, object], *, state: str) -> None:
        """End the run while an error is under way; where even this can't be written, the next run does it."""
        with suppress(psycopg.Error):
            await self.finish(run_id, state=state, receipt=receipt, cursor=None)

    async def get_last_id(self) -> int | None:
        """Of the run that began last."""
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute("select max(id) from knowledge.sync_run where source = %s", [self.source])
        return await cursor.fetchone()

    async def get_synced_at(self) -> datetime | None:
        """End of the last complete run."""
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute("select synced_at from knowledge.source where name = %s", [self.source])
        return await cursor.fetchone()

    async def get_cursor(self) -> Cursor | None:
        """Where the next incremental listing starts."""
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute("select cursor from knowledge.source where name = %s", [self.source])
        value = await cursor.fetchone()
        return None if value is None else Cursor(value=value)

    async def note_rights(self, *, problem: str | None) -> None:
        """Rights are as the place has them now, or could not be brought there and why."""
        await self._connection.execute(
            """
            insert into knowledge.source (name, rights_at, rights_problem)
            values (%(name)s, case when %(problem)s::text is null then now() end, %(problem)s)
            on conflict (name) do update
            set rights_at = coalesce(excluded.rights_at, source.rights_at), rights_problem = excluded.rights_problem
            """,
            {"name": self.source, "problem": problem},
        )


async def list_statuses(connection: AsyncConnection) -> list[SourceStatus]:
    """Of every source that was ever synced, by name."""
    runs = await _list_last_runs(connection)
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(STATUS)
    return [
        SourceStatus(**row, running=runs.get((row["source"], True)), last_run=runs.get((row["source"], False)))
        for row in await cursor.fetchall()
    ]


async def _list_last_runs(connection: AsyncConnection) -> dict[tuple[str, bool], SyncRun]:
    """By source and whether it is under way."""
    cursor = connection.cursor(row_factory=class_row(SyncRun))
    await cursor.execute(LAST_RUNS)
    runs = {(run.source, run.state == "running"): run for run in await cursor.fetchall()}
    alive = await _list_alive(connection, [source for source, is_running in runs if is_running])
    return {key: run for key, run in runs.items() if not key[1] or run.source in alive}


async def _list_alive(connection: AsyncConnection, sources: Sequence[str]) -> set[str]:
    """Those whose lock somebody holds: a run whose process was killed counts as running until the next one begins."""
    return {source for source in sources if await are_locked(connection, sync_lock(source))}


async def list_runs(connection: AsyncConnection, source: str, *, limit: int) -> list[SyncRun]:
    """Newest first."""
    cursor = connection.cursor(row_factory=class_row(SyncRun))
    await cursor.execute(
        """
        select id, source, started_at, finished_at, state, receipt, phase, progress, updated_at, cancelled_by
        from knowledge.sync_run
        where source = %s
        order by id desc
        limit %s
        """,
        [source, limit],
    )
    return await cursor.fetchall()


async def ask_to_end(connection: AsyncConnection, source: str, *, by: str) -> bool:
    """Mark the run under way; False where there is none."""
    if source not in await _list_alive(connection, [source]):
        return False
    cursor: Any = await connection.execute(
        "update knowledge.sync_run set cancelled_by = %s where source = %s and state = 'running'", [by, source]
    )
    return cursor.rowcount > 0
