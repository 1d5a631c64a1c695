"""What the tables have in common: a place in columns, text that Postgres takes, and work inside a transaction."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from psycopg import AsyncConnection

from helpdesk_bot.events import Place, PlaceKind, Platform
from knowledge.postgres import Pool

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


def place_columns(place: Place) -> tuple[str, str, str, str | None, str]:
    """In the order of the columns: platform, tenant, channel, thread, kind."""
    return place.platform, place.tenant, place.channel, place.thread, place.kind


def place_of(platform: str, tenant: str, channel: str, thread: str | None, kind: str) -> Place:
    return Place(platform=Platform(platform), tenant=tenant, channel=channel, thread=thread, kind=PlaceKind(kind))


def storable(text: str) -> str:
    """Text that Postgres takes: no NUL, no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
