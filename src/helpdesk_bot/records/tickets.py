"""Tickets in other systems: each is made once, however often it is tried."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class TicketRow:
    question_key: str
    state: str
    attempts: int
    name: str
    """What people call it, such as `IT-42`."""
    url: str


class TicketRecords(Table):
    async def plan_ticket(self, connection: AsyncConnection, question_key: str) -> None:
        """In the caller's transaction; a ticket that is planned or made stands."""
        await connection.execute(
            "insert into helpdesk.ticket (question_key) values (%s) on conflict do nothing", [question_key]
        )

    async def claim_ticket(self, now: datetime, *, patience_s: float) -> TicketRow | None:
        """One that is due, ours for `patience_s`: if nothing is written by then, it is tried again."""
        return await self._find_row(
            TicketRow,
            """
            update helpdesk.ticket
            set attempts = attempts + 1, next_at = %(now)s + make_interval(secs => %(patience_s)s)
            where question_key = (
              select question_key
              from helpdesk.ticket
              where state = 'planned' and next_at <= %(now)s
              order by next_at
              limit 1
              for update skip locked
            )
            returning question_key, state, attempts, name, url
            """,
            {"now": now, "patience_s": patience_s},
        )

    async def mark_made(self, connection: AsyncConnection, question_key: str, *, name: str, url: str) -> bool:
        """In the caller's transaction; False where it was made before."""
        cursor = await connection.execute(
            """
            update helpdesk.ticket set state = 'made', name = %s, url = %s, reason = ''
            where question_key = %s and state <> 'made'
            """,
            [name, url, question_key],
        )
        return bool(cursor.rowcount)

    async def put_off(self, question_key: str, *, until: datetime, reason: str) -> None:
        await self._execute(
            "update helpdesk.ticket set next_at = %s, reason = %s where question_key = %s and state = 'planned'",
            [until, reason, question_key],
        )

    async def mark_failed(self, question_key: str, *, reason: str) -> None:
        """It will not be tried again."""
        await self._execute(
            """
            update helpdesk.ticket set state = 'failed', reason = %s
            where question_key = %s and state = 'planned'
            """,
            [reason, question_key],
        )

    async def find_ticket(self, question_key: str) -> TicketRow | None:
        return await self._find_row(
            TicketRow,
            "select question_key, state, attempts, name, url from helpdesk.ticket where question_key = %s",
            [question_key],
        )
