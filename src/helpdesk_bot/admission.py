"""Who comes into the console: a link that works once, then a session, and at every request an admin's."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.people import People
from helpdesk_bot.records import Audit
from helpdesk_bot.records.console import ConsoleRecords, Ended, Visitor

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
SIGN_IN = "/console/sign-in"
ACTION = "console"
"""In the audit, and the command's word."""
END = "end"
NO_ADDRESS = "HELPDESK_URL has to say where the console is opened, such as https://help.example.com: docs/console.md"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits: nothing that can be guessed."""


async def invite(records: ConsoleRecords, visitor: Visitor, *, address: str) -> str:
    """A link that lets this person in once. Raises `NotConfigured` where our own address is not known."""
    if not address:
        raise NotConfigured(NO_ADDRESS)
    secret = secrets.token_urlsafe(32)
    await records.add_link(_digest(secret), visitor, lasts=LINK_LASTS)
    return f"{address}{SIGN_IN}?link={secret}"


def tell_ended(ended: Sequence[Ended]) -> str:
    if not ended:
        return "Nobody is signed in, and no link waits to be opened."
    sessions, links = sum(one.sessions for one in ended), sum(one.links for one in ended)
    whose = ", ".join(f"{one.sessions} {one.platform}" for one in ended if one.sessions)
    return (
        f"Ended: {sessions} session{'s' * (sessions != 1)}{f' ({whose})' if whose else ''} "
        f"and {links} link{'s' * (links != 1)} that nobody had opened."
    )


class Admission:
    def __init__(self, *, records: ConsoleRecords, audit: Audit, people: People) -> None:
        self._records = records
        self._audit = audit
        self._people = people

    async def admit(self, link: str) -> str | None:
        """The secret of a new session; None for a link that is not good, or not any more. It is used up either way."""
        if not _SECRET.fullmatch(link):
            return None
        secret = secrets.token_urlsafe(32)
        visitor = await self._records.use_link(_digest(link), session=_digest(secret), lasts=SESSION_LASTS)
        if visitor is None:
            return None
        is_admin = await self._is_admin(visitor)
        await self._write_down(visitor, "sign in", allowed=is_admin)
        if not is_admin:
            await self._records.end_session(_digest(secret))
            return None
        return secret

    async def find(self, secret: str) -> Visitor | None:
        """Whose session it is. Who is no admin any more is signed out."""
        visitor = await self._records.find_session(_digest(secret)) if _SECRET.fullmatch(secret) else None
        if visitor is None:
            return None
        if not await self._is_admin(visitor):
            await self._records.end_session(_digest(secret))
            await self._write_down(visitor, "signed out", allowed=False)
            return None
        return visitor

    async def leave(self, secret: str) -> None:
        visitor = await self._records.end_session(_digest(secret))
        if visitor is not None:
            await self._write_down(visitor, "sign out", allowed=True)

    async def say(self, secret: str, said: str) -> None:
        """On the next page of this session that shows what was done, once."""
        await self._records.say(_digest(secret), said)

    async def take_said(self, secret: str) -> str:
        return await self._records.take_said(_digest(secret))

    async def write_down(self, visitor: Visitor, page: str) -> None:
        """Which page an admin opened, as a command that shows the same is written down."""
        await self._write_down(visitor, page, allowed=True)

    async def _is_admin(self, visitor: Visitor) -> bool:
        return await self._people.is_admin(visitor.platform, visitor.person_id)

    async def _write_down(self, visitor: Visitor, words: str, *, allowed: bool) -> None:
        await self._audit.audit(
            platform=visitor.platform, person_id=visitor.person_id, action=ACTION, allowed=allowed, words=words
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
