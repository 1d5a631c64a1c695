"""What the bot made of each message it could read: whether it spoke, and by which rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg.rows import scalar_row

from helpdesk_bot.events import Place, Platform
from helpdesk_bot.records.rows import Table, with_place


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether to speak to a message. `reason` is for admins: what was measured, without words of the message."""

    speaks: bool
    rule: str
    reason: str = ""
    hushes: str = ""
    """By this rule the thread's follow-ups need a mention from here on; empty: nothing changes."""
    is_by_other: bool = False
    """Somebody who never asked the bot wrote in a thread that it is part of."""
    continues: str | None = None
    """The thread whose conversation it goes on with; None: its own."""


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """A message and what was made of it. Its text is kept only where it became a question, and there."""

    key: str
    place: Place
    message_id: str
    person_id: str
    speaks: bool
    rule: str
    reason: str
    heard_at: datetime


_HEARINGS: LiteralString = """
select key, platform, tenant, channel, thread, kind, message_id, person_id, speaks, rule, reason, heard_at
from helpdesk.hearing
"""


class Hearings(Table):
    async def find_hearing(self, key: str) -> Hearing | None:
        return await self._find_row(with_place(Hearing), _HEARINGS + " where key = %s", [key])

    async def find_hearing_of(self, platform: Platform, channel: str, message_id: str) -> Hearing | None:
        """By the message as a link names it."""
        return await self._find_row(
            with_place(Hearing),
            _HEARINGS + " where platform = %s and channel = %s and message_id = %s limit 1",
            [platform, channel, message_id],
        )

    async def find_key(self, place: Place, message_id: str, key: str) -> str:
        """The key that a message is kept under: another one than it has now, where its channel got another id since."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(
                """
                select key from helpdesk.hearing
                where platform = %s and channel = %s and message_id = %s
                  and (key = %s or right(key, length(message_id) + 1) = ':' || message_id)
                order by key = %s desc
                limit 1
                """,
                [place.platform, place.channel, message_id, key, key],
            )
            return str(await cursor.fetchone() or key)

    async def leave_alone(self, question_key: str, verdict: Verdict) -> None:
        """Silence after all: the question goes, with its text; that the bot kept silent, and why, stays."""
        async with self._pool.connection() as connection:
            await connection.execute("delete from helpdesk.question where key = %s", [question_key])
            await connection.execute(
                "update helpdesk.hearing set speaks = false, rule = %s, reason = %s where key = %s",
                [verdict.rule, verdict.reason, question_key],
            )

    async def forget_hearings(self, *, silent_for: timedelta, early_for: timedelta) -> int:
        """Of messages that were left alone, what is older than `silent_for`; and early edits' texts; how many."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.hearing set early = null where early is not null and heard_at < now() - %s",
                [early_for],
            )
            cursor = await connection.execute(
                "delete from helpdesk.hearing where not speaks and heard_at < now() - %s", [silent_for]
            )
            return cursor.rowcount
