"""The conversations' turns in Postgres: LangGraph's checkpoints, opened strictly and pruned."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import cast

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection
from psycopg.errors import SerializationFailure
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from knowledge.postgres import StoppablePool

CONNECT_TIMEOUT_S = 5.0
"""How long a run waits for a connection; a save after a missed deadline must not hold the asker up for long."""

_SETUP_LOCK = 7_304_511_902_001
_SETUP_RETRY_S = 0.2

_OLD_THREADS = """
select thread_id
from checkpoints
group by thread_id
having max((checkpoint ->> 'ts')::timestamptz) < now() - %s
"""
_GROWN_THREADS = """
select thread_id
from checkpoints
group by thread_id
having count(*) > 1
   and max((checkpoint ->> 'ts')::timestamptz) >= now() - %s
"""


@asynccontextmanager
async def open_history(url: str, *, max_connections: int = 4) -> AsyncGenerator[AsyncPostgresSaver]:
    """A checkpointer on the database at `url`, its tables made if need be.

    It restores plain values only: nothing in a checkpoint can name a class to import.
    """
    pool = StoppablePool[AsyncConnection[DictRow]](
        url,
        min_size=1,
        max_size=max_connections,
        timeout=CONNECT_TIMEOUT_S,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        open=False,
    )
    async with pool:
        serde = JsonPlusSerializer(pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=None)
        saver = AsyncPostgresSaver(pool, serde=serde)
        await _set_up(url, saver)
        yield saver


async def prune(history: AsyncPostgresSaver, *, older_than: timedelta) -> int:
    """Forget the conversations in which nothing was asked for so long; how many.

    Of the others only the newest checkpoint stays: it holds all their turns. One that is being added to is left for
    the next time.
    """
    pool = cast("AsyncConnectionPool[AsyncConnection[DictRow]]", history.conn)
    async with pool.connection() as connection:
        old = await (await connection.execute(_OLD_THREADS, (older_than,))).fetchall()
        grown = await (await connection.execute(_GROWN_THREADS, (older_than,))).fetchall()
    await history.aprune([row["thread_id"] for row in old], strategy="delete")
    for row in grown:
        with suppress(SerializationFailure):
            await history.aprune([row["thread_id"]], strategy="keep_latest")
    return len(old)


async def _set_up(url: str, saver: AsyncPostgresSaver) -> None:
    """Makes LangGraph's tables, one process at a time.

    Trying for the lock rather than waiting: its `create index concurrently` waits for every open statement, and a
    peer that waits for a lock is one.
    """
    async with await AsyncConnection.connect(
        url, autocommit=True, connect_timeout=int(CONNECT_TIMEOUT_S)
    ) as connection:
        while not await _try_lock(connection):  # noqa: ASYNC110 - the other process has no event to set here
            await asyncio.sleep(_SETUP_RETRY_S)
        await saver.setup()


async def _try_lock(connection: AsyncConnection) -> bool:
    """Held until the connection closes."""
    cursor = await connection.execute("select pg_try_advisory_lock(%s)", (_SETUP_LOCK,))
    row = await cursor.fetchone()
    return bool(row and row[0])
