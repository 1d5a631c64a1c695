"""A message that grows while it is read (docs.slack.dev/reference/methods/chat.startStream).

Text is shown at a pace that keeps within Slack's limits for the whole workspace. Where Slack does not stream (any
more), the message grows by a few edits; where it does not take these, it comes whole at the end.
"""

import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from helpdesk_bot.chat.slack.api import SlackApi
from helpdesk_bot.chat.slack.messages import render, render_note
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.chat.slack.posts import Posts
from helpdesk_bot.chat.slack.safe_markdown import Growth
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Place
from helpdesk_bot.messages import Reply

Clock = Callable[[], float]

MAX_APPEND_CHARACTERS = 12_000
MAX_EDITS = 4
_MINUTE_S = 60.0
_STARTS_A_MINUTE = 18
_APPENDS_A_MINUTE = 90
"""Slack allows 20 and 100; a second process of the bot may need a few."""

_APPEND_EVERY_S = 1.0
_EDIT_EVERY_S = 3.0
_STOPPED = "stopped_by_user"
_ENDED = frozenset({"message_not_in_streaming_state", "message_not_found"})


class Budget:
    """So many calls within any minute, and none before Slack allows it again."""

    def __init__(self, calls: int, *, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._made: deque[float] = deque(maxlen=calls)
        self._closed_until = 0.0

    def take(self) -> bool:
        """Whether a call may be made now; if so, it counts."""
        now = self._clock()
        is_full = len(self._made) == self._calls and now - self._made[0] < _MINUTE_S
        if is_full or now < self._closed_until:
            return False
        self._made.append(now)
        return True

    def close(self, limited: RateLimited) -> None:
        self._closed_until = self._clock() + limited.retry_after_s


class Pace:
    """What all streams of one workspace share."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self.clock = clock
        self.starts = Budget(_STARTS_A_MINUTE, clock=clock)
        self.appends = Budget(_APPENDS_A_MINUTE, clock=clock)


class _Mode(Enum):
    STREAM = auto()
    EDITS = auto()
    QUIET = auto()
    """Nothing more is shown until the end."""


class SlackStream:
    """One growing message for one person. Its first words make it appear."""

    def __init__(
        self, api: SlackApi, posts: Posts, *, bot: SlackBot, place: Place, person_id: str, marker: str, pace: Pace
    ) -> None:
        self._api = api
        self._posts = posts
        self._recipient = {"recipient_user_id": person_id, "recipient_team_id": bot.team_id}
        self._place = place
        self._marker = marker
        self._pace = pace
        self._growth = Growth()
        self._mode = _Mode.STREAM
        self._message_id = ""
        self._edits = 0
        self._shown_at = float("-inf")

    @property
    def message_id(self) -> str | None:
        return self._message_id or None

    async def append(self, markdown: str) -> None:
        """Raises `ChatRefused("stopped_by_user")` where the reader pressed stop, `ChatUnavailable` at the start."""
        self._growth.add(markdown)
        match self._mode:
            case _Mode.STREAM:
                await self._stream()
            case _Mode.EDITS:
                await self._edit()
            case _Mode.QUIET:
                return

    async def finish(self, reply: Reply) -> str:
        """The growing message becomes the first part of the reply."""
        return await self._posts.post(self._place, render(reply), marker=self._marker)

    async def _stream(self) -> None:
        new = _shorten(self._growth.find_new())
        if not new or not self._is_due(_APPEND_EVERY_S):
            return
        budget = self._pace.appends if self._message_id else self._pace.starts
        if not budget.take():
            await self._wait_or_edit()
            return
        try:
            await (self._append(new) if self._message_id else self._start(new))
        except RateLimited as limited:
            budget.close(limited)
            await self._wait_or_edit()
        except ChatRefused as refused:
            await self._go_on_without(refused)
        else:
            self._note_shown(new)

    async def _wait_or_edit(self) -> None:
        """A stream that has begun waits for its turn; another message grows by edits from the start."""
        if not self._message_id:
            self._mode = _Mode.EDITS
            await self._edit()

    async def _go_on_without(self, refused: ChatRefused) -> None:
        if refused.reason == _STOPPED:
            raise refused
        is_over = not self._message_id or refused.reason in _ENDED
        self._mode = _Mode.EDITS if is_over else _Mode.QUIET
        if is_over:
            await self._edit()

    async def _start(self, new: str) -> None:
        where = {"channel": self._place.channel, "thread_ts": self._place.thread}
        started = await self._api.call(
            self._api.methods.chat_startStream, **where, **self._recipient, markdown_text=new
        )
        self._message_id = started["ts"]
        self._posts.remember_draft(self._marker, self._message_id, is_stream=True)

    async def _append(self, new: str) -> None:
        append = self._api.methods.chat_appendStream
        try:
            await self._api.call(append, channel=self._place.channel, ts=self._message_id, markdown_text=new)
        except ChatUnavailable:
            # Whether it was taken is not known: the end puts everything right.
            self._mode = _Mode.QUIET

    async def _edit(self) -> None:
        if self._edits >= MAX_EDITS or not self._is_due(_EDIT_EVERY_S) or not self._growth.text.strip():
            return
        page = render_note(f"{self._growth.text.rstrip()} …")
        try:
            if self._message_id:
                await self._posts.grow_draft(self._place, self._message_id, page, marker=self._marker)
            else:
                self._message_id = await self._posts.send_draft(self._place, page, marker=self._marker)
        except (RateLimited, ChatRefused):
            self._mode = _Mode.QUIET
        else:
            self._edits += 1
            self._note_shown("")

    def _is_due(self, every_s: float) -> bool:
        return self._pace.clock() - self._shown_at >= every_s

    def _note_shown(self, new: str) -> None:
        self._growth.mark_shown(new)
        self._shown_at = self._pace.clock()


def _shorten(new: str) -> str:
    """As much as one call takes, cut between lines: a line cut in two could turn into something else."""
    if len(new) <= MAX_APPEND_CHARACTERS:
        return new
    return new[: new.rfind("\n", 0, MAX_APPEND_CHARACTERS) + 1]
