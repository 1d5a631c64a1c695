"""What the tables have in common: a place in columns, and work inside a transaction."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, TypeAlias, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import Params
from psycopg.rows import kwargs_row, scalar_row

from helpdesk_bot.events import Place, PlaceKind, Platform
from knowledge.postgres import Pool, for_one_statement

Row = TypeVar("Row")
InTransaction: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """A row with the columns of a place; `kind` is the place's."""

    platform: str
    tenant: str
    channel: str
    thread: str | None
    kind: str

    @property
    def place(self) -> Place:
        return Place(
            platform=Platform(self.platform),
            tenant=self.tenant,
            channel=self.channel,
            thread=self.thread,
            kind=PlaceKind(self.kind),
        )


def with_place(make: Callable[..., Row]) -> Callable[..., Row]:
    """For rows with the columns of a place: `make` is given a `place` instead of them."""

    def made(*, platform: str, tenant: str, channel: str, thread: str | None, kind: str, **others: Any) -> Row:
        row = PlaceRow(platform=platform, tenant=tenant, channel=channel, thread=thread, kind=kind)
        return make(place=row.place, **others)

    return made


class Table:
    """Each method is one transaction, or runs in the one it is handed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """One transaction for several tables' functions."""
        async with self._pool.connection() as connection:
            yield connection

    async def _find_row(
        self, make: Callable[..., Row], query: LiteralString, parameters: Params | None = None
    ) -> Row | None:
        """As `find_row`, in a transaction of its own; so are the others."""
        async with for_one_statement(self._pool) as connection:
            return await find_row(connection, make, query, parameters)

    async def _list_rows(
        self, make: Callable[..., Row], query: LiteralString, parameters: Params | None = None
    ) -> list[Row]:
        async with for_one_statement(self._pool) as connection:
            return await list_rows(connection, make, query, parameters)

    async def _find_value(self, query: LiteralString, parameters: Params) -> Any:  # noqa: ANN401 - the column's type
        async with for_one_statement(self._pool) as connection:
            return await find_value(connection, query, parameters)

    async def _list_values(self, query: LiteralString, parameters: Params | None = None) -> list[Any]:
        async with for_one_statement(self._pool) as connection:
            return await list_values(connection, query, parameters)

    async def _execute(self, query: LiteralString, parameters: Params) -> int:
        """How many rows it wrote or took away."""
        async with for_one_statement(self._pool) as connection:
            return (await connection.execute(query, parameters)).rowcount

    async def _changes(self, query: LiteralString, parameters: Params) -> bool:
        """Execute it; whether it wrote or took away anything."""
        return bool(await self._execute(query, parameters))


async def find_row(
    connection: AsyncConnection, make: Callable[..., Row], query: LiteralString, parameters: Params | None = None
) -> Row | None:
    """What the statement gives first, made by a class or a function whose arguments are the columns."""
    async with connection.cursor(row_factory=kwargs_row(make)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchone()


async def list_rows(
    connection: AsyncConnection, make: Callable[..., Row], query: LiteralString, parameters: Params | None = None
) -> list[Row]:
    async with connection.cursor(row_factory=kwargs_row(make)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


async def find_value(connection: AsyncConnection, query: LiteralString, parameters: Params) -> Any:  # noqa: ANN401 - the column's type
    """The only column of what the statement gives first; None where it gives nothing."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchone()


async def list_values(connection: AsyncConnection, query: LiteralString, parameters: Params | None = None) -> list[Any]:
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


def place_columns(place: Place) -> tuple[str, str, str, str | None, str]:
    """In the order of the columns: platform, tenant, channel, thread, kind."""
    return place.platform, place.tenant, place.channel, place.thread, place.kind
