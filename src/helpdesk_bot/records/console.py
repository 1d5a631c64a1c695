"""Who may come into the console: links that work once, and sessions."""

from dataclasses import dataclass
from datetime import timedelta

from helpdesk_bot.events import Platform
from helpdesk_bot.records.rows import Table, find_row


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whom a link was made for, or whose a session is."""

    platform: Platform
    tenant: str
    person_id: str


@dataclass(frozen=True, kw_only=True)
class _VisitorRow:
    platform: str
    tenant: str
    person_id: str

    def visitor(self) -> Visitor:
        return Visitor(platform=Platform(self.platform), tenant=self.tenant, person_id=self.person_id)


class ConsoleRecords(Table):
    """`digest` is the SHA-256 of what the person holds."""

    async def add_link(self, digest: bytes, visitor: Visitor, *, lasts: timedelta) -> None:
        await self._execute(
            """
            insert into helpdesk.console_link (digest, platform, tenant, person_id, expires_at)
            values (%s, %s, %s, %s, now() + %s)
            """,
            [digest, visitor.platform, visitor.tenant, visitor.person_id, lasts],
        )

    async def use_link(self, digest: bytes, *, session: bytes, lasts: timedelta) -> Visitor | None:
        """Put a session in the link's place, in one statement; None where the link is unknown, used or too old."""
        row = await self._find_row(
            _VisitorRow,
            """
            with used as (
              delete from helpdesk.console_link
              where digest = %(link)s
              returning platform, tenant, person_id, expires_at
            )
            insert into helpdesk.console_session (digest, platform, tenant, person_id, expires_at)
            select %(session)s, platform, tenant, person_id, now() + %(lasts)s
            from used
            where expires_at > now()
            returning platform, tenant, person_id
            """,
            {"link": digest, "session": session, "lasts": lasts},
        )
        return row.visitor() if row else None

    async def find_session(self, digest: bytes) -> Visitor | None:
        row = await self._find_row(
            _VisitorRow,
            """
            select platform, tenant, person_id
            from helpdesk.console_session
            where digest = %s and expires_at > now()
            """,
            [digest],
        )
        return row.visitor() if row else None

    async def end_session(self, digest: bytes) -> Visitor | None:
        """Whose it was; None where it had ended."""
        async with self._pool.connection() as connection:
            row = await find_row(
                connection,
                _VisitorRow,
                "delete from helpdesk.console_session where digest = %s returning platform, tenant, person_id",
                [digest],
            )
        return row.visitor() if row else None
