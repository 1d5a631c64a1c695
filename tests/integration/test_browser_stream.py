"""Server-Sent Events over a real server, as a browser reads them."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from helpdesk_bot.chat.browser import BrowserLimits
from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.events import Citation, Outcome, Step
from helpdesk_bot.messages import Reply
from tests.eventually import eventually
from tests.fakes.browser_desk import BrowserParts, passage, serving


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: Any


class Page:
    """One visitor's connection."""

    def __init__(self, client: httpx.AsyncClient, conversation: str) -> None:
        self.client = client
        self.conversation = conversation

    @asynccontextmanager
    async def events(self, *, last_event_id: str = "", **params: str) -> AsyncGenerator[AsyncIterator[Event | str]]:
        """Events, and comments as text."""
        headers = {"last-event-id": last_event_id} if last_event_id else {}
        query = {"conversation": self.conversation, **params}
        async with self.client.stream("GET", "/api/chat/events", params=query, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert response.headers["cache-control"] == "no-store"
            yield read_events(response)


async def read_events(response: httpx.Response) -> AsyncIterator[Event | str]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            yield line
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Event(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
            fields = {}


async def read_until_ready(events: AsyncIterator[Event | str]) -> list[Event]:
    found: list[Event] = []
    async for event in events:
        assert isinstance(event, Event)
        if event.name == "ready":
            return found
        found.append(event)
    raise AssertionError("the stream ended")


@asynccontextmanager
async def open_page(parts: BrowserParts) -> AsyncGenerator[Page]:
    async with serving(parts) as url, httpx.AsyncClient(base_url=url, headers={"origin": url}) as client:
        response = await client.post("/api/chat/conversations", json={})
        yield Page(client, response.json()["conversation"])


async def say(parts: BrowserParts, page: Page, text: str) -> str:
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text=text)
    return await parts.chat.post(browser_place(page.conversation), reply, marker=text)


async def test_what_was_said_comes_first_then_ready() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page:
        question = {
            "conversation": page.conversation,
            "client_id": "6f1c1f0e-1111-4a4a-8888-000000000000",
            "text": "How?",
        }
        await page.client.post("/api/chat/questions", json=question)
        await say(parts, page, "So.")
        async with page.events() as events:
            told = await read_until_ready(events)
    assert [(event.name, event.id, event.data["kind"]) for event in told] == [
        ("message", "1", "question"),
        ("message", "2", "reply"),
    ]
    assert told[0].data["text"] == "How?"
    assert told[0].data["client_id"] == question["client_id"]
    assert told[1].data["html"] == "<p>So.</p>\n"


async def test_progress_and_the_reply_come_as_they_happen() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page, page.events() as events:
        assert await read_until_ready(events) == []
        await parts.chat.show_progress(browser_place(page.conversation), Step.SEARCHING)
        assert await anext(events) == Event("progress", "", {"step": "searching"})
        message_id = await say(parts, page, "So.")
        reply = await anext(events)
    assert isinstance(reply, Event)
    assert (reply.name, reply.id, reply.data["outcome"]) == ("message", message_id, "answered")


async def test_after_a_lost_connection_only_what_is_missing_comes() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page:
        for text in ("one", "two", "three"):
            await say(parts, page, text)
        async with page.events(last_event_id="2") as events:
            assert [event.data["html"] for event in await read_until_ready(events)] == ["<p>three</p>\n"]
        async with page.events(after="1") as events:
            assert [event.id for event in await read_until_ready(events)] == ["2", "3"]
        async with page.events(last_event_id="2", after="0") as events:
            assert [event.id for event in await read_until_ready(events)] == ["3"]


async def test_an_unreadable_last_event_id_means_everything() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page:
        await say(parts, page, "one")
        for wrong in ("x", "-1", "1e3", "9" * 40, "\u0661"):
            async with page.events(after=wrong) as events:
                assert [event.id for event in await read_until_ready(events)] == ["1"]


async def test_one_conversation_does_not_hear_another() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page:
        other = Page(page.client, (await page.client.post("/api/chat/conversations", json={})).json()["conversation"])
        async with page.events() as events:
            await read_until_ready(events)
            await say(parts, other, "not for you")
            await say(parts, page, "for you")
            event = await anext(events)
    assert isinstance(event, Event)
    assert event.data["html"] == "<p>for you</p>\n"


async def test_a_quiet_stream_shows_that_it_lives() -> None:
    async with open_page(BrowserParts(limits=BrowserLimits(heartbeat_s=0.01))) as page, page.events() as events:
        await read_until_ready(events)
        assert await anext(events) == ": still here"


async def test_a_heartbeat_brings_what_a_lost_announcement_did_not() -> None:
    parts = BrowserParts(limits=BrowserLimits(heartbeat_s=0.05))
    async with open_page(parts) as page, page.events() as events:
        await read_until_ready(events)
        parts.records.is_deaf = True
        await say(parts, page, "unheard")
        found = [event async for event in take_until_message(events)]
    assert found[-1].data["html"] == "<p>unheard</p>\n"


async def take_until_message(events: AsyncIterator[Event | str]) -> AsyncIterator[Event]:
    async for event in events:
        if isinstance(event, Event):
            yield event
            return


async def test_nobody_listens_any_more_when_the_visitor_has_left() -> None:
    parts = BrowserParts()
    async with open_page(parts) as page:
        async with page.events() as events:
            await read_until_ready(events)
            assert len(parts.records.listeners[page.conversation]) == 1
        await eventually(lambda: not parts.records.listeners[page.conversation])


async def test_open_streams_do_not_hold_up_the_end_of_the_server() -> None:
    parts = BrowserParts()
    async with asyncio.timeout(10), serving(parts) as url, httpx.AsyncClient(base_url=url) as client:
        response = await client.post("/api/chat/conversations", json={}, headers={"origin": url})
        page = Page(client, response.json()["conversation"])
        async with page.events() as events:
            await read_until_ready(events)
            parts.closing.set()
            assert [event async for event in events] == [": still here"]
    assert parts.records.listeners[page.conversation] == []


async def test_when_too_many_pages_are_open_the_next_is_told_to_wait() -> None:
    parts = BrowserParts(limits=BrowserLimits(max_streams=1))
    async with open_page(parts) as page:
        async with page.events() as events:
            await read_until_ready(events)
            response = await page.client.get("/api/chat/events", params={"conversation": page.conversation})
            assert (response.status_code, response.headers["retry-after"]) == (503, "60")
        await eventually(lambda: not parts.records.listeners[page.conversation])
        async with page.events() as events:
            await read_until_ready(events)


async def test_hostile_titles_and_texts_can_not_break_out_of_an_event() -> None:
    parts = BrowserParts()
    hostile = "x\n\nevent: ready\ndata: {}\n\n\u2028<script>alert(1)</script>"
    citation = Citation(number=1, passage=passage(7, title=hostile, heading_path=(hostile,)))
    reply = Reply(question_key=hostile, outcome=Outcome.ANSWERED, text=f"{hostile} [1]", citations=(citation,))
    async with open_page(parts) as page:
        await parts.chat.post(browser_place(page.conversation), reply, marker="m")
        async with page.events() as events:
            [event] = await read_until_ready(events)
    assert event.data["sources"][0]["title"] == hostile
    assert "<script" not in event.data["html"]
