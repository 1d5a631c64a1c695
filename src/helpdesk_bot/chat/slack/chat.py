"""Slack as the help desk's `Chat`: reply -> messages, place -> readers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from helpdesk_bot.chat.slack.api import DEFAULT_URL, JsonObject, SlackApi
from helpdesk_bot.chat.slack.messages import SlackMessage, render
from helpdesk_bot.chat.slack.payloads import SlackBot
from helpdesk_bot.chat.slack.people import SlackPeople
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Packet, Person, Place, PlaceKind, Platform, Reply, Step

METADATA_TYPE = "helpdesk_message"
"""docs.slack.dev/messaging/message-metadata"""

_PAGE_SIZE = 200
_HISTORY = timedelta(days=1)
"""How far back a channel is searched for a message of ours; an unfinished attempt is minutes old."""

_MAX_TEXT_CHARACTERS = 3_900
"""Slack asks for at most 4,000 beside blocks (docs.slack.dev/reference/methods/chat.postMessage)."""

_REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
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

    def __init__(
        self, *, token: str, base_url: str = DEFAULT_URL, timeout_s: float = 10.0, people_ttl_s: float = 300.0
    ) -> None:
        self._api = SlackApi(token=token, base_url=base_url, timeout_s=timeout_s)
        self._people_ttl_s = people_ttl_s
        self._may_show_progress = True

    async def __aenter__(self) -> Self:
        """Raises `ChatRefused` for a token that is wrong, `ChatUnavailable` where Slack can't be reached."""
        await self._api.__aenter__()
        try:
            self.bot = await self._identify()
        except ChatError:
            await self._api.__aexit__(None, None, None)
            raise
        self._people = SlackPeople(self._api, team_id=self.bot.team_id, ttl_s=self._people_ttl_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._api.__aexit__(kind, error, trace)

    async def post(self, place: Place, message: Reply | Packet, *, marker: str) -> str:
        """Post it, and return the id of its first message.

        Where one message can't hold it, those that an earlier attempt got through are not posted again.
        """
        messages = render(message)
        found = await self._find_parts(place, marker) if len(messages) > 1 else {}
        ids = {part: found_message["ts"] for part, found_message in found.items()}
        for part, content in enumerate(messages, start=1):
            if part not in ids:
                ids[part] = await self._post(place, content, {"marker": marker, "part": part, "parts": len(messages)})
        return ids[1]

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        """The id of the first message, once all of them are there."""
        found = await self._find_parts(place, marker)
        is_whole = 1 in found and len(found) >= found[1]["metadata"]["event_payload"]["parts"]
        return found[1]["ts"] if is_whole else None

    async def list_readers(self, place: Place) -> list[Person] | None:
        """Members now. None for a direct conversation, whose one reader is the asker, and for a shared channel."""
        if place.kind is PlaceKind.DIRECT:
            return None
        methods = self._api.methods
        try:
            info = await self._api.call(methods.conversations_info, channel=place.channel)
            if is_shared(info["channel"]):
                return None
            pages = self._api.iter_pages(methods.conversations_members, channel=place.channel, limit=_PAGE_SIZE)
            member_ids = [member_id async for page in pages for member_id in page["members"]]
            return await self._people.list_humans(member_ids) or None
        except ChatRefused:
            return None

    async def get_person(self, person_id: str) -> Person:
        return await self._people.get(person_id)

    async def find_link(self, place: Place, message_id: str) -> str | None:
        get_permalink = self._api.methods.chat_getPermalink
        try:
            response = await self._api.call(get_permalink, channel=place.channel, message_ts=message_id)
        except ChatRefused:
            return None
        return response["permalink"]

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

    async def _identify(self) -> SlackBot:
        identity = await self._api.call(self._api.methods.auth_test)
        return SlackBot(team_id=identity["team_id"], user_id=identity["user_id"], bot_id=identity["bot_id"])

    async def _find_parts(self, place: Place, marker: str) -> dict[int, JsonObject]:
        """Our messages with this marker, by their part number."""
        ours = [
            message
            async for page in self._iter_messages(place)
            for message in page["messages"]
            if is_by(message, self.bot) and _payload_of(message).get("marker") == marker
        ]
        return {_payload_of(message)["part"]: message for message in ours}

    def _iter_messages(self, place: Place) -> AsyncIterator[JsonObject]:
        """Pages of the thread, or of the channel's last day."""
        methods = self._api.methods
        scope: JsonObject = {"channel": place.channel, "include_all_metadata": True, "limit": _PAGE_SIZE}
        if place.thread is not None:
            return self._api.iter_pages(methods.conversations_replies, ts=place.thread, **scope)
        oldest = f"{(datetime.now(UTC) - _HISTORY).timestamp():.6f}"
        return self._api.iter_pages(methods.conversations_history, oldest=oldest, **scope)

    async def _post(self, place: Place, content: SlackMessage, metadata: JsonObject) -> str:
        """Post one message. Where Slack refuses the blocks for their form, the text alone carries the answer."""
        try:
            text = content.text[:_MAX_TEXT_CHARACTERS]
            return await self._send(place, metadata, text=text, blocks=list(content.blocks) or None)
        except ChatRefused as refused:
            if refused.reason not in _REFUSED_BLOCKS:
                raise
            return await self._send(place, metadata, text=content.text)

    async def _send(self, place: Place, metadata: JsonObject, *, text: str, **content: object) -> str:
        """The one call that posts. Nothing in a text becomes live: no name, no link, no preview, no markup."""
        response = await self._api.call(
            self._api.methods.chat_postMessage,
            channel=place.channel,
            thread_ts=place.thread,
            text=escape(text),
            metadata={"event_type": METADATA_TYPE, "event_payload": metadata},
            parse="none",
            link_names=False,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
            **content,
        )
        return response["ts"]


def is_shared(channel: JsonObject) -> bool:
    """Whether somebody outside of this workspace reads the channel, or is invited to."""
    flags = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared", "pending_shared")
    return any(channel.get(flag) for flag in (*flags, "pending_connected_team_ids"))


def is_by(message: JsonObject, bot: SlackBot) -> bool:
    return message.get("bot_id") == bot.bot_id or message.get("user") == bot.user_id


def escape(text: str) -> str:
    """docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _payload_of(message: JsonObject) -> JsonObject:
    metadata: JsonObject = message.get("metadata") or {}
    return metadata.get("event_payload", {}) if metadata.get("event_type") == METADATA_TYPE else {}
