"""Vectors of one source that are put aside until the document they are for is written."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import AsyncConnection
from psycopg.rows import scalar_row
from psycopg.sql import SQL

from knowledge.store.rows import Space


class Vectors:
    """Of one source, in the hands of its writer."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self._source = source

    async def reserve(self, space: Space, digests: Collection[bytes]) -> set[bytes]:
        """Put aside the vectors known by these digests, from any source, and return the digests that have none.

        What is put aside stays until the document is written, whatever becomes of the chunk it was taken from.
        """
        await self._connection.execute(
            SQL(
                """
                insert into knowledge.pending_vector (source, space_id, digest, embedding)
                select distinct on (digest) %(source)s, %(space_id)s::integer, digest, embedding
                from (
                  select chunk.digest, vector.embedding
                  from knowledge.chunk
                  join {table} vector on vector.chunk_id = chunk.id
                  where chunk.digest = any(%(digests)s)
                  union all
                  select digest, embedding
                  from knowledge.pending_vector
                  where space_id = %(space_id)s and digest = any(%(digests)s)
                ) known
                on conflict do nothing
                """
            ).format(table=space.table),
            {"source": self._source, "space_id": space.id, "digests": list(digests)},
        )
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(
            """
            select digest
            from knowledge.pending_vector
            where source = %s and space_id = %s and digest = any(%s)
            """,
            [self._source, space.id, list(digests)],
        )
        return set(digests).difference(await cursor.fetchall())

    async def add(self, space: Space, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep fresh vectors, of digests that `reserve` returned, through a kill -9 until they are written."""
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            statement = "copy knowledge.pending_vector (source, space_id, digest, embedding) from stdin (format binary)"
            async with cursor.copy(statement) as copy:
                copy.set_types(("text", "int4", "bytea", "halfvec"))
                for digest, vector in vectors.items():
                    await copy.write_row((self._source, space.id, digest, HalfVector(vector)))

    async def give(self, chunk_ids: Sequence[int], space: Space) -> None:
        """Move what was put aside to the chunks; a missing vector breaks the not-null constraint, and the page."""
        await self._connection.execute(
            SQL(
                """
                with new as materialized (
                  select chunk.id, chunk.digest, document.access_id
                  from knowledge.chunk
                  join knowledge.document on document.id = chunk.document_id
                  where chunk.id = any(%(chunk_ids)s)
                ), moved as (
                  delete from knowledge.pending_vector
                  where source = %(source)s and space_id = %(space_id)s and digest in (select digest from new)
                  returning digest, embedding
                )
                insert into {} (chunk_id, access_id, embedding)
                select new.id, new.access_id, moved.embedding
                from new
                left join moved on moved.digest = new.digest
                """
            ).format(space.table),
            {"source": self._source, "space_id": space.id, "chunk_ids": list(chunk_ids)},
        )

    async def forget(self) -> None:
        """What was put aside for documents that were never written."""
        await self._connection.execute("delete from knowledge.pending_vector where source = %s", [self._source])
