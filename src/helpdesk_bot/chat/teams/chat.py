"""Teams as the help desk's `Chat`."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote

from connectors.http import DIRECT, WayOut
from helpdesk_bot.chat.teams import cards
from helpdesk_bot.chat.teams.connector import Connector
from helpdesk_bot.chat.teams.messages import Look, people_of, render, render_greeting
from helpdesk_bot.chat.teams.people import TeamsPeople
from helpdesk_bot.chat.teams.posts import TeamsPosts, is_gone
from helpdesk_bot.chat.teams.service_urls import is_file_url, is_service_url
from helpdesk_bot.chat.teams.stream import PERIOD_S, GrowingMessage, TeamsStream, best_effort
from helpdesk_bot.chat.teams.token import LOGIN_URL
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind, Platform, Said, SharedFile, Step
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Form, Greeting, Message, Reply
from helpdesk_bot.records.teams import TeamsConversation, TeamsPerson, TeamsRecords
from knowledge.postgres import Pool

_STATUS = {
    Step.READING: "Reading the question…",
    Step.SEARCHING: "Searching the knowledge base…",
    Step.WEIGHING: "Weighing what I found…",
    Step.COMPOSING: "Writing an answer…",
    Step.CHECKING: "Checking the answer…",
}
_MAX_GROWING = 1_000
_CHAT_CONTEXT = quote('{"contextType":"chat"}', safe="")


class TeamsChat:
    """One app in one organisation, while it is open (`async with`).

    Without an app id it is in development: it speaks to a connector on this machine, and to no other.
    """

    platform = Platform.TEAMS

    def __init__(
        self,
        *,
        pool: Pool,
        app_id: str,
        password: str = "",
        tenant_id: str = "",
        look: Look | None = None,
        login_url: str = LOGIN_URL,
        timeout_s: float = 10.0,
        way_out: WayOut = DIRECT,
        with_loopback: bool = False,
    ) -> None:
        """`with_loopback` takes a connector on this machine for Teams' own: for tests, and always in development."""
        self.records = TeamsRecords(pool)
        self.look = look or Look(with_dialogs=bool(app_id))
        self._connector = Connector(
            app_id=app_id,
            password=password,
            tenant_id=tenant_id,
            login_url=login_url,
            timeout_s=timeout_s,
            way_out=way_out,
            with_loopback=with_loopback or not app_id,
        )
        self._posts = TeamsPosts(self._connector, self.records)
        self._people = TeamsPeople(self._connector, self.records, tenant_id=tenant_id)
        self._growing: dict[str, GrowingMessage] = {}
        self._typed_at: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        await self._connector.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connector.__aexit__(kind, error, trace)

    async def check(self) -> None:
        """Raises `ChatRefused` for a wrong app id or password, `ChatUnavailable` where Entra can't be reached."""
        if self._connector.app_id:
            await self._connector.token.get()

    # What is said

    async def post(self, place: Place, message: Message, *, marker: str) -> str:
        """Post it, and return the id of its first message. What shows progress there becomes the reply.

        Nothing else does: a person's answer to something earlier can come meanwhile.
        """
        activities = await self._render(message)
        is_awaited = isinstance(message, Reply) and place.kind is PlaceKind.DIRECT
        growing = self._growing.get(place.channel) if is_awaited else None
        if growing is not None and not growing.is_late:  # else it may be an older question's, which had no answer
            await self._end(place, growing, activities, marker=marker)
        return await self._posts.post(place, activities, marker=marker)

    async def find_posted(self, place: Place, *, marker: str) -> str | None:  # noqa: ARG002 - a marker is found anywhere
        """The id of the first message, once all of them are there. An attempt that was never heard of is no message."""
        return await self._posts.find(marker)

    async def edit(self, place: Place, message_id: str, message: Message, *, marker: str) -> None:
        await self._posts.edit(place, message_id, await self._render(message), marker=marker)

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        await self._posts.withdraw(place, message_id, marker=marker)

    async def whisper(self, place: Place, person_id: str, message: Message, *, marker: str) -> None:
        """In the personal chat: a channel of Teams shows everything to everybody."""
        direct = place if place.kind is PlaceKind.DIRECT else await self.get_direct_place(person_id)
        await self._posts.post(direct, await self._render(message), marker=marker)

    async def ask(self, place: Place, person_id: str, form: Form, *, marker: str) -> None:
        """A form for one person, where no dialog can be opened for it."""
        direct = place if place.kind is PlaceKind.DIRECT else await self.get_direct_place(person_id)
        content = cards.attach(cards.form_card(form, in_dialog=False))
        await self._posts.post(direct, [{"type": "message", "attachments": [content]}], marker=marker)

    async def greet(self, place: Place, greeting: Greeting, *, marker: str) -> None:
        """Once for each marker."""
        if await self._posts.find(marker) is None:
            is_direct = place.kind is PlaceKind.DIRECT
            content = render_greeting(greeting.text, greeting.suggestions, is_direct=is_direct)
            await self._posts.post(place, content, marker=marker)

    async def get_direct_place(self, person_id: str) -> Place:
        """Raises `ChatRefused` where the person has not installed the app, or was never met."""
        met = await self.records.find_person(person_id)
        if met is not None and met.direct is not None:
            return _direct(met.tenant, met.direct)
        known = await self.records.find_conversation(met.tenant, met.met_in) if met else None
        known = known or await self.records.find_any_conversation()  # the bot may be gone from where they met
        if known is None:
            raise ChatRefused("nobody was met yet")
        account_id = met.account_id if met else person_id
        direct = await self._connector.open_direct(
            known.service_url, bot_id=known.bot_id, account_id=account_id, tenant_id=known.tenant
        )
        await self._keep_direct(known, direct, person_id, account_id)
        return _direct(known.tenant, direct)

    async def open_stream(self, place: Place, person_id: str, *, marker: str) -> TeamsStream | None:  # noqa: ARG002
        """In personal chats only, and one at a time in each."""
        if place.kind is not PlaceKind.DIRECT:
            return None
        growing = await self._grow(place)

        async def finish(grown: GrowingMessage, reply: Reply) -> str:
            return await self._finish(place, grown, reply, marker=marker)

        return TeamsStream(growing, finish)

    async def show_progress(self, place: Place, step: Step) -> None:
        """The dots at once; in a personal chat what it does, if it takes longer. Best effort."""
        now = time.monotonic()
        if now - self._typed_at.get(place.channel, -PERIOD_S) < PERIOD_S:
            return
        if place.kind is PlaceKind.DIRECT and step is not Step.READING:
            await best_effort(self._inform(place, _STATUS[step]))
            return
        if len(self._typed_at) > _MAX_GROWING:
            self._typed_at.clear()
        self._typed_at[place.channel] = now
        await best_effort(self._send(place, {"type": "typing"}))

    # Who reads

    async def read_thread(self, place: Place, *, max_messages: int) -> Sequence[Said]:  # noqa: ARG002 - the port's
        """Nothing: only Microsoft Graph shows a bot what it was not told, and this one does not ask for Graph."""
        return ()

    async def list_readers(self, place: Place) -> list[Person] | None:
        """Members now. None for a personal chat, whose one reader is the asker, and where Teams does not say.

        Of a shared channel it may say only who is a member by themselves, not who is one with their team.
        """
        if place.kind is PlaceKind.DIRECT:
            return None
        try:
            if (await self._posts.get_conversation(place)).is_shared:
                return None
            return await self._people.list_humans(place) or None
        except ChatRefused:
            return None

    async def is_shared(self, place: Place) -> bool:
        """A shared channel, or one with a guest, somebody of another organisation, or somebody without an account."""
        try:
            conversation = await self._posts.get_conversation(place)
            readers = await self._people.list_humans(place)
        except ChatError:
            return True
        return bool(conversation.is_shared) or not readers or any(reader.is_guest for reader in readers)

    async def get_person(self, person_id: str) -> Person:
        return await self._people.get(person_id)

    async def find_link(self, place: Place, message_id: str) -> str | None:
        """learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams: not to a personal chat,
        which opens for its own person only.
        """
        conversation = await self.records.find_conversation(place.tenant, place.channel)
        if conversation is None or place.kind is PlaceKind.DIRECT or not conversation.conversation.startswith("19:"):
            return None
        address = f"https://teams.microsoft.com/l/message/{quote(place.channel, safe='')}/{quote(message_id, safe='')}"
        if conversation.kind == "group":
            return f"{address}?context={_CHAT_CONTEXT}"
        parent = quote(place.thread or message_id, safe="")
        return f"{address}?tenantId={quote(place.tenant, safe='')}&parentMessageId={parent}"

    async def load_file(self, file: SharedFile, *, max_bytes: int) -> bytes:
        """`file.id` is an address that Teams gave. One that carries its own permission gets no token of ours."""
        with_loopback = self._connector.with_loopback
        is_service = is_service_url(file.id, with_loopback=with_loopback)
        if not is_service and not is_file_url(file.id, with_loopback=with_loopback):
            raise ChatRefused("not a place where Teams keeps files")
        return await self._connector.download(file.id, with_token=is_service, max_bytes=max_bytes)

    # Inside

    async def _render(self, message: Message) -> list[JsonObject]:
        people = await self._people.find_named(people_of(message))
        return render(message, look=self.look, people=people)

    async def _send(self, place: Place, activity: JsonObject) -> str:
        conversation = await self._posts.get_conversation(place)
        content = _in(place, activity)
        return await self._connector.send(conversation.service_url, _where(place), content)

    async def _grow(self, place: Place) -> GrowingMessage:
        """The stream of this chat: the one that shows progress there, or a new one."""
        growing = self._growing.get(place.channel)
        if growing is None or growing.is_over:
            if len(self._growing) > _MAX_GROWING:
                self._growing.clear()

            async def send(activity: JsonObject) -> str:
                return await self._send(place, activity)

            growing = self._growing[place.channel] = GrowingMessage(send)
        return growing

    async def _inform(self, place: Place, line: str) -> None:
        await (await self._grow(place)).inform(line)

    async def _finish(self, place: Place, grown: GrowingMessage, reply: Reply, *, marker: str) -> str:
        activities = await self._render(reply)
        await self._end(place, grown, activities, marker=marker)
        return await self._posts.post(place, activities, marker=marker)

    async def _end(self, place: Place, grown: GrowingMessage, activities: list[JsonObject], *, marker: str) -> None:
        """End a stream as the reply: in the stream itself, else by a change of what it left, else as a new message.

        Where Teams is busy the stream stays, for the next try: half an answer would be left beside the whole one.
        """
        if grown.id and not await grown.end(_in(place, activities[0])):
            await self._replace(place, grown.id, activities[0], marker=marker, parts=len(activities))
        elif grown.id:
            await self._posts.keep_first(place, grown.id, len(activities), marker=marker)
        if self._growing.get(place.channel) is grown:
            del self._growing[place.channel]

    async def _replace(self, place: Place, message_id: str, activity: JsonObject, *, marker: str, parts: int) -> None:
        """Teams closed the stream: what it left is a message. Where it can't be changed, it is taken away."""
        conversation = await self._posts.get_conversation(place)
        try:
            await self._connector.update(conversation.service_url, _where(place), message_id, _in(place, activity))
        except ChatRefused as refused:
            if not is_gone(refused):
                await best_effort(self._connector.delete(conversation.service_url, _where(place), message_id))
            return
        await self._posts.keep_first(place, message_id, parts, marker=marker)

    async def _keep_direct(self, known: TeamsConversation, direct: str, person_id: str, account_id: str) -> None:
        opened = TeamsConversation(
            tenant=known.tenant,
            conversation=direct,
            kind="personal",
            service_url=known.service_url,
            bot_id=known.bot_id,
            bot_name=known.bot_name,
        )
        await self.records.keep_conversation(opened)
        met = TeamsPerson(
            tenant=known.tenant, person_id=person_id, account_id=account_id, name="", met_in=direct, direct=direct
        )
        await self.records.keep_person(met)


def _direct(tenant: str, conversation: str) -> Place:
    return Place(platform=Platform.TEAMS, tenant=tenant, channel=conversation, thread=None, kind=PlaceKind.DIRECT)


def _where(place: Place) -> str:
    return place.channel if place.thread is None else f"{place.channel};messageid={place.thread}"


def _in(place: Place, activity: JsonObject) -> JsonObject:
    return {**activity, "conversation": {"id": _where(place)}}
