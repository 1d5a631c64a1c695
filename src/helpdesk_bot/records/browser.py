"""What was said in the browser chat: the platform whose messages are ours to keep."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.notices import Notices, announce_in
from helpdesk_bot.records.rows import Table, find_value
from knowledge.postgres import Pool


@dataclass(frozen=True, kw_only=True)
class BrowserMessage:
    id: int
    body: JsonObject
    at: datetime


class BrowserMessages(Table):
    def __init__(self, pool: Pool, notices: Notices) -> None:
        super().__init__(pool)
        self.announce = notices.announce
        self.listen = notices.listen

    async def add_browser_message(self, conversation: str, *, marker: str, body: JsonObject) -> int:
        """Keep a message and wake whoever listens; the same marker is the same message, and its first body stays.

        The lock makes ids ascend in the order in which messages become visible.
        """
        async with self._pool.connection() as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [conversation])
            message_id: int = await find_value(
                connection,
                """
                insert into helpdesk.browser_message (conversation, marker, body) values (%s, %s, %s)
                on conflict (marker) do update set marker = excluded.marker
                returning id
                """,
                [conversation, marker, Jsonb(body)],
            )
            await announce_in(connection, conversation, {"kind": "message"})
            return message_id

    async def find_browser_message(self, conversation: str, *, marker: str) -> int | None:
        return await self._find_value(
            "select id from helpdesk.browser_message where conversation = %s and marker = %s",
            [conversation, marker],
        )

    async def list_browser_messages(self, conversation: str, *, after: int = 0) -> list[BrowserMessage]:
        """The messages with a higher id, oldest first."""
        return await self._list_rows(
            BrowserMessage,
            """
            select id, body, posted_at as at
            from helpdesk.browser_message
            where conversation = %s and id > %s
            order by id
            """,
            [conversation, after],
        )
