"""How writers take turns."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection


@asynccontextmanager
async def taking_turn(connection: AsyncConnection) -> AsyncGenerator[AsyncConnection]:
    """A transaction that no other writer's overlaps: it begins by locking the row that all of them share.

    Page-sized transactions all change the counts of the same common words; in turns they can't deadlock.
    """
    async with connection.transaction():
        await connection.execute("select from knowledge.state for update")
        yield connection


async def lock_for_session(connection: AsyncConnection, name: str) -> bool:
    """Take an advisory lock that lasts as long as the connection; False when another session has it."""
    cursor = await connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    row = await cursor.fetchone()
    return bool(row and row[0])
