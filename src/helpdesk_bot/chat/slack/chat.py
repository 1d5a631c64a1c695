"""Slack as the help desk's `Chat`."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from connectors.http import DIRECT, WayOut
from helpdesk_bot.chat.slack.api import DEFAULT_URL, SlackApi
from helpdesk_bot.chat.slack.files import Files
from helpdesk_bot.chat.slack.groups import SlackGroups
from helpdesk_bot.chat.slack.messages import render
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.chat.slack.people import SlackPeople
from helpdesk_bot.chat.slack.places import Places
from helpdesk_bot.chat.slack.posts import Posts
from helpdesk_bot.chat.slack.scopes import SCOPES
from helpdesk_bot.chat.slack.stream import Pace, SlackStream
from helpdesk_bot.chat.slack.surfaces import Surfaces
from helpdesk_bot.chat.slack.threads import Threads
from helpdesk_bot.chat.slack.tokens import Token
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind, Platform, Said, SharedFile, Step
from helpdesk_bot.messages import Message
from helpdesk_bot.ports import Stream

_NO_PROGRESS = frozenset({"missing_scope", "not_allowed_token_type", "access_denied", "unknown_method"})
_STATUS = {
    Step.READING: "is reading the question…",
    Step.SEARCHING: "is searching the knowledge base…",
    Step.WEIGHING: "is weighing what it found…",
    Step.COMPOSING: "is writing an answer…",
    Step.CHECKING: "is checking the answer…",
}


class SlackChat:
    """One workspace, while it is open (`async with`). `bot` says who we are there."""

    platform = Platform.SLACK
    bot: SlackBot
    people: SlackPeople
    places: Places
    posts: Posts
    surfaces: Surfaces
    groups: SlackGroups

    def __init__(
        self,
        *,
        token: Token | str,
        base_url: str = DEFAULT_URL,
        timeout_s: float = 10.0,
        way_out: WayOut = DIRECT,
        people_ttl_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = SlackApi(token=token, base_url=base_url, timeout_s=timeout_s, way_out=way_out)
        self._base_url = base_url
        self._people_ttl_s = people_ttl_s
        self._may_show_progress = True
        self._pace = Pace(clock=clock)

    async def __aenter__(self) -> Self:
        """Raises `ChatRefused` for a wrong token or a whole organisation's, `ChatUnavailable` for no connection."""
        await self._api.__aenter__()
        try:
            self.bot = await self._identify()
        except ChatError:
            await self._api.__aexit__(None, None, None)
            raise
        self.people = SlackPeople(self._api, team_id=self.bot.team_id, ttl_s=self._people_ttl_s)
        self.places = Places(self._api, self.bot, self.people)
        self.posts = Posts(self._api, self.bot)
        self.surfaces = Surfaces(self._api)
        self.groups = SlackGroups(self._api, self.people)
        self._threads = Threads(self.posts, self.people, self.bot)
        self._files = Files(self._api, base_url=self._base_url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, trace)

    async def post(self, place: Place, message: Message, *, marker: str) -> str:
        """Post it, and return the id of its first message; see `Posts.post`."""
        return await self.posts.post(place, render(message), marker=marker)

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        return await self.posts.find(place, marker=marker)

    async def edit(self, place: Place, message_id: str, message: Message, *, marker: str) -> None:
        await self.posts.edit(place, message_id, render(message), marker=marker)

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        await self.posts.withdraw(place, message_id, marker=marker)

    async def whisper(self, place: Place, person_id: str, message: Message, *, marker: str) -> None:
        """Beside the place for somebody who is there together with the bot; otherwise in their direct chat."""
        if place.kind is PlaceKind.CHANNEL:
            try:
                await self.posts.whisper(place, person_id, render(message), marker=marker)
            except ChatRefused:
                place = await self.get_direct_place(person_id)
            else:
                return
        await self.post(place, message, marker=marker)

    async def get_direct_place(self, person_id: str) -> Place:
        return await self.places.get_direct_place(person_id)

    async def open_stream(self, place: Place, person_id: str, *, marker: str) -> Stream | None:
        """Only in a thread: Slack streams replies."""
        if place.thread is None:
            return None
        return SlackStream(
            self._api,
            self.posts,
            bot=self.bot,
            place=place,
            person_id=person_id,
            marker=marker,
            pace=self._pace,
        )

    async def read_thread(self, place: Place, *, max_messages: int) -> Sequence[Said]:
        return await self._threads.read(place, max_messages=max_messages)

    async def load_file(self, file: SharedFile, *, max_bytes: int) -> bytes:
        return await self._files.load(file, max_bytes=max_bytes)

    async def list_readers(self, place: Place) -> list[Person] | None:
        return await self.places.list_readers(place)

    async def is_shared(self, place: Place) -> bool:
        return await self.places.is_shared(place)

    async def get_person(self, person_id: str) -> Person:
        return await self.people.get(person_id)

    async def find_link(self, place: Place, message_id: str) -> str | None:
        return await self.places.find_link(place, message_id)

    async def show_progress(self, place: Place, step: Step) -> None:
        """A status line under the thread; it goes when the answer comes, or after two minutes.

        `chat:write` is all it needs since March 2026 (docs.slack.dev/changelog/2026/03/05/set-status-scope-update).
        A workspace that refuses it for want of rights is not asked again.
        """
        if place.thread is None or not self._may_show_progress:
            return
        set_status = self._api.methods.assistant_threads_setStatus
        try:
            await self._api.call(set_status, channel_id=place.channel, thread_ts=place.thread, status=_STATUS[step])
        except ChatRefused as refused:
            self._may_show_progress = refused.reason not in _NO_PROGRESS
        except ChatError:
            return

    def list_missing_scopes(self) -> list[str]:
        """What the app was not granted of what the bot needs."""
        return sorted(SCOPES - {scope.strip() for scope in self._api.granted_scopes.split(",")})

    async def _identify(self) -> SlackBot:
        """`auth.test` does not say which app the bot belongs to; `bots.info` does."""
        identity = await self._api.call(self._api.methods.auth_test)
        if identity.get("is_enterprise_install"):
            raise ChatRefused("installed_for_a_whole_organisation")
        bot_id = identity["bot_id"]
        about = await self._api.call(self._api.methods.bots_info, bot=bot_id)
        app_id = str(about["bot"].get("app_id") or "")
        return SlackBot(
            team_id=identity["team_id"],
            user_id=identity["user_id"],
            bot_id=bot_id,
            app_id=app_id,
            enterprise_id=str(identity.get("enterprise_id") or ""),
        )
