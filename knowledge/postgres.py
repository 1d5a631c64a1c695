"""The way to Postgres: a pool of connections."""

import asyncio
import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, LiteralString, TypeAlias, TypeVar

import psycopg
from pgvector.psycopg import register_vector_async
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from knowledge.errors import DatabaseUnavailable

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection]


OUTAGES = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InsufficientPrivilege,
    PoolTimeout,
    PoolClosed,
)
"""What a database that goes away, is full or takes no writes makes of any statement. A wrong statement is ours."""

PATIENT: LiteralString = """
set statement_timeout = 0; set lock_timeout = 0;
set idle_session_timeout = 0; set idle_in_transaction_session_timeout = 0;
"""
"""For connections that migrate, write and build indices, or hold a lock while a slow place is asked: limits that a
hoster sets for every user are meant for others."""

Connection = TypeVar("Connection", bound=AsyncConnection[Any])


class StoppablePool(AsyncConnectionPool[Connection]):
    """A pool whose waiting can be cancelled, always.

    It waits by `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that comes in the moment in which
    the wait ends (python/cpython#86296): a worker that was told to stop then went on for good.
    """

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 - the pool's own signature
        cancellations = _count_cancellations()
        connection = await super().getconn(timeout)
        if _count_cancellations() > cancellations:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


def _count_cancellations() -> int:
    """Of the running task so far; one that cleans up after a cancellation has some."""
    task = asyncio.current_task()
    return task.cancelling() if task else 0


@asynccontextmanager
async def open_pool(url: str, *, max_size: int, timeout_s: float = 10.0) -> AsyncGenerator[Pool]:
    """A pool on a migrated database, whose connections know pgvector's types and are checked before use.

    `timeout_s` bounds the wait for a free connection. Raises `DatabaseUnavailable` when none can be opened.
    """
    pool: Pool = StoppablePool(
        url,
        min_size=1,
        max_size=max_size,
        timeout=timeout_s,
        open=False,
        configure=register_vector_async,
        check=_check,
        reset=_forget_modes,
        kwargs={"connect_timeout": 5, "application_name": "helpdesk-bot"},
    )
    try:
        await pool.open(wait=True, timeout=timeout_s)
    except psycopg.Error as error:
        await pool.close()
        raise DatabaseUnavailable(await _find_why(url)) from error
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def for_one_statement(pool: Pool) -> AsyncGenerator[AsyncConnection]:
    """A connection on which each statement is a transaction by itself: one way to the server and back, not three."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection


async def _forget_modes(connection: AsyncConnection) -> None:
    """Whoever comes next begins an ordinary transaction. Nothing goes to the server: it is said with `begin`."""
    if connection.autocommit:
        await connection.set_autocommit(False)
    if connection.isolation_level is not None:
        await connection.set_isolation_level(None)
    if connection.read_only is not None:
        await connection.set_read_only(None)


async def _find_why(url: str) -> str:
    """A pool tries again and again, and says no more than that."""
    try:
        async with await AsyncConnection.connect(url, connect_timeout=5) as connection:
            await register_vector_async(connection)
    except psycopg.Error as error:
        return in_one_line(error)
    return "no connection could be opened in time"


async def _check(connection: AsyncConnection) -> None:
    """Ask a connection whether it lives only when something came in while it was idle: the server says nothing then,
    except that it ends. Raises `psycopg.OperationalError`. It saves each transaction a way to the server and back.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        await AsyncConnectionPool.check_connection(connection)


def in_one_line(error: psycopg.Error) -> str:
    """As libpq says it, host and user included; it never repeats a password."""
    return " ".join(str(error).split())
