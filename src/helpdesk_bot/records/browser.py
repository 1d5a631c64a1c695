"""What was said in the browser chat: the platform whose messages are ours to keep."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from helpdesk_bot.notices import JsonObject, Notices, announce_in
from knowledge.postgres import Pool


@dataclass(frozen=True, kw_only=True)
class BrowserMessage:
    id: int
    body: JsonObject
    at: datetime


class BrowserMessages:
    """What was said in the browser chat: the platform whose messages are ours to keep."""

    def __init__(self, pool: Pool, notices: Notices) -> None:
        self._pool = pool
        self.announce = notices.announce
        self.listen = notices.listen

    async def add_browser_message(self, conversation: str, *, marker: str, body: JsonObject) -> int:
        """Keep a message and wake whoever listens; the same marker is the same message, and its first body stays.

        The lock makes ids ascend in the order in which messages become visible.
        """
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [conversation])
            await cursor.execute(
                """
                insert into helpdesk.browser_message (conversation, marker, body) values (%s, %s, %s)
                on conflict (marker) do update set marker = excluded.marker
                returning id
                """,
                [conversation, marker, Jsonb(body)],
            )
            message_id: int = await cursor.fetchone()  # pyright: ignore[reportAssignmentType]
            await announce_in(connection, conversation, {"kind": "message"})
            return message_id

    async def find_browser_message(self, conversation: str, *, marker: str) -> int | None:
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(
                "select id from helpdesk.browser_message where conversation = %s and marker = %s",
                [conversation, marker],
            )
            return await cursor.fetchone()

    async def list_browser_messages(self, conversation: str, *, after: int = 0) -> list[BrowserMessage]:
        """The messages with a higher id, oldest first."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(BrowserMessage)) as cursor,
        ):
            await cursor.execute(
                """
                select id, body, posted_at as at
                from helpdesk.browser_message
                where conversation = %s and id > %s
                order by id
                """,
                [conversation, after],
            )
            return await cursor.fetchall()
