"""How writers take turns."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from psycopg import AsyncConnection, Error

UNLOCK_S = 5.0

# An advisory lock of one 64-bit number shows as two halves of 32 bits.
ARE_LOCKED = """
select exists (
  select
  from pg_locks
  where locktype = 'advisory' and objsubid = 1 and granted
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = any(
      array(select hashtextextended(name, 0) from unnest(%(names)s::text[]) as name)
    )
  group by pid
  having count(*) = cardinality(%(names)s::text[])
)
"""


@asynccontextmanager
async def taking_turn(connection: AsyncConnection) -> AsyncGenerator[AsyncConnection]:
    """A transaction that no other writer's overlaps: it begins by locking the row that all of them share.

    Page-sized transactions all change the counts of the same common words; in turns they can't deadlock.
    """
    async with connection.transaction():
        await connection.execute("select from knowledge.state for update")
        yield connection


def rights_lock(source: str) -> str:
    """The name of the lock that a refresh of a source's rights holds, before and beside the source's own."""
    return f"helpdesk-bot rights {source}"


def sync_lock(source: str) -> str:
    """The name of the lock that a source's only writer holds."""
    return f"helpdesk-bot sync {source}"


async def lock_for_session(connection: AsyncConnection, name: str) -> bool:
    """Take an advisory lock that lasts as long as the connection; False when another session has it."""
    cursor = await connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def unlock_all(connection: AsyncConnection) -> None:
    """Give back what `lock_for_session` took, where the connection still works: else the server does so, in a while."""
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(UNLOCK_S):
            await connection.execute("select pg_advisory_unlock_all()")


async def are_locked(connection: AsyncConnection, *names: str) -> bool:
    """Whether one session, be it this one, has all of these locks."""
    cursor = await connection.execute(ARE_LOCKED, {"names": list(names)})
    row = await cursor.fetchone()
    return bool(row and row[0])
