"""What the tables have in common: a place in columns, text that Postgres takes, and work inside a transaction."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import LiteralString, TypeAlias, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import Params
from psycopg.rows import class_row

from helpdesk_bot.events import Place, PlaceKind, Platform
from knowledge.postgres import Pool

Row = TypeVar("Row")
InTransaction: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]


class Table:
    """Each method is one transaction, or runs in the one it is handed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One transaction for several tables' functions."""
        async with self._pool.connection() as connection:
            yield connection

    async def _find_row(self, row: type[Row], query: LiteralString, parameters: Params | None = None) -> Row | None:
        """What the statement gives first, in a transaction of its own; its columns are the fields of `row`."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchone()

    async def _list_rows(self, row: type[Row], query: LiteralString, parameters: Params | None = None) -> list[Row]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()


def place_columns(place: Place) -> tuple[str, str, str, str | None, str]:
    """In the order of the columns: platform, tenant, channel, thread, kind."""
    return place.platform, place.tenant, place.channel, place.thread, place.kind


def place_of(platform: str, tenant: str, channel: str, thread: str | None, kind: str) -> Place:
    return Place(platform=Platform(platform), tenant=tenant, channel=channel, thread=thread, kind=PlaceKind(kind))


def storable(text: str) -> str:
    """Text that Postgres takes: no NUL, no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
