"""Threads of channels that the bot is part of: who asked there, and whether follow-ups need a mention."""

from dataclasses import dataclass

from psycopg import AsyncConnection

from helpdesk_bot.events import Place
from helpdesk_bot.records.rows import Table, find_row


@dataclass(frozen=True, kw_only=True)
class Thread:
    asker_ids: list[str]
    """Who addressed the bot there."""
    hushed_by: str | None
    """Why follow-ups need a mention now; None: they don't."""


class Threads(Table):
    async def find_thread(self, place: Place) -> Thread | None:
        async with self._pool.connection() as connection:
            return await find_thread_in(connection, place)

    async def hush(self, place: Place, *, rule: str) -> None:
        """From here on follow-ups in this thread need a mention, by `rule`; no-op where the bot is no part of it."""
        async with self._pool.connection() as connection:
            await hush_in(connection, place, rule=rule)


async def find_thread_in(connection: AsyncConnection, place: Place) -> Thread | None:
    return await find_row(
        connection,
        Thread,
        "select asker_ids, hushed_by from helpdesk.thread where conversation_id = %s",
        [place.conversation_id],
    )


async def hush_in(connection: AsyncConnection, place: Place, *, rule: str) -> None:
    await connection.execute(
        """
        update helpdesk.thread
        set hushed_by = %s, changed_at = now()
        where conversation_id = %s and hushed_by is null
        """,
        [rule, place.conversation_id],
    )
