"""Passages by their own names, not by what is asked."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row, scalar_row
from psycopg.sql import SQL

from knowledge.passages import Passage, Scores

PASSAGE_COLUMNS = SQL(
    """
    chunk.id as chunk_id, document.id as document_id, document.source, document.key, document.title, document.url,
    chunk.heading_path, chunk.text, chunk.page, chunk.position, document.modified_at, document.trail
    """
)


class Passages:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, chunk_id: int, access_ids: Sequence[int]) -> Passage | None:
        cursor = self._connection.cursor(row_factory=dict_row)
        await cursor.execute(
            SQL(
                """
                select {passage}
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                where chunk.id = %s and document.access_id = any(%s)
                """
            ).format(passage=PASSAGE_COLUMNS),
            [chunk_id, list(access_ids)],
        )
        row = await cursor.fetchone()
        return passage_of(row, Scores()) if row else None

    async def list_at(self, places: Sequence[tuple[int, int]], access_ids: Sequence[int]) -> list[Passage]:
        """What documents, by their ids, say at these positions, from 0; as ordered there."""
        cursor = self._connection.cursor(row_factory=dict_row)
        await cursor.execute(
            SQL(
                """
                select {passage}
                from unnest(%s::bigint[], %s::integer[]) with ordinality wanted (document_id, position, number)
                join knowledge.document on document.id = wanted.document_id
                join knowledge.chunk on (chunk.document_id, chunk.position) = (wanted.document_id, wanted.position)
                where document.access_id = any(%s)
                order by wanted.number
                """
            ).format(passage=PASSAGE_COLUMNS),
            [*map(list, zip(*places, strict=True)), list(access_ids)],
        )
        return [passage_of(row, Scores()) for row in await cursor.fetchall()]

    async def list_readable(self, chunk_ids: Collection[int], access_ids: Sequence[int]) -> frozenset[int]:
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(
            """
            select chunk.id
            from knowledge.chunk
            join knowledge.document on document.id = chunk.document_id
            where chunk.id = any(%s) and document.access_id = any(%s)
            """,
            [list(chunk_ids), list(access_ids)],
        )
        return frozenset(await cursor.fetchall())

    async def list_of_documents(self, document_ids: Collection[int], access_ids: Sequence[int]) -> list[Passage]:
        """All that these documents say, by document and place."""
        cursor = self._connection.cursor(row_factory=dict_row)
        await cursor.execute(
            SQL(
                """
                select {passage}
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                where document.id = any(%s) and document.access_id = any(%s)
                order by document.id, chunk.position
                """
            ).format(passage=PASSAGE_COLUMNS),
            [list(document_ids), list(access_ids)],
        )
        return [passage_of(row, Scores()) for row in await cursor.fetchall()]


def passage_of(row: Mapping[str, Any], scores: Scores) -> Passage:
    return Passage(
        chunk_id=row["chunk_id"],
        document_id=row["document_id"],
        source=row["source"],
        key=row["key"],
        title=row["title"],
        url=row["url"],
        heading_path=tuple(row["heading_path"]),
        text=row["text"],
        page=row["page"],
        modified_at=row["modified_at"],
        scores=scores,
        trail=tuple(row["trail"]),
        place=row["position"],
    )
