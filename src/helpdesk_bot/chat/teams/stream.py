"""An answer that grows in a personal chat.

learn.microsoft.com/microsoftteams/platform/bots/streaming-ux: pieces are numbered from 1, each holds all the text
before it, one request a second, two minutes in all; the last is a message without a number. A person can press Stop.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from helpdesk_bot.chat.teams.markdown import FENCE, size
from helpdesk_bot.chat.teams.messages import MAX_TEXT_BYTES, render_stream
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Reply

PERIOD_S = 1.0
MAX_STREAM_S = 110.0
"""A little less than the two minutes: the end has to fit in."""

MAX_INFORMATIVE_CHARACTERS = 1_000
_SPACE = re.compile(r"\s")
_HALF_OPEN = re.compile(r"\\[*_~`\[]|^\|", re.MULTILINE)
_MAX_CUTS = 40
_STOPPED = ("cancel", "stopped")


class StreamWire(Protocol):
    """How a stream speaks: posts an activity into its conversation and gives the id, if there is one."""

    def __call__(self, activity: JsonObject) -> Awaitable[str]: ...


class GrowingMessage:
    """One stream of one conversation, which begins with its first piece: a line about what happens, or text."""

    def __init__(
        self,
        send: StreamWire,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._send = send
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._sequence = 0
        self._started_at = self._sent_at = -MAX_STREAM_S
        self._shown = ""
        self.id = ""
        self.is_over = False
        """No piece can be added any more: time is up, Teams does not stream here, or somebody pressed Stop."""
        self.is_stopped = False

    @property
    def is_late(self) -> bool:
        """Its time is up: Teams closed it."""
        return bool(self.id) and self._clock() - self._started_at > MAX_STREAM_S

    async def inform(self, line: str) -> None:
        """Say what happens while there is no text yet. What comes too soon after another piece is left out."""
        async with self._turn:
            if not self.is_over and not self._shown and self._is_time():
                await self._add(line[:MAX_INFORMATIVE_CHARACTERS], "informative")

    async def show(self, markdown: str) -> None:
        """Show the text so far, if it is time for it and what was shown stays. Raises `ChatRefused` after Stop."""
        async with self._turn:
            if self.is_stopped:
                raise ChatRefused("stopped_by_user")
            if self.is_over or not self._is_time():
                return
            text = find_longer(self._shown, markdown)
            if text and size(text) <= MAX_TEXT_BYTES:
                await self._add(text, "streaming")
                self._shown = text

    async def end(self, activity: JsonObject) -> bool:
        """Put the message as it is to stay; False where that has to be done in another way."""
        async with self._turn:
            if not self.id or self.is_over or self.is_late:
                return False
            await self._sleep(max(0.0, self._sent_at + PERIOD_S - self._clock()))
            entities = activity.get("entities")
            known = list(entities) if isinstance(entities, list) else []
            final = {"type": "streaminfo", "streamId": self.id, "streamType": "final"}
            try:
                await self._send({**activity, "entities": [*known, final]})
            except ChatRefused as refused:
                self._note(refused)
                return False
            self.is_over = True
            return True

    def _is_time(self) -> bool:
        self.is_over = self.is_over or self.is_late
        return not self.is_over and self._clock() - self._sent_at >= PERIOD_S

    async def _add(self, text: str, kind: str) -> None:
        self._sequence += 1
        info: JsonObject = {"type": "streaminfo", "streamType": kind, "streamSequence": self._sequence}
        if self.id:
            info["streamId"] = self.id
        else:
            self._started_at = self._clock()
        try:
            sent_id = await self._send({"type": "typing", "text": text, "entities": [info]})
        except ChatRefused as refused:
            self._note(refused)
            if self.is_stopped:
                raise ChatRefused("stopped_by_user") from refused
            return
        finally:
            self._sent_at = self._clock()  # when Teams had it, at the latest: what is slow on its way comes late there
        self.id = self.id or sent_id

    def _note(self, refused: ChatRefused) -> None:
        """Teams takes no more; a person who pressed Stop should cost nothing more either."""
        self.is_over = True
        self.is_stopped = any(word in refused.reason.casefold() for word in _STOPPED)


class TeamsStream:
    """Fits `helpdesk_bot.ports.Stream`: collects Markdown, and shows as much of it as may be shown."""

    def __init__(self, growing: GrowingMessage, finish: Callable[[GrowingMessage, Reply], Awaitable[str]]) -> None:
        self._growing = growing
        self._finish = finish
        self._markdown = ""

    @property
    def message_id(self) -> str | None:
        """Not needed: what was begun is found by its marker."""
        return None

    async def append(self, markdown: str) -> None:
        self._markdown += markdown
        await self._growing.show(self._markdown)

    async def finish(self, reply: Reply) -> str:
        return await self._finish(self._growing, reply)


def find_longer(shown: str, markdown: str) -> str:
    """More of the text than was shown, beginning with exactly that; empty where there is none yet.

    Half a word, a half-open emphasis or table would read otherwise once it is whole: then less of the text is taken.
    """
    for space in reversed(list(_SPACE.finditer(markdown))[-_MAX_CUTS:]):
        text = _render_begun(markdown[: space.end()])
        if len(text) > len(shown) and text.startswith(shown):
            return text
    return ""


def _render_begun(markdown: str) -> str:
    """The text as it will still read when more follows; empty where that can't be told."""
    text = render_stream(markdown)
    if sum(line.lstrip().startswith(FENCE) for line in markdown.split("\n")) % 2:
        listing = text.removesuffix(FENCE).rstrip("\n")
        return "" if listing.endswith(FENCE) else listing
    last = text.rpartition("\n\n")[2]
    is_settled = markdown.endswith("\n\n") or not (text.endswith(FENCE) or _HALF_OPEN.search(last))
    return text if is_settled else ""


async def best_effort(attempt: Awaitable[object]) -> None:
    """For what nobody waits for."""
    try:
        await attempt
    except ChatError:
        return
