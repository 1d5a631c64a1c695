"""Who did what only some may do, and whether it was allowed: a chain in which every row covers the one before it."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import class_row

from helpdesk_bot.records.rows import Table, find_row
from knowledge.letters import storable

ERASED = "erased"
"""Stands for a person who was forgotten."""
_SHOWN_DIGITS = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act. `subject` is the commitment to `person_id`: it holds with the salt, and without one nobody is named."""

    number: int
    at: datetime
    platform: str
    person_id: str
    action: str
    words: str
    allowed: bool
    salt: bytes | None
    subject: bytes
    digest: bytes

    @property
    def is_named_truly(self) -> bool:
        if self.salt is None:
            return self.person_id == ERASED
        return hashlib.sha256(self.salt + self.person_id.encode()).digest() == self.subject


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the chain begins, after what went by its age, and where it ends."""

    before_number: int
    before_digest: bytes
    number: int
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A place in the chain, to be noted somewhere else: `NUMBER:DIGEST`."""

    number: int
    digest: str
    """Its first 16 hexadecimal digits."""

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def read(cls, text: str) -> "Mark":
        """Raises `ValueError` for what is none."""
        number, colon, digest = text.partition(":")
        if not (colon and number.isdecimal() and len(digest) == _SHOWN_DIGITS):
            raise ValueError(f"{text!r} is no mark of the audit: it is NUMBER:DIGEST, with {_SHOWN_DIGITS} digits")
        return cls(number=int(number), digest=digest.casefold())


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a look at the whole chain found."""

    entries: int
    erased: int
    """Entries without their person's name, who was forgotten."""
    mark: Mark
    problems: tuple[str, ...]


class Audit(Table):
    async def audit(self, *, platform: str, person_id: str, action: str, allowed: bool, words: str = "") -> None:
        """`words` say more of the act, and never name a person: they stay when people are forgotten."""
        async with self._pool.connection() as connection:
            await write_audit(
                connection, platform=platform, person_id=person_id, action=action, allowed=allowed, words=words
            )

    async def verify_audit(self, *, noted: Mark | None = None) -> Verified:
        """Reads the chain from its beginning. `noted` is a mark of an earlier look, kept where the database is not."""
        async with self._at_one_moment() as connection:
            chain = _Chain(await _get_head(connection), noted=noted)
            async with connection.cursor("audit", row_factory=class_row(Entry)) as cursor:
                await cursor.execute(_ENTRIES + " order by number, id")
                async for entry in cursor:
                    chain.take(entry)
        return chain.end()

    async def list_audit(
        self, *, limit: int, before: int | None = None, action: str | None = None, allowed: bool | None = None
    ) -> list[Entry]:
        """The newest first, those with a lower number than `before`."""
        wanted = {"limit": limit, "before": before, "action": action, "allowed": allowed}
        return await self._list_rows(Entry, _ENTRIES + _NEWEST, wanted)

    async def list_audited(self) -> list[str]:
        """Each action that is in it, by name."""
        return await self._list_values("select distinct action from helpdesk.audit order by action")

    async def age_audit(self, *, older_than: timedelta) -> int:
        """Take away what is older, from the chain's beginning; how much."""
        async with self._pool.connection() as connection:
            await connection.execute("select from helpdesk.audit_head for update")
            await connection.execute("set local helpdesk.audit_is_aged = 'on'")
            cursor = await connection.execute(_AGE, {"older_than": older_than})
            return cursor.rowcount

    @asynccontextmanager
    async def _at_one_moment(self) -> AsyncGenerator[AsyncConnection]:
        """Head and rows as they were together."""
        async with self._pool.connection() as connection:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            async with connection.transaction():
                yield connection


async def write_audit(
    connection: AsyncConnection, *, platform: str, person_id: str, action: str, allowed: bool, words: str = ""
) -> None:
    """As a part of a transaction: it writes all others' acts down after it."""
    await connection.execute(
        "insert into helpdesk.audit (platform, person_id, action, allowed, words) values (%s, %s, %s, %s, %s)",
        [platform, person_id, action, allowed, storable(words)],
    )


def digest_of(entry: Entry, *, after: bytes) -> bytes:
    """As `helpdesk.audit_digest` in SQL: SHA-256 over the SHA-256 of each part, the digest before it first."""
    told = (
        str(entry.number),
        str((entry.at - _EPOCH) // timedelta(microseconds=1)),
        entry.platform,
        entry.action,
        entry.words,
        "true" if entry.allowed else "false",
    )
    parts = (after, *(part.encode() for part in told), entry.subject)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


class _Chain:
    """Follows the rows in their order, and says of each what is wrong with it."""

    def __init__(self, head: Head, *, noted: Mark | None) -> None:
        self._head = head
        self._noted = noted
        self._is_noted_met = noted is None or noted.number <= head.before_number
        self._number = head.before_number
        self._digest = head.before_digest
        self._entries = 0
        self._erased = 0
        self._problems: list[str] = []

    def take(self, entry: Entry) -> None:
        if entry.number != self._number + 1:
            self._problems.append(f"after {self._number} comes {entry.number}")
        if digest_of(entry, after=self._digest) != entry.digest:
            self._problems.append(f"{entry.number} is not what was written after {self._number}")
        if not entry.is_named_truly:
            self._problems.append(f"{entry.number} names somebody else than was written")
        if self._noted and entry.number == self._noted.number:
            self._is_noted_met = _shown(entry.digest) == self._noted.digest
        self._number, self._digest = entry.number, entry.digest
        self._entries += 1
        self._erased += entry.salt is None

    def end(self) -> Verified:
        if (self._number, self._digest) != (self._head.number, self._head.digest):
            self._problems.append(f"it ends with {self._number}, and {self._head.number} was the last that was written")
        if not self._is_noted_met:
            self._problems.append(f"{self._noted} was noted, and is not in it")
        return Verified(
            entries=self._entries,
            erased=self._erased,
            mark=Mark(number=self._number, digest=_shown(self._digest)),
            problems=tuple(self._problems),
        )


def _shown(digest: bytes) -> str:
    return digest.hex()[:_SHOWN_DIGITS].ljust(_SHOWN_DIGITS, "0")


async def _get_head(connection: AsyncConnection) -> Head:
    head = await find_row(
        connection, Head, "select before_number, before_digest, number, digest from helpdesk.audit_head"
    )
    nothing = Head(before_number=0, before_digest=b"", number=0, digest=b"")
    return head or nothing


_ENTRIES = """
select number, at, platform, person_id, action, words, allowed, salt, subject, digest
from helpdesk.audit
"""
_NEWEST = """
where (%(before)s::bigint is null or number < %(before)s)
  and (%(action)s::text is null or action = %(action)s)
  and (%(allowed)s::boolean is null or allowed = %(allowed)s)
order by number desc
limit %(limit)s
"""
# From the beginning only, up to the newest row that is old enough: what is between two rows is never taken.
_AGE = """
with last as (
  select number, digest
  from helpdesk.audit
  where at < now() - %(older_than)s
  order by number desc
  limit 1
),
moved as (
  update helpdesk.audit_head
  set before_number = last.number, before_digest = last.digest
  from last
)
delete from helpdesk.audit
using last
where audit.number <= last.number
"""
