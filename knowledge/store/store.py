"""The front door of the knowledge base."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import LiteralString

from pgvector.psycopg import register_vector_async
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from connectors.documents import AccessRule, Principal
from knowledge.errors import SyncInProgress
from knowledge.postgres import PATIENT, Pool, for_one_statement
from knowledge.receipts import Receipt
from knowledge.store.held import approve_held, list_held, list_skipped
from knowledge.store.keeping import forget_name, forget_runs
from knowledge.store.quarantine import list_quarantined
from knowledge.store.refusals import naming_refusals
from knowledge.store.rights import list_rules_of
from knowledge.store.rows import HeldRemoval, IndexBuild, Quarantined, Skipped, Status, SyncRun, storable_key
from knowledge.store.runs import ask_to_end, list_runs, list_statuses
from knowledge.store.snapshot import Snapshot
from knowledge.store.spaces import SpaceBuilder, find_index_build
from knowledge.store.turns import are_locked, lock_for_session, rights_lock, sync_lock, taking_turn, unlock_all
from knowledge.store.words import count_anew
from knowledge.store.writer import Writer

WRITING: LiteralString = "set jit = off; set synchronous_commit = off"
"""Compiling a query costs more than it saves. A crash of the server takes the last moments of a run, never a part of
them out of order, and the next run does them again; the run's end waits for the disk."""


