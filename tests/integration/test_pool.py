"""The way to Postgres can be left at any moment, and a dead connection is not handed out."""

import asyncio
from contextlib import suppress

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from knowledge.errors import DatabaseUnavailable
from knowledge.postgres import for_one_statement, open_pool
from knowledge.store import Store

STEPS = 12
"""Of the event loop, more than a waiting task takes from its turn to its connection."""


@pytest.mark.parametrize("steps", range(STEPS))
async def test_whoever_is_told_to_stop_while_it_waits_for_a_connection_stops(database_url: str, steps: int) -> None:
    async with open_pool(database_url, max_size=1) as pool:
        held = await pool.getconn()
        waiting = asyncio.create_task(pool.getconn())
        await asyncio.sleep(0.05)
        await pool.putconn(held)
        for _ in range(steps):
            await asyncio.sleep(0)
        was_told = waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled() == was_told
        if not waiting.cancelled():
            await pool.putconn(waiting.result())
        async with asyncio.timeout(10), pool.connection() as connection:  # which went back to the pool
            await connection.execute("select 1")


async def test_who_cleans_up_after_being_stopped_gets_a_connection(database_url: str) -> None:
    async with open_pool(database_url, max_size=1) as pool:

        async def work() -> str:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                async with pool.connection() as connection:
                    await connection.execute("select 1")
            return "cleaned up"

        working = asyncio.create_task(work())
        await asyncio.sleep(0)
        working.cancel()
        assert await working == "cleaned up"


async def test_a_connection_that_died_while_it_was_idle_is_replaced(database_url: str) -> None:
    async with open_pool(database_url, max_size=1) as pool:
        async with pool.connection() as connection:
            dead = connection.info.backend_pid
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s, 5000)", [dead])
        async with pool.connection() as connection:
            assert connection.info.backend_pid != dead
            await connection.execute("select 1")


async def test_why_no_connection_could_be_opened_is_said(database_url: str) -> None:
    url = make_conninfo(database_url, dbname="nowhere")
    with pytest.raises(DatabaseUnavailable, match='database "nowhere" does not exist'):
        async with open_pool(url, max_size=1, timeout_s=0.2):
            pass


async def test_after_one_statement_or_a_snapshot_a_connection_begins_ordinary_transactions(database_url: str) -> None:
    """A half of a transaction would stay where the rest of it failed."""
    async with open_pool(database_url, max_size=1) as pool:
        async with for_one_statement(pool) as connection:
            await connection.execute("create table helpdesk.proof (x integer)")
        async with Store(pool).snapshot():
            pass
        with suppress(ZeroDivisionError):
            async with pool.connection() as connection:
                await connection.execute("insert into helpdesk.proof values (1)")
                raise ZeroDivisionError
        async with pool.connection() as connection:
            cursor = await connection.execute(
                "select count(*), current_setting('transaction_isolation') from helpdesk.proof"
            )
            assert await cursor.fetchone() == (0, "read committed")


async def test_a_connection_that_dies_in_its_one_statement_says_so_and_is_replaced(database_url: str) -> None:
    async with open_pool(database_url, max_size=1) as pool:
        with pytest.raises(psycopg.OperationalError):
            async with for_one_statement(pool) as connection:
                await connection.execute("select pg_terminate_backend(pg_backend_pid())")
        async with for_one_statement(pool) as connection:
            await connection.execute("select 1")
