"""The front door of the knowledge base."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager

from pgvector.psycopg import register_vector_async
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from connectors.documents import Listed, Principal
from knowledge.errors import SyncInProgress
from knowledge.postgres import Pool
from knowledge.store.rows import Quarantined, Status, SyncRun, rule_from_json, storable_key
from knowledge.store.snapshot import Snapshot
from knowledge.store.spaces import SpaceBuilder
from knowledge.store.turns import lock_for_session, taking_turn
from knowledge.store.words import count_anew
from knowledge.store.writer import Writer


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

        The lock is its connection's and all writes use that connection: who lost the lock can't write.
        """
        async with await self._connect() as connection:
            if not await lock_for_session(connection, f"helpdesk-bot sync {source}"):
                raise SyncInProgress(source)
            yield Writer(connection, source)

    @asynccontextmanager
    async def space_builder(self) -> AsyncGenerator[SpaceBuilder]:
        """The only builder of a new embedding space. Raises `SyncInProgress` while there is another."""
        async with await self._connect() as connection:
            if not await lock_for_session(connection, "helpdesk-bot reembed"):
                raise SyncInProgress("new vectors")
            yield SpaceBuilder(connection)

    async def list_principals(self, readers: Sequence[Collection[Principal]]) -> list[frozenset[Principal]]:
        """Each reader's principals with every group that holds one of them, directly or through other groups.

        Rings of groups are fine: `union` leaves out what was found before.
        """
        async with self._pool.connection() as connection:
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

    async def get_status(self) -> Status:
        async with self.snapshot() as snapshot:
            return await snapshot.get_status()

    async def list_runs(self, source: str, *, limit: int = 20) -> list[SyncRun]:
        """Newest first."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(SyncRun))
            await cursor.execute(
                """
                select id, source, started_at, finished_at, state, receipt
                from knowledge.sync_run
                where source = %s
                order by id desc
                limit %s
                """,
                [source, limit],
            )
            return await cursor.fetchall()

    async def list_quarantined(self, source: str) -> list[Quarantined]:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(
                """
                select key, version, title, url, all_of, media_type, modified_at, reason, attempts
                from knowledge.quarantine
                where source = %s
                order by key
                """,
                [source],
            )
            rows = await cursor.fetchall()
        return [
            Quarantined(
                listed=Listed(
                    key=row["key"],
                    version=row["version"],
                    title=row["title"],
                    url=row["url"],
                    access=rule_from_json(row["all_of"]),
                    media_type=row["media_type"],
                    modified_at=row["modified_at"],
                ),
                reason=row["reason"],
                attempts=row["attempts"],
            )
            for row in rows
        ]

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

    async def _connect(self) -> AsyncConnection:
        async with self._pool.connection() as pooled:
            url = make_conninfo(pooled.info.dsn, password=pooled.info.password)
        connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
        await register_vector_async(connection)
        return connection