class Store:
    """Opens snapshots to read from and writers, one a source, and answers what concerns the whole."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Snapshot]:
        """Rights and texts of one moment."""
        async with self._pool.connection() as connection:
            yield await Snapshot.begin(connection)

    @asynccontextmanager
    async def writer(self, source: str) -> AsyncGenerator[Writer]:
        """The only writer of this source in any process. Raises `SyncInProgress` while there is another.

        The lock is its connection's and all writes use that connection: who lost the lock can't write. A refresh of
        rights is waited for: it has the lock for moments.
        """
        with naming_refusals():
            async with self._own_connection() as connection:
                if not await _lock(connection, source):
                    raise SyncInProgress(source)
                yield Writer(connection, source)

    @asynccontextmanager
    async def rights_writer(self, source: str) -> AsyncGenerator[Writer]:
        """A writer that refreshes rights, one a source, and only writes once its `lock()` is taken.

        Raises `SyncInProgress` while there is another.
        """
        with naming_refusals():
            async with self._own_connection() as connection:
                if not await lock_for_session(connection, rights_lock(source)):
                    raise SyncInProgress(source)
                yield Writer(connection, source)

    @asynccontextmanager
    async def space_builder(self) -> AsyncGenerator[SpaceBuilder]:
        """The only builder of a new embedding space. Raises `SyncInProgress` while there is another."""
        async with self._own_connection() as connection:
            if not await lock_for_session(connection, "helpdesk-bot reembed"):
                raise SyncInProgress("new vectors")
            yield SpaceBuilder(connection)

    async def forget_runs(self, *, older_than: timedelta) -> int:
        """What is known of old runs, but for each source's newest and its newest complete one; how many."""
        async with self._pool.connection() as connection:
            return await forget_runs(connection, older_than=older_than)

    async def forget_name(self, name: str) -> int:
        """Take off the name of whoever ended a run or approved removals; from how many rows."""
        async with self._pool.connection() as connection:
            return await forget_name(connection, name)

    async def list_principals(self, readers: Sequence[Collection[Principal]]) -> list[frozenset[Principal]]:
        """Each reader's principals with every group that holds one of them, directly or through other groups.

        Rings of groups are fine: `union` leaves out what was found before.
        """
        async with for_one_statement(self._pool) as connection:
            cursor = await connection.execute(
                """
                with recursive closure (reader, principal) as (
                  select reader, principal
                  from jsonb_array_elements(%s) with ordinality as readers (principals, reader),
                       jsonb_array_elements_text(principals) as principal
                  union
                  select closure.reader, membership.group_name
                  from closure
                  join knowledge.membership on membership.member = closure.principal
                )
                select reader, principal from closure
                """,
                [Jsonb([[storable_key(principal) for principal in reader] for reader in readers])],
            )
            found: defaultdict[int, set[Principal]] = defaultdict(set)
            for reader, principal in await cursor.fetchall():
                found[reader].add(Principal(principal))
        return [frozenset(found[number]) for number in range(1, len(readers) + 1)]

    # What is known and how it came here

    async def list_rules_of(self, chunk_ids: Sequence[int]) -> list[AccessRule]:
        """Who may read these chunks: the rules of those that still are, each once."""
        async with self._pool.connection() as connection:
            return await list_rules_of(connection, chunk_ids)

    async def get_status(self) -> Status:
        async with self.snapshot() as snapshot:
            sources = await list_statuses(snapshot.connection)
            index_build = await find_index_build(snapshot.connection)
        return Status(
            documents=sum(one.documents for one in sources),
            chunks=sum(one.chunks for one in sources),
            space=snapshot.moment.space,
            sources=tuple(sources),
            index_build=index_build,
        )

    async def find_index_build(self) -> IndexBuild | None:
        """The index of vectors that is being built now, by whichever process."""
        async with self._pool.connection() as connection:
            return await find_index_build(connection)

    async def list_runs(self, source: str, *, limit: int = 20) -> list[SyncRun]:
        """Newest first, the one under way included."""
        async with self._pool.connection() as connection:
            return await list_runs(connection, source, limit=limit)

    async def list_receipts(self, source: str, *, limit: int = 20) -> list[Receipt]:
        """Of runs that ended, newest first."""
        runs = await self.list_runs(source, limit=limit + 1)
        ended = [run for run in runs if run.receipt is not None][:limit]
        return [Receipt.from_json({"source": run.source, "state": run.state} | (run.receipt or {})) for run in ended]

    async def get_receipt(self, source: str) -> Receipt | None:
        """Of the last run that ended."""
        return next(iter(await self.list_receipts(source, limit=1)), None)

    async def list_quarantined(self, source: str) -> list[Quarantined]:
        """Documents that could not be read in their present version."""
        async with self._pool.connection() as connection:
            return await list_quarantined(connection, source)

    async def list_skipped(self, source: str, *, limit: int = 200) -> list[Skipped]:
        """What the last complete listing left out and why, by reason and key; held removals among them."""
        async with self._pool.connection() as connection:
            return await list_skipped(connection, source, limit=limit)

    async def list_held(self, source: str, *, limit: int = 200) -> list[HeldRemoval]:
        """Removals that wait for a person's word, or have it and wait for the next run; by key."""
        async with self._pool.connection() as connection:
            return await list_held(connection, source, limit=limit)

    # A person's word

    async def request_cancel(self, source: str, *, by: str) -> bool:
        """Let the run under way, in whichever process, end after its page; False where there is none."""
        async with self._pool.connection() as connection:
            return await ask_to_end(connection, source, by=by)

    async def approve_removals(self, source: str, *, by: str, run_id: int) -> int:
        """Approve the removals that were held back up to the run whose receipt `by` has seen; how many those are.

        The next run removes just these, once: what comes back meanwhile stays, what goes missing meanwhile is judged
        by itself.
        """
        async with self._pool.connection() as connection:
            return await approve_held(connection, source, by=by, run_id=run_id)

    # The whole

    async def use_lexical_options(self, *, configuration: str = "english", k1: float = 0.9, b: float = 0.4) -> None:
        """Count all words anew where the text-search configuration or the constants of BM25 are others than before."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select configuration = %s::regconfig and k1 = %s::real and b = %s::real from knowledge.state",
                [configuration, k1, b],
            )
            if await cursor.fetchone() == (True,):
                return
            async with taking_turn(connection):
                await count_anew(connection, configuration=configuration, k1=k1, b=b)

    @asynccontextmanager
    async def _own_connection(self) -> AsyncGenerator[AsyncConnection]:
        """One to hold locks by, outside the pool. It gives them back before it is closed: who comes next finds none."""
        async with self._pool.connection() as pooled:
            url = make_conninfo(pooled.info.dsn, password=pooled.info.password)
        connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
        async with connection:
            await connection.execute(PATIENT)
            await connection.execute(WRITING)
            await register_vector_async(connection)
            try:
                yield connection
            finally:
                await unlock_all(connection)


async def _lock(connection: AsyncConnection, source: str) -> bool:
    """Take the source's lock, after waiting for a refresh of its rights; False while another writer has it."""
    name = sync_lock(source)
    while not await lock_for_session(connection, name):
        if not await are_locked(connection, name, rights_lock(source)):
            return await lock_for_session(connection, name)  # the refresh may have ended between the two looks
        await asyncio.sleep(0.05)
    return True
