"""Server-Sent Events: what is said in a conversation, as it is said."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.responses import StreamingResponse
from starlette.types import Send

from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.shown import show_message
from helpdesk_bot.json_object import JsonObject

RECONNECT = "retry: 2000\n\n"
HEARTBEAT = ": still here\n\n"


class EventStream(StreamingResponse):
    """A response that closes its events in every case: the visitor leaves, the server stops, a send fails."""

    def __init__(self, events: AsyncGenerator[str]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second tells nginx not to collect
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._events = events

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._events):
            await super().stream_response(send)


@dataclass(kw_only=True)
class ConversationEvents:
    """One page's reading of one conversation. `after` is the id of the last message the page has."""

    records: BrowserRecords
    conversation: str
    after: int
    room: asyncio.Semaphore
    closing: asyncio.Event
    heartbeat_s: float
    now: Callable[[], datetime]

    async def iter(self) -> AsyncGenerator[str]:
        """What the page doesn't have yet, a `ready` event, then progress and messages until `closing` is set.

        Listening starts before the first reading, so nothing falls between the two; a heartbeat reads as well, in case
        an announcement was lost.
        """
        async with self.room, self.records.listen(self.conversation) as wakeups:
            yield RECONNECT
            for event in await self._list_new():
                yield event
            yield _event("ready", {})
            while not self.closing.is_set():
                wakeup = await self._next_wakeup(wakeups)
                if wakeup is not None and wakeup.get("kind") == "progress":
                    yield _event("progress", {"step": wakeup.get("step")})
                    continue
                for event in await self._list_new():
                    yield event
                if wakeup is None:
                    yield HEARTBEAT

    async def _list_new(self) -> list[str]:
        messages = await self.records.list_browser_messages(self.conversation, after=self.after)
        self.after = messages[-1].id if messages else self.after
        shown = [(message.id, show_message(message, now=self.now())) for message in messages]
        return [_event("message", payload, event_id=event_id) for event_id, payload in shown if payload]

    async def _next_wakeup(self, wakeups: asyncio.Queue[JsonObject]) -> JsonObject | None:
        """The next payload; None after a heartbeat's time, or when it is time to close."""
        payload = asyncio.ensure_future(wakeups.get())
        close = asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({payload, close}, timeout=self.heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
            return payload.result() if payload.done() else None
        finally:
            payload.cancel()
            close.cancel()


def _event(name: Literal["message", "progress", "ready"], payload: JsonObject, *, event_id: int | None = None) -> str:
    identity = "" if event_id is None else f"id: {event_id}\n"
    return f"{identity}event: {name}\ndata: {json.dumps(payload)}\n\n"
