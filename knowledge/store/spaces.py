"""Embedding spaces: which one answers, and how another is built beside it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier, Literal

from knowledge.store.rows import IndexBuild, Space, StoredChunk
from knowledge.store.turns import taking_turn

INDEX_FROM_CHUNKS = 10_000
"""Below it an exact scan of all vectors takes some 10 ms and needs no index."""

INDEX_CARE = 128
"""Candidates for each chunk's neighbours while the index is built (`ef_construction`). With pgvector's own 64 a whole
cluster of vectors may be out of reach, in some builds and not in others."""

MOST_ROWS_A_BLOCK = 291
"""What fits into 8 KiB, were the rows empty."""

INDEX_BYTES_A_CHUNK = 1_032
"""What building the index keeps in memory beside the vector: a graph that does not fit is finished on disk, many times
slower."""
BYTES_A_NUMBER = 2
INDEX_MEMORY_MIB = (64, 3_072)
"""At least and at most."""


async def find_active_space(connection: AsyncConnection) -> Space | None:
    cursor = connection.cursor(row_factory=class_row(Space))
    await cursor.execute("select id, model, dimension from knowledge.embedding_space where state = 'active'")
    return await cursor.fetchone()


async def list_spaces(connection: AsyncConnection) -> list[Space]:
    """Every space that has a table, whatever its state."""
    cursor = connection.cursor(row_factory=class_row(Space))
    await cursor.execute("select id, model, dimension from knowledge.embedding_space order by id")
    return await cursor.fetchall()


async def open_space(connection: AsyncConnection, *, model: str, dimension: int, state: str) -> Space:
    """The space of this model in this state, with its table; made when there is none.

    halfvec keeps 768 dimensions in 1,544 bytes; `storage plain` keeps them in the row, where a scan finds them.
    """
    cursor = connection.cursor(row_factory=class_row(Space))
    await cursor.execute(
        """
        insert into knowledge.embedding_space (model, dimension, state)
        values (%s, %s, %s)
        on conflict (model, dimension) do update set state = excluded.state, changed_at = now()
        returning id, model, dimension
        """,
        [model, dimension, state],
    )
    (space,) = await cursor.fetchall()
    await connection.execute(
        SQL(
            """
            create table if not exists {table} (
              chunk_id  bigint primary key references knowledge.chunk on delete cascade,
              access_id integer not null,
              embedding halfvec({dimension}) not null
            );
            alter table {table} alter column embedding set storage plain;
            create index if not exists {by_access} on {table} (access_id)
            """
        ).format(
            table=space.table,
            dimension=Literal(dimension),
            by_access=Identifier(f"vector_{space.id}_by_access"),
        )
    )
    return space


async def index_space(connection: AsyncConnection, space: Space) -> None:
    """Build the approximate index once there are enough chunks for one.

    Reading goes on meanwhile, writing waits. No parallel workers: they need more shared memory than a container has.
    `find_index_build` tells others how far it is.
    """
    cursor = await connection.execute("select chunks from knowledge.state")
    if (row := await cursor.fetchone()) is None or row[0] < INDEX_FROM_CHUNKS:
        return
    await connection.execute(
        """
        select
          set_config('maintenance_work_mem', %s, true), set_config('max_parallel_maintenance_workers', '0', true)
        """,
        [f"{index_memory_mib(row[0], dimension=space.dimension)}MB"],
    )
    await connection.execute(
        SQL(
            """
            create index if not exists {index} on {table} using hnsw (embedding halfvec_ip_ops)
            with (ef_construction = {care})
            """
        ).format(index=Identifier(space.index_name), table=space.table, care=Literal(INDEX_CARE))
    )


def index_memory_mib(chunks: int, *, dimension: int) -> int:
    """What Postgres may use for building the index of so many chunks."""
    least, most = INDEX_MEMORY_MIB
    return max(least, min(most, chunks * (INDEX_BYTES_A_CHUNK + BYTES_A_NUMBER * dimension) // 2**20))


async def find_index_build(connection: AsyncConnection) -> IndexBuild | None:
    """The index of vectors that is being built in this database now, by whichever process.

    While Postgres reads the first block of a table, it reports all blocks as done (`heapam_scan_get_blocks_done`).
    """
    cursor = connection.cursor(row_factory=class_row(IndexBuild))
    await cursor.execute(
        """
        select
          case when building.tuples_done <= %s then 0 else building.blocks_done end as blocks_done,
          building.blocks_total
        from pg_stat_progress_create_index building
        join pg_class relation on relation.oid = building.relid
        where building.datname = current_database()
          and relation.relnamespace = to_regnamespace('knowledge') and starts_with(relation.relname, 'vector_')
        limit 1
        """,
        [MOST_ROWS_A_BLOCK],
    )
    return await cursor.fetchone()


async def drop_retired_spaces(connection: AsyncConnection) -> None:
    """Drop what was retired an hour ago: no search that began before the switch still reads it."""
    cursor = connection.cursor(row_factory=class_row(Space))
    await cursor.execute(
        """
        delete from knowledge.embedding_space
        where state = 'retired' and changed_at < now() - interval '1 hour'
        returning id, model, dimension
        """
    )
    for space in await cursor.fetchall():
        await connection.execute(SQL("drop table {}").format(space.table))


class SpaceBuilder:
    """Builds the vectors of another model beside those that answer, then switches in one transaction.

    Killed, it goes on where it was. Documents may be written meanwhile: `activate` refuses while one lacks a vector.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def is_settled(self, *, model: str, dimension: int) -> bool:
        """Whether nothing needs building: the space of this model answers, or nothing was ever stored."""
        active = await find_active_space(self._connection)
        return active is None or (active.model, active.dimension) == (model, dimension)

    async def open(self, *, model: str, dimension: int) -> Space:
        async with taking_turn(self._connection) as connection:
            return await open_space(connection, model=model, dimension=dimension, state="building")

    async def count_missing(self, space: Space) -> int:
        cursor = await self._connection.execute(
            SQL(
                """
                select count(*)
                from knowledge.chunk
                where not exists (select from {} vector where vector.chunk_id = chunk.id)
                """
            ).format(space.table)
        )
        row = await cursor.fetchone()
        return row[0] if row else 0

    async def list_missing(self, space: Space, *, after_id: int, limit: int) -> list[StoredChunk]:
        """Chunks without a vector in the space, by id."""
        cursor = self._connection.cursor(row_factory=class_row(StoredChunk))
        await cursor.execute(
            SQL(
                """
                select id, context, text
                from knowledge.chunk
                where id > %s and not exists (select from {} vector where vector.chunk_id = chunk.id)
                order by id
                limit %s
                """
            ).format(space.table),
            [after_id, limit],
        )
        return await cursor.fetchall()

    async def add(self, space: Space, vectors: Mapping[int, NDArray[np.float32]]) -> None:
        """Store vectors by chunk id; a chunk that went meanwhile is left out."""
        async with taking_turn(self._connection) as connection, connection.cursor() as cursor:
            await cursor.executemany(
                SQL(
                    """
                    insert into {} (chunk_id, access_id, embedding)
                    select chunk.id, document.access_id, %s
                    from knowledge.chunk
                    join knowledge.document on document.id = chunk.document_id
                    where chunk.id = %s
                    on conflict (chunk_id) do nothing
                    """
                ).format(space.table),
                [(HalfVector(vector), chunk_id) for chunk_id, vector in vectors.items()],
            )

    async def activate(self, space: Space) -> bool:
        """Let this space answer from now on; False, and nothing, while a chunk has no vector in it."""
        async with taking_turn(self._connection) as connection:
            if await self.count_missing(space):
                return False
            await connection.execute(
                SQL(
                    """
                    update {} vector
                    set access_id = lexical.access_id
                    from knowledge.lexical
                    where lexical.chunk_id = vector.chunk_id and lexical.access_id <> vector.access_id
                    """
                ).format(space.table)
            )
            await index_space(connection, space)
            await connection.execute(
                "update knowledge.embedding_space set state = 'retired', changed_at = now() where state = 'active'"
            )
            await connection.execute(
                "update knowledge.embedding_space set state = 'active', changed_at = now() where id = %s", [space.id]
            )
        return True
