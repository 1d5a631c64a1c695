"""What a sync left out or holds back, for a person to look at and decide."""

from psycopg import AsyncConnection
from psycopg.rows import class_row

from knowledge.store.rows import HeldRemoval, Skipped


async def list_skipped(connection: AsyncConnection, source: str, *, limit: int) -> list[Skipped]:
    cursor = connection.cursor(row_factory=class_row(Skipped))
    await cursor.execute(
        """
        select key, title, url, reason, since
        from knowledge.skipped
        where source = %s
        order by reason, key
        limit %s
        """,
        [source, limit],
    )
    return await cursor.fetchall()


async def list_held(connection: AsyncConnection, source: str, *, limit: int) -> list[HeldRemoval]:
    cursor = connection.cursor(row_factory=class_row(HeldRemoval))
    await cursor.execute(
        """
        select key, document.title, document.url, run_id, approved_by
        from knowledge.held_removal
        join knowledge.document using (source, key)
        where source = %s
        order by key
        limit %s
        """,
        [source, limit],
    )
    return await cursor.fetchall()


async def approve_held(connection: AsyncConnection, source: str, *, by: str, run_id: int) -> int:
    cursor = await connection.execute(
        """
        update knowledge.held_removal
        set approved_by = %s, approved_at = now()
        where source = %s and run_id <= %s and approved_at is null
        """,
        [by, source, run_id],
    )
    return cursor.rowcount
