"""Tickets in other systems: signed, made once, tried again with longer waits, and never anywhere else."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.escalation import JiraServiceManagement, Tickets, Webhook
from helpdesk_bot.escalation.ticket_systems import TicketRefused, TicketRequest, TicketUnavailable
from helpdesk_bot.escalation.tickets import MAX_ATTEMPTS
from helpdesk_bot.events import Place, PlaceKind, Platform, Question
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.messages import Link, Notice, Packet
from helpdesk_bot.records import Planned, Records
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.outgoing import insert_outgoing
from helpdesk_bot.records.tickets import TicketRecords
from knowledge.postgres import Pool
from tests.fakes.tickets import TicketServer

REQUEST = TicketRequest(
    key="k" * 32,
    summary="The printer burns",
    question="The printer burns\nreally",
    asked_by="UBO",
    link="https://example.slack.com/archives/C1/p1",
    missing="I found no page about this.",
    urgency="Urgent: it burns",
    opened_at=datetime(2026, 11, 23, tzinfo=UTC),
)
KEY = "slack:T:C1:1.000001"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def server() -> AsyncGenerator[TicketServer]:
    async with TicketServer() as server:
        yield server


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5) as client:
        yield client


def webhook(server: TicketServer, client: httpx.AsyncClient, *, secret: str = "shared-secret") -> Webhook:
    return Webhook(server.webhook_url, secret=secret, client=client, now=now)


def jira(server: TicketServer, client: httpx.AsyncClient, *, token: str = "jira-token") -> JiraServiceManagement:
    return JiraServiceManagement(
        server.base_url,
        email="bot@example.com",
        api_token=token,
        service_desk_id="1",
        request_type_id="10",
        client=client,
    )


async def test_a_webhook_is_signed_and_one_key_is_one_ticket(server: TicketServer, client: httpx.AsyncClient) -> None:
    first = await webhook(server, client).create(REQUEST)
    again = await webhook(server, client).create(REQUEST)
    assert first == again
    assert (first.name, first.url) == ("IT-1", "https://tickets.example.com/IT-1")
    [made] = server.made
    assert (made["event"], made["question"], made["urgency"]) == ("case.opened", REQUEST.question, REQUEST.urgency)


async def test_a_wrong_secret_is_refused(server: TicketServer, client: httpx.AsyncClient) -> None:
    with pytest.raises(TicketRefused, match="401"):
        await webhook(server, client, secret="other").create(REQUEST)


async def test_no_redirect_is_followed(server: TicketServer, client: httpx.AsyncClient) -> None:
    server.fail(307)
    with pytest.raises(TicketRefused):
        await webhook(server, client).create(REQUEST)
    assert server.redirected_to == 0


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_trouble_is_for_later(server: TicketServer, client: httpx.AsyncClient, status: int) -> None:
    server.fail(status)
    with pytest.raises(TicketUnavailable) as unavailable:
        await webhook(server, client).create(REQUEST)
    assert unavailable.value.retry_after_s == (120 if status == 429 else 0)


async def test_nobody_there_is_for_later(client: httpx.AsyncClient) -> None:
    async with TicketServer() as gone:
        url = gone.webhook_url
    with pytest.raises(TicketUnavailable):
        await Webhook(url, secret="x", client=client, now=now).create(REQUEST)


@pytest.mark.parametrize(
    "url",
    [
        "http://tickets.example.com/",
        "ftp://x/",
        "https://user:pw@x/",
        "https://",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_only_https_is_taken_but_for_this_machine(url: str) -> None:
    with pytest.raises(NotConfigured, match="TICKET_WEBHOOK_URL"):
        Webhook(url, secret="x", client=httpx.AsyncClient(), now=now)


async def test_jira_makes_a_request(server: TicketServer, client: httpx.AsyncClient) -> None:
    ticket = await jira(server, client).create(REQUEST)
    assert ticket.name == "IT-1"
    assert ticket.url == "https://example.atlassian.net/servicedesk/customer/portal/1/IT-1"
    description = server.made[0]["requestFieldValues"]["description"]
    assert "really" in description
    assert REQUEST.key in description


async def test_jira_refuses_a_wrong_token(server: TicketServer, client: httpx.AsyncClient) -> None:
    with pytest.raises(TicketRefused, match="401"):
        await jira(server, client, token="wrong").create(REQUEST)


class Desk:
    """A case with its packet, and what makes its ticket."""

    def __init__(self, pool: Pool, system: Webhook) -> None:
        self.records, self.cases, self.rows = Records(pool), CaseRecords(pool), TicketRecords(pool)
        self.jobs = Jobs(pool)
        self.tickets = Tickets(system, records=self.records, cases=self.cases, tickets=self.rows, jobs=self.jobs)

    async def open_case(self) -> None:
        await self.jobs.open()
        place = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread="1.000001", kind=PlaceKind.CHANNEL)
        question = Question(
            key=KEY, place=place, person_id="UBO", message_id="1.000001", text="The printer\nburns", asked_at=now()
        )

        async def nothing(_: object) -> None: ...

        await self.records.accept(question, and_then=nothing)
        packet = Packet(question_key=KEY, question=question.text, asked_by="UBO", link=None, urgency="Urgent")
        people = replace(place, channel="CPEOPLE", thread=None)
        async with self.cases.transaction() as connection:
            await self.cases.open(connection, KEY, cause="unsure", at=now())
            await insert_outgoing(connection, KEY, Planned(place=people, message=packet))
            await self.rows.plan_ticket(connection, KEY)
            await self.rows.plan_ticket(connection, KEY)


@pytest.fixture
async def desk(pool: Pool, server: TicketServer, client: httpx.AsyncClient) -> Desk:
    desk = Desk(pool, webhook(server, client))
    await desk.open_case()
    return desk


async def test_a_case_has_one_ticket_and_the_asker_hears_of_it(desk: Desk, server: TicketServer) -> None:
    for _ in range(3):
        await desk.tickets.make_due(now())
    assert len(server.made) == 1
    assert server.made[0]["summary"] == "The printer burns"
    assert await desk.tickets.find_link(KEY) == Link(label="Ticket IT-1", url="https://tickets.example.com/IT-1")
    notice = await desk.records.find_outgoing(f"ticket:{KEY}")
    assert notice is not None
    assert notice.place.thread == "1.000001"
    assert isinstance(notice.message, Notice)
    assert notice.message.link == Link(label="Open the ticket", url="https://tickets.example.com/IT-1")


async def test_waits_grow_and_what_the_other_side_asks_is_kept(desk: Desk, server: TicketServer) -> None:
    server.fail(503, 429)
    at = now()
    await desk.tickets.make_due(at)
    await desk.tickets.make_due(at + timedelta(seconds=9))
    assert server.requests == 1
    await desk.tickets.make_due(at + timedelta(seconds=11))
    await desk.tickets.make_due(at + timedelta(seconds=100))
    assert server.requests == 2, "429 asked for 120 s"
    await desk.tickets.make_due(at + timedelta(seconds=140))
    assert len(server.made) == 1


async def test_it_ends_after_the_last_attempt(desk: Desk, server: TicketServer) -> None:
    server.fail(*[503] * 50)
    at = now()
    for hours in range(30):
        await desk.tickets.make_due(at + timedelta(hours=2 * hours))
    assert server.requests == MAX_ATTEMPTS
    row = await desk.rows.find_ticket(KEY)
    assert row is not None
    assert row.state == "failed"
    assert await desk.tickets.find_link(KEY) is None


async def test_an_attempt_that_died_is_made_again_after_a_minute(desk: Desk, server: TicketServer) -> None:
    at = now()
    assert await desk.rows.claim_ticket(at, patience_s=60) is not None
    assert await desk.rows.claim_ticket(at + timedelta(seconds=59), patience_s=60) is None
    await desk.tickets.make_due(at + timedelta(seconds=61))
    assert len(server.made) == 1
