"""Nobody takes a case: a reminder, the next person, an honest word; each once, in time at which people are there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.delivery import Delivery, watch_nothing
from helpdesk_bot.escalation import EscalationPlan, Escalations, Parts, Team
from helpdesk_bot.escalation.office_hours import OfficeHours, Span
from helpdesk_bot.escalation.rota import Helper, Rota
from helpdesk_bot.escalation.timers import Timer
from helpdesk_bot.events import Platform
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office

FRIDAY = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOURS = OfficeHours(week={day: (Span(start=time(8), end=time(17)),) for day in range(5)})
ROTA = Rota(
    helpers=tuple(Helper(name=name, ids={Platform.SLACK: known}) for name, known in (("Ada", "UADA"), ("Bo", "UBO"))),
    start=date(2026, 11, 16),
)


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_minutes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)


def escalations_of(office: Office, clock: Clock, *, hours: OfficeHours = OfficeHours()) -> Escalations:  # noqa: B008
    app, pool = office.app, office.app.knowledge.pool
    team = Team(channels={Platform.SLACK: PEOPLE_CHANNEL}, second_channels={Platform.SLACK: "CADMINS"}, rota=ROTA)
    parts = Parts(
        plan=EscalationPlan(team=team, timer=Timer(hours=hours)),
        chats=app.chats,
        people=app.desk.people,
        search=app.knowledge.search,
        records=app.records,
        cases=CaseRecords(pool),
        curated=CuratedAnswers(records=CuratedRecords(pool), jobs=app.jobs),
        jobs=app.jobs,
        delivery=Delivery(records=app.records, chats=app.chats, observe=watch_nothing),
        list_rules=app.knowledge.store.list_rules_of,
        help_contact="the front desk",
        now=clock,
    )
    return Escalations(parts)


@asynccontextmanager
async def open_case(settings: Settings, slack: SlackServer, *, opened_at: datetime) -> AsyncGenerator[Office]:
    """A case of that time, its packet posted, and no worker."""
    async with open_office(settings, slack) as office:
        await office.ask("CSTAFF", "UBO", "what does the canteen serve on Friday?")
        await office.settle()
    async with open_office(settings, slack, working=False) as office:
        await office.fetch(
            "update helpdesk.escalation set opened_at = %s, due_at = %s returning 1", [opened_at, opened_at]
        )
        yield office


async def look(office: Office, *workers: Escalations) -> None:
    """Workers look at the timers, all at once, and do what that made due."""
    [(question_key,)] = await office.fetch("select question_key from helpdesk.escalation")
    await asyncio.gather(*(worker.look_after() for worker in workers))
    await workers[0].carry_on(question_key)


def reminders(office: Office) -> list[str]:
    return [text for text in map(said, office.slack.posted(PEOPLE_CHANNEL)[1:]) if "Nobody" in text]


def told(office: Office) -> list[str]:
    return [text for text in map(said, office.slack.posted("CSTAFF")) if "Nobody has taken your question" in text]


async def test_each_step_is_taken_once_by_any_number_of_workers(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        clock = Clock(MONDAY)
        workers = [escalations_of(office, clock) for _ in range(3)]
        clock.pass_minutes(14)
        await look(office, *workers)
        assert reminders(office) == []
        clock.pass_minutes(1)
        for _ in range(2):
            await look(office, *workers)
        [reminder] = reminders(office)
        assert "after 15 minutes" in reminder
        assert "UBO" in reminder, "whose week it is"
        clock.pass_minutes(15)
        await look(office, *workers)
        assert len(reminders(office)) == 2
        assert "UADA" in reminders(office)[1], "the next one"
        assert "canteen" in said(slack.posted("CADMINS")[0])
        assert told(office) == []
        clock.pass_minutes(30)
        await look(office, *workers)
        assert len(told(office)) == 1
        assert "the front desk" in told(office)[0]
        clock.pass_minutes(10_000)
        await look(office, *workers)
        assert (len(reminders(office)), len(told(office))) == (2, 1)
        assert await office.fetch("select due_at from helpdesk.escalation") == [(None,)]


async def test_overdue_steps_are_taken_after_a_long_absence(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        clock = Clock(MONDAY + timedelta(hours=5))
        await look(office, escalations_of(office, clock))
        assert (len(reminders(office)), len(told(office))) == (2, 1)


async def test_a_case_that_makes_trouble_each_time_holds_up_no_other(settings: Settings, slack: SlackServer) -> None:
    """Its timer had waited longest, so every look began with it and ended there."""
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        [(key,)] = await office.fetch("select question_key from helpdesk.escalation")
        await office.fetch(
            """
            with other as (
              insert into helpdesk.question
                (key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at, outcome, ended_at)
              select
                'broken', platform, tenant, channel, '1.1', kind, person_id, '1.1', text, asked_at, outcome, ended_at
              from helpdesk.question
              returning key
            ), packet as (
              insert into helpdesk.outgoing
                (question_key, kind, marker, platform, tenant, channel, place_kind, body, state, message_id)
              select 'broken', kind, 'packet:broken', platform, tenant, channel, place_kind, '{}', 'sent', '1.2'
              from helpdesk.outgoing where kind = 'packet'
            )
            insert into helpdesk.escalation (question_key, opened_at, due_at)
            select key, %s, %s from other
            returning 1
            """,
            [MONDAY - timedelta(hours=1)] * 2,
        )
        clock = Clock(MONDAY + timedelta(minutes=15))
        worker = escalations_of(office, clock)
        await worker.look_after()
        await worker.carry_on(key)
        assert len(reminders(office)) == 1


async def test_outside_office_hours_the_timers_stand(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=FRIDAY) as office:
        clock = Clock(FRIDAY + timedelta(days=2))
        worker = escalations_of(office, clock, hours=HOURS)
        await look(office, worker)
        assert reminders(office) == []
        clock.at = MONDAY.replace(hour=8, minute=15)
        await look(office, worker)
        assert len(reminders(office)) == 1


async def test_outside_office_hours_the_asker_hears_when_people_are_back(
    settings: Settings, slack: SlackServer
) -> None:
    async with open_case(settings, slack, opened_at=FRIDAY) as office:
        [(key,)] = await office.fetch("select question_key from helpdesk.escalation")
        question = await office.app.records.find_question(key)
        assert question is not None
        closed = escalations_of(office, Clock(FRIDAY), hours=HOURS).promise(question, reached=True)
        assert "They are back on Monday 23 November, 08:00 (UTC)." in closed
        assert "back on" not in escalations_of(office, Clock(MONDAY), hours=HOURS).promise(question, reached=True)


async def claimed_at(office: Office, at: datetime) -> None:
    """As if Ada had claimed it then."""
    packet = office.slack.posted(PEOPLE_CHANNEL)[0]
    await office.send(office.slack.payloads.press(PEOPLE_CHANNEL, "UADA", packet, "claim"))
    await office.fetch("update helpdesk.escalation set claimed_at = %s, due_at = %s returning 1", [at, at])


async def test_who_took_it_and_does_not_answer_is_reminded_once(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        await claimed_at(office, MONDAY)
        clock = Clock(MONDAY)
        workers = [escalations_of(office, clock, hours=HOURS) for _ in range(2)]
        clock.pass_minutes(479)
        await look(office, *workers)
        assert "still waits" not in str(slack.posted(PEOPLE_CHANNEL))
        for minutes in (1, 10, 10_000):
            clock.pass_minutes(minutes)
            await look(office, *workers)
        [nudge] = [text for text in map(said, slack.posted(PEOPLE_CHANNEL)) if "still waits" in text]
        assert nudge.startswith("@UADA")
        assert (reminders(office), told(office)) == ([], [])


async def test_where_who_took_it_has_left_it_is_open_again(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        await claimed_at(office, MONDAY)
        slack.add_user("UADA", email="ada@example.com", name="Ada", deleted=True)
        await office.send(slack.payloads.event({"type": "user_change", "user": {"id": "UADA"}, "event_ts": "1.1"}))
        clock = Clock(MONDAY + timedelta(hours=8))
        for _ in range(3):
            await look(office, escalations_of(office, clock))
        assert await office.fetch("select state, claimed_by from helpdesk.escalation") == [("open", "")]
        assert "Claim" in said(slack.posted(PEOPLE_CHANNEL)[0])
        [called] = [text for text in map(said, slack.posted(PEOPLE_CHANNEL)) if "open again" in text]
        assert called.startswith("@UBO"), "whose week it is"
        assert len([text for text in map(said, slack.posted("CSTAFF")) if "is not here any more" in text]) == 1
        clock.pass_minutes(15)
        await look(office, escalations_of(office, clock))
        assert len(reminders(office)) == 1


async def test_what_is_claimed_is_left_alone(settings: Settings, slack: SlackServer) -> None:
    async with open_case(settings, slack, opened_at=MONDAY) as office:
        packet = slack.posted(PEOPLE_CHANNEL)[0]
        await office.send(slack.payloads.press(PEOPLE_CHANNEL, "UADA", packet, "claim"))
        clock = Clock(MONDAY + timedelta(hours=5))
        await look(office, escalations_of(office, clock))
        assert (reminders(office), told(office)) == ([], [])
