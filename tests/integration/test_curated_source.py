"""Curated answers as a source: approved ones until their day, readable by those they are for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.documents import STAFF, AccessRule, Cursor, Listed, group, user
from connectors.errors import SourceUnavailable, Unreadable
from connectors.text.reader import TextReader
from helpdesk_bot.app.sources import open_sources
from helpdesk_bot.curated import CuratedAnswers, CuratedSource, Readers, rule_for
from helpdesk_bot.errors import ChatUnavailable
from helpdesk_bot.events import Person, Place, PlaceKind, Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records.curated import CuratedRecords, NewCurated
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread="1", kind=PlaceKind.CHANNEL)
ADA = Person(platform=Platform.SLACK, tenant="T", id="UADA", email="ada@example.com", is_guest=False)
GUEST = Person(platform=Platform.SLACK, tenant="T", id="UGIL", email="gil@example.com", is_guest=True)
NAMELESS = Person(platform=Platform.SLACK, tenant="T", id="UNO", is_guest=False)


async def readers(place: Place) -> list[Person] | None:
    return [ADA, GUEST, NAMELESS]


class Shelf:
    def __init__(self, pool: Pool) -> None:
        self.records = CuratedRecords(pool)
        self.jobs = Jobs(pool)
        self.answers = CuratedAnswers(records=self.records, jobs=self.jobs)

    async def save(
        self, question: str, *, who: Readers = Readers.PLACE, until: str = "2099-01-01", key: str = ""
    ) -> int:
        rule = rule_for(who, PLACE)
        draft = NewCurated(
            question_key=None,
            question=question,
            answer="So.",
            owner="Ada",
            all_of=[[*one_of] for one_of in rule.all_of],
            place=PLACE,
            drafted_by="UADA",
            expires_on=date.fromisoformat(until),
        )
        curated_id = await self.answers.draft(draft, press_key=key)
        assert curated_id is not None
        return curated_id

    def source(self, *, today: str = "2026-11-23") -> CuratedSource:
        return CuratedSource(records=self.records, list_readers=readers, today=lambda: date.fromisoformat(today))


@pytest.fixture
async def shelf(pool: Pool) -> Shelf:
    shelf = Shelf(pool)
    await shelf.jobs.open()
    return shelf


async def listed(source: CuratedSource) -> list[Listed]:
    found = [one async for one in source.changes(None)]
    assert isinstance(found[-1], Cursor)
    return [one for one in found if isinstance(one, Listed)]


async def test_only_what_is_approved_and_not_past_its_day_is_there(shelf: Shelf) -> None:
    kept, _draft, declined, ended = [await shelf.save(text) for text in ("kept?", "draft?", "declined?", "ended?")]
    past = await shelf.save("past?", until="2026-11-22")
    for one in (kept, ended, past):
        assert await shelf.answers.approve(one, by="UADA")
    assert not await shelf.answers.approve(kept, by="UBO"), "once"
    assert await shelf.answers.decline(declined, by="UADA")
    assert await shelf.answers.expire(ended, by="UADA")
    source = shelf.source()
    assert [one.title for one in await listed(source)] == ["kept?"]
    assert [one.key async for one in source.present()] == [str(kept)]
    assert [one.title for one in await listed(shelf.source(today="2026-11-22"))] == ["kept?", "past?"]
    document = await source.read((await listed(source))[0])
    assert (document.title, document.markdown) == ("kept?", "So.")
    with pytest.raises(Unreadable):
        await source.read(Listed(**{**vars((await listed(source))[0]), "key": str(declined)}))


async def test_a_channels_answer_is_for_the_staff_in_it(shelf: Shelf) -> None:
    await shelf.answers.approve(await shelf.save("a?"), by="UADA")
    await shelf.answers.approve(await shelf.save("b?", who=Readers.STAFF), by="UADA")
    source = shelf.source()
    in_channel = group("curated", "slack:T:C1")
    rules = {one.title: one.access for one in await listed(source)}
    assert rules == {"a?": AccessRule.any_of([in_channel]), "b?": AccessRule.any_of([STAFF])}
    assert await source.memberships() == {in_channel: frozenset({user("ada@example.com")})}


async def test_unknown_members_are_nobody_and_trouble_changes_nothing(shelf: Shelf) -> None:
    await shelf.answers.approve(await shelf.save("a?"), by="UADA")

    async def unknown(_: Place) -> None:
        return None

    async def trouble(_: Place) -> None:
        raise ChatUnavailable("down")

    in_channel = group("curated", "slack:T:C1")
    hidden = CuratedSource(records=shelf.records, list_readers=unknown)
    assert await hidden.memberships() == {in_channel: frozenset()}
    for source in (CuratedSource(records=shelf.records, list_readers=trouble), CuratedSource(records=shelf.records)):
        with pytest.raises(SourceUnavailable):
            await source.memberships()


async def test_the_same_form_sent_twice_is_one_draft(shelf: Shelf) -> None:
    await shelf.save("a?", key="press-1")
    with pytest.raises(AssertionError):
        await shelf.save("a?", key="press-1")
    assert len(await shelf.answers.list_newest()) == 1


async def test_its_day_ends_at_midnight_where_the_organisation_is(shelf: Shelf, pool: Pool) -> None:
    """Where it is another day now than in UTC."""
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Etc/GMT+12"
    there = datetime.now(ZoneInfo(zone)).date()
    assert there != datetime.now(UTC).date()
    for question, until in (("today?", there), ("over?", there - timedelta(days=1))):
        assert await shelf.answers.approve(await shelf.save(question, until=until.isoformat()), by="UADA")
    settings = Settings(time_zone=zone, folders={})
    async with TextReader() as reader, open_sources(settings, reader=reader, pool=pool) as sources:
        found = [one async for one in sources["curated"].present()]
    assert len(found) == 1
