"""Who may come into the console: links that work once, and sessions."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helpdesk_bot.events import Platform
from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whom a link was made for, or whose a session is."""

    platform: Platform
    tenant: str
    person_id: str


def _visitor(*, platform: str, **columns: Any) -> Visitor:
    return Visitor(platform=Platform(platform), **columns)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How many of each a platform's people had; what had run out by itself is not among them."""

    platform: str
    sessions: int
    links: int


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
        return await self._find_row(
            _visitor,
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

    async def find_session(self, digest: bytes) -> Visitor | None:
        return await self._find_row(
            _visitor,
            """
            select platform, tenant, person_id
            from helpdesk.console_session
            where digest = %s and expires_at > now()
            """,
            [digest],
        )

    async def say(self, digest: bytes, said: str) -> None:
        """For the next page of this session."""
        await self._execute("update helpdesk.console_session set said = %s where digest = %s", [said, digest])

    async def take_said(self, digest: bytes) -> str:
        """What the page now has to say; it is forgotten."""
        said: str | None = await self._find_value(
            """
            with taken as (
              select digest, said
              from helpdesk.console_session
              where digest = %s and said <> ''
              for update
            )
            update helpdesk.console_session as session
            set said = ''
            from taken
            where session.digest = taken.digest
            returning taken.said
            """,
            [digest],
        )
        return said or ""

    async def end_session(self, digest: bytes) -> Visitor | None:
        """Whose it was; None where it had ended."""
        return await self._find_row(
            _visitor,
            "delete from helpdesk.console_session where digest = %s returning platform, tenant, person_id",
            [digest],
        )

    async def end_all(self) -> list[Ended]:
        """Every session and every link, everybody's."""
        return await self._list_rows(
            Ended,
            """
            with link as (
              delete from helpdesk.console_link
              returning platform, 0 as sessions, 1 as links, expires_at
            ), session as (
              delete from helpdesk.console_session
              returning platform, 1 as sessions, 0 as links, expires_at
            )
            select platform, sum(sessions)::int as sessions, sum(links)::int as links
            from (select * from link union all select * from session) as one
            where expires_at > now()
            group by platform
            order by platform
            """,
        )
