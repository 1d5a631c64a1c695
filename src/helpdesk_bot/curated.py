"""Curated answers: what people answered once, approved and kept as a source of knowledge until it expires."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from connectors.documents import (
    STAFF,
    AccessRule,
    Cursor,
    Document,
    Listed,
    Present,
    Principal,
    Spent,
    group,
    user,
)
from connectors.errors import SourceUnavailable, Unreadable
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Person, Place
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records.curated import CuratedAnswer, CuratedRecords, NewCurated
from helpdesk_bot.records.presses import take_press

SOURCE = "curated"
MAX_LISTED = 20

ListReaders = Callable[[Place], Awaitable[list[Person] | None]]


class Readers(StrEnum):
    """Who may read a curated answer."""

    STAFF = "staff"
    PLACE = "place"
    """The members of the channel where it was asked, as they change."""
    SOURCES = "sources"
    """Who may read every page that was looked at."""


def rule_for(readers: Readers, place: Place, source_rules: Iterable[AccessRule] = ()) -> AccessRule:
    """`source_rules` are those of the pages that were looked at; without any, `SOURCES` lets nobody read."""
    match readers:
        case Readers.STAFF:
            return AccessRule.any_of([STAFF])
        case Readers.PLACE:
            return AccessRule.any_of([group_of(place)])
        case Readers.SOURCES:
            all_of = frozenset[frozenset[Principal]]().union(*(rule.all_of for rule in source_rules))
            return AccessRule(all_of=all_of) if all_of else AccessRule.nobody()


def group_of(place: Place) -> Principal:
    """The members of a channel, as a group of this source."""
    return group(SOURCE, ":".join((place.platform, place.tenant, place.channel)))


class CuratedAnswers:
    """Drafts, approvals and ends. What is approved or ended is synced at once."""

    def __init__(self, *, records: CuratedRecords, jobs: Jobs) -> None:
        self._records = records
        self._jobs = jobs

    async def approve(self, curated_id: int, *, by: str) -> bool:
        """Make a draft knowledge; False where it was decided before."""
        async with self._records.transaction() as connection:
            if not await self._records.decide(connection, curated_id, state="approved", by=by):
                return False
            await self._jobs.defer_sync(SOURCE, connection=connection)
            return True

    async def decline(self, curated_id: int, *, by: str) -> bool:
        async with self._records.transaction() as connection:
            return await self._records.decide(connection, curated_id, state="declined", by=by)

    async def expire(self, curated_id: int, *, by: str) -> bool:
        """End it now rather than on its day; False where there is none or it has ended."""
        async with self._records.transaction() as connection:
            if not await self._records.expire(connection, curated_id, by=by):
                return False
            await self._jobs.defer_sync(SOURCE, connection=connection)
            return True

    async def find(self, curated_id: int) -> CuratedAnswer | None:
        return await self._records.find(curated_id)

    async def list_newest(self, *, limit: int = MAX_LISTED) -> list[CuratedAnswer]:
        """Drafts and approved ones, newest first."""
        return await self._records.list_newest(limit=limit)

    async def draft(self, draft: NewCurated, *, press_key: str) -> int | None:
        """Its id; None where this form was taken before. Nothing is knowledge before it is approved."""
        async with self._records.transaction() as connection:
            if not await take_press(connection, press_key):
                return None
            return await self._records.add_draft(connection, draft)


@dataclass(frozen=True, kw_only=True)
class CuratedSource:
    """The approved answers as documents. Fits `connectors.source.Source`.

    Every listing is a whole one: there are few, and what expired since is gone with it. Groups are channels:
    `list_readers` says who their members are now, or None where that is not known; then nobody may read. Without it,
    as on the command line, the source is unavailable as soon as a channel's members are needed.
    """

    records: CuratedRecords
    list_readers: ListReaders | None = None
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    """Where the organisation is."""
    name: str = SOURCE

    @property
    def spent(self) -> Spent:
        return Spent()

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:  # noqa: ARG002 - always lists all
        began_at = datetime.now(UTC)
        for answer in await self.records.list_valid(self.today()):
            yield _listed(answer)
        yield Cursor(value=began_at.isoformat())

    async def present(self) -> AsyncIterator[Present]:
        for answer in await self.records.list_valid(self.today()):
            yield Present(key=str(answer.id), access=rule_of(answer.all_of))

    async def read(self, listed: Listed) -> Document:
        answer = await self.records.find(int(listed.key))
        if answer is None or answer.state != "approved":
            raise Unreadable(listed.key, "it was taken out meanwhile")
        return Document(
            key=listed.key,
            version=_version(answer),
            title=answer.question,
            url=listed.url,
            access=rule_of(answer.all_of),
            modified_at=_approved_at(answer),
            markdown=answer.answer,
        )

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """The staff in each channel that a rule names; guests are in no group."""
        groups: dict[Principal, frozenset[Principal]] = {}
        for answer in await self.records.list_valid(self.today()):
            name = group_of(answer.place)
            if name not in groups and rule_of(answer.all_of) == AccessRule.any_of([name]):
                groups[name] = await self._members(answer.place)
        return groups

    async def _members(self, place: Place) -> frozenset[Principal]:
        if self.list_readers is None:
            raise SourceUnavailable(
                self.name, "only a worker knows who is in a channel; ask for `resync curated` in chat"
            )
        try:
            people = await self.list_readers(place)
        except ChatError as error:
            raise SourceUnavailable(self.name, f"the members of {place.channel} can't be listed: {error}") from error
        return frozenset(user(person.email) for person in people or () if person.email and not person.is_guest)


def _listed(answer: CuratedAnswer) -> Listed:
    return Listed(
        key=str(answer.id),
        version=_version(answer),
        title=answer.question,
        url="",
        access=rule_of(answer.all_of),
        media_type="text/markdown",
        modified_at=_approved_at(answer),
        labels=(f"answered by {answer.owner}",) if answer.owner else (),
    )


def rule_of(stored: Iterable[Iterable[str]]) -> AccessRule:
    """A curated answer's `all_of`, read."""
    all_of = frozenset(frozenset(map(Principal, one_of)) for one_of in stored)
    return AccessRule(all_of=all_of) if all_of else AccessRule.nobody()


def _version(answer: CuratedAnswer) -> str:
    return hashlib.sha256("\n".join((answer.question, answer.answer)).encode()).hexdigest()


def _approved_at(answer: CuratedAnswer) -> datetime:
    return answer.decided_at or answer.drafted_at
