"""Our messages in Slack: posted, found again by their marker, put in place of each other, taken away.

Each carries as metadata its marker, which part of how many it is, and `first`: the id of the first part. A message
that is not whole yet, since it is still growing, is a draft: it has `draft` there, or (Slack takes metadata only when
a stream ends) no metadata at all. What an earlier attempt left as a draft is finished in place, not said again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk_bot.chat.slack.api import JsonObject, SlackApi
from helpdesk_bot.chat.slack.messages import SlackMessage
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Place

METADATA_TYPE = "helpdesk_message"
"""docs.slack.dev/messaging/message-metadata"""

PAGE_SIZE = 200
_HISTORY = timedelta(days=1)
"""How far back a channel is searched for a message of ours; an unfinished attempt is minutes old."""

_MAX_TEXT_CHARACTERS = 3_900
"""Slack asks for at most 4,000 beside blocks (docs.slack.dev/reference/methods/chat.postMessage)."""

_MAX_SECTION_CHARACTERS = 3_000
_LOOK_WITHIN_S = 1.0
"""For a vote, which waits for it."""

_MAX_REMEMBERED = 2_000
_REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_GONE = frozenset({"message_not_found"})
_STILL_STREAMS = "streaming_state_conflict"
_NOT_OURS_ANY_MORE = _GONE | {"cant_update_message", "edit_window_closed"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message of ours that is not whole yet. A stream has to be ended before it can be changed."""

    message_id: str
    is_stream: bool


@dataclass(frozen=True, kw_only=True)
class FirstPart:
    """Of a message of ours: what the desk knows it by, and the thread that it is in."""

    message_id: str
    thread: str | None


class Posts:
    """One bot's messages in one workspace."""

    def __init__(self, api: SlackApi, bot: SlackBot) -> None:
        self._api = api
        self._bot = bot
        self._drafts: OrderedDict[str, Draft] = OrderedDict()
        self._whispered: OrderedDict[str, tuple[list[SlackMessage], int]] = OrderedDict()
        self._first_parts: OrderedDict[tuple[str, str], FirstPart] = OrderedDict()

    async def post(self, place: Place, pages: list[SlackMessage], *, marker: str) -> str:
        """Post it, and return the id of its first message.

        Where one message can't hold it, those that an earlier attempt got through are not posted again; a draft with
        this marker becomes the first.
        """
        ids = {part: message["ts"] for part, message in (await self._find_whole(place, marker, pages)).items()}
        for part, page in enumerate(pages, start=1):
            if part not in ids:
                metadata = _metadata(marker, part, len(pages), first=ids.get(1, ""))
                ids[part] = await self._place_page(
                    place, page, metadata, draft=self._drafts.get(marker) if part == 1 else None
                )
            self._remember(place.channel, ids[part], FirstPart(message_id=ids[1], thread=place.thread))
        self._drafts.pop(marker, None)
        return ids[1]

    async def find(self, place: Place, *, marker: str) -> str | None:
        """The id of the first message, once all of them are there and whole."""
        found = await self._find_parts(place, marker)
        is_whole = 1 in found and len(found) >= payload_of(found[1])["parts"]
        return found[1]["ts"] if is_whole else None

    async def edit(self, place: Place, message_id: str, pages: list[SlackMessage], *, marker: str) -> None:
        """Put these pages where the parts of a message stand, the first one last: it tells which the others are."""
        others = await self._find_others(place, message_id, marker)
        for part in sorted(others):
            if part > len(pages):
                await self._delete(place, others[part])
        for part, page in enumerate(pages[1:], start=2):
            metadata = _metadata(marker, part, len(pages), first=message_id)
            if part in others:
                await self.update(place, others[part], page, metadata)
            else:
                await self._send(place, page, metadata)
        await self.update(place, message_id, pages[0], _metadata(marker, 1, len(pages)))

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        """The first part goes even where the thread can't be read, and so no other part is known."""
        try:
            others = await self._find_others(place, message_id, marker)
        except ChatRefused:
            others: dict[int, str] = {}
        for part in sorted(others, reverse=True):
            await self._delete(place, others[part])
        await self._delete(place, message_id)

    async def whisper(self, place: Place, person_id: str, pages: list[SlackMessage], *, marker: str) -> None:
        """Show it to one of the place's people; nothing of it is kept by Slack.

        Where an earlier attempt broke off, it goes on behind the pages that were shown.
        """
        before, shown = self._whispered.pop(marker, (pages, 0))
        for number, page in enumerate(pages):
            if before == pages and number < shown:
                continue
            content = {**_content(page), "channel": place.channel, "thread_ts": place.thread, "user": person_id}
            try:
                await self._api.call(self._api.methods.chat_postEphemeral, **content, link_names=False)
            except ChatError:
                self._whispered[marker] = (pages, number)
                _forget_oldest(self._whispered)
                raise

    async def find_first_part(self, place: Place, message_id: str) -> FirstPart:
        """Of the answer that this message is a part of; the message itself where that isn't known."""
        known = self._first_parts.get((place.channel, message_id))
        if known is not None:
            return known
        try:
            async with asyncio.timeout(_LOOK_WITHIN_S):
                message = await self._find_message(place, message_id)
        except (ChatError, TimeoutError):
            return FirstPart(message_id=message_id, thread=place.thread)
        payload = payload_of(message) if is_by(message, self._bot) else {}
        first = FirstPart(message_id=str(payload.get("first") or message_id), thread=message.get("thread_ts"))
        self._remember(place.channel, message_id, first)
        return first

    async def update(self, place: Place, message_id: str, page: SlackMessage, metadata: JsonObject) -> None:
        """Put a page where one of our messages is. Where its blocks are refused, plain ones say it."""
        change = {"channel": place.channel, "ts": message_id, "metadata": _envelope(metadata), "link_names": False}
        update = self._api.methods.chat_update
        try:
            await self._api.call(update, **change, **_content(page))
        except ChatRefused as refused:
            if refused.reason not in _REFUSED_BLOCKS:
                raise
            await self._api.call(update, **change, **_content(page) | {"blocks": _plain_blocks(page.text)})

    async def send_draft(self, place: Place, page: SlackMessage, *, marker: str) -> str:
        """The start of a message that grows by edits."""
        ts = await self._send(place, page, _metadata(marker, 1, 1) | {"draft": True})
        self.remember_draft(marker, ts, is_stream=False)
        return ts

    async def grow_draft(self, place: Place, message_id: str, page: SlackMessage, *, marker: str) -> None:
        """Put more of it there; a stream has to have ended."""
        self.remember_draft(marker, message_id, is_stream=False)
        await self.update(place, message_id, page, _metadata(marker, 1, 1) | {"draft": True})

    def remember_draft(self, marker: str, message_id: str, *, is_stream: bool) -> None:
        self._drafts[marker] = Draft(message_id=message_id, is_stream=is_stream)
        _forget_oldest(self._drafts)

    async def _close_stream(self, place: Place, message_id: str, *, marker: str) -> None:
        """End a stream, if it is not ended: a message can't be changed while it streams."""
        stop = self._api.methods.chat_stopStream
        metadata = _envelope(_metadata(marker, 1, 1) | {"draft": True})
        try:
            await self._api.call(stop, channel=place.channel, ts=message_id, metadata=metadata)
        except ChatRefused:
            return

    def iter_messages(self, place: Place) -> AsyncIterator[JsonObject]:
        """Pages of the thread, or of the channel's last day."""
        methods = self._api.methods
        scope: JsonObject = {"channel": place.channel, "include_all_metadata": True, "limit": PAGE_SIZE}
        if place.thread is not None:
            return self._api.iter_pages(methods.conversations_replies, ts=place.thread, **scope)
        oldest = f"{(datetime.now(UTC) - _HISTORY).timestamp():.6f}"
        return self._api.iter_pages(methods.conversations_history, oldest=oldest, **scope)

    async def _place_page(self, place: Place, page: SlackMessage, metadata: JsonObject, *, draft: Draft | None) -> str:
        if draft is not None:
            try:
                return await self._complete(place, draft, page, metadata)
            except ChatRefused as refused:
                if refused.reason not in _NOT_OURS_ANY_MORE:
                    raise
        return await self._send(place, page, metadata)

    async def _complete(self, place: Place, draft: Draft, page: SlackMessage, metadata: JsonObject) -> str:
        if draft.is_stream:
            await self._close_stream(place, draft.message_id, marker=metadata["marker"])
        try:
            await self.update(place, draft.message_id, page, metadata)
        except ChatRefused as refused:
            if refused.reason != _STILL_STREAMS or draft.is_stream:
                raise
            return await self._complete(place, replace(draft, is_stream=True), page, metadata)
        return draft.message_id

    async def _find_whole(self, place: Place, marker: str, pages: list[SlackMessage]) -> dict[int, JsonObject]:
        return await self._find_parts(place, marker) if len(pages) > 1 else {}

    async def _find_parts(self, place: Place, marker: str) -> dict[int, JsonObject]:
        """Our whole messages with this marker, by their part number. A draft is remembered on the way."""
        parts: dict[int, JsonObject] = {}
        async for message in self._iter_ours(place):
            payload = payload_of(message)
            if payload.get("marker") == marker and not payload.get("draft"):
                parts[payload["part"]] = message
            elif payload.get("marker") == marker or self._is_left_stream(message, place, marker):
                self.remember_draft(marker, message["ts"], is_stream=not payload)
        return parts

    def _is_left_stream(self, message: JsonObject, place: Place, marker: str) -> bool:
        """An unended stream that is not known to be the draft of something else, which is being written now."""
        known = {draft.message_id for one, draft in self._drafts.items() if one != marker}
        return message["ts"] not in known and _is_unended_stream(message, place)

    async def _find_others(self, place: Place, message_id: str, marker: str) -> dict[int, str]:
        """The ids of the parts after the first, of the message with this id."""
        ours = [message async for message in self._iter_ours(place)]
        itself = next((message for message in ours if message["ts"] == message_id), {})
        markers = {marker, payload_of(itself).get("marker", marker)}
        payloads = ((message["ts"], payload_of(message)) for message in ours)
        return {
            payload["part"]: ts for ts, payload in payloads if payload.get("marker") in markers and payload["part"] > 1
        }

    async def _iter_ours(self, place: Place) -> AsyncIterator[JsonObject]:
        async for page in self.iter_messages(place):
            for message in page["messages"]:
                if is_by(message, self._bot):
                    yield message

    async def _find_message(self, place: Place, message_id: str) -> JsonObject:
        """One message, wherever it is: a thread's reply is found by its own id (docs: conversations.replies)."""
        only = {"oldest": message_id, "latest": message_id, "inclusive": True, "include_all_metadata": True}
        replies = self._api.methods.conversations_replies
        found = await self._api.call(replies, channel=place.channel, ts=message_id, limit=PAGE_SIZE, **only)
        return next((message for message in found["messages"] if message["ts"] == message_id), {})

    async def _delete(self, place: Place, message_id: str) -> None:
        try:
            await self._api.call(self._api.methods.chat_delete, channel=place.channel, ts=message_id)
        except ChatRefused as refused:
            if refused.reason not in _GONE:
                raise

    async def _send(self, place: Place, page: SlackMessage, metadata: JsonObject) -> str:
        """Post one message. Where Slack refuses the blocks for their form, the text alone carries the answer."""
        try:
            return await self._post(place, metadata, **_content(page))
        except ChatRefused as refused:
            if refused.reason not in _REFUSED_BLOCKS:
                raise
            return await self._post(place, metadata, **_content(page, has_blocks=False))

    async def _post(self, place: Place, metadata: JsonObject, **content: object) -> str:
        """The one call that posts. Nothing in a text becomes live: no name, no link, no preview, no markup."""
        response = await self._api.call(
            self._api.methods.chat_postMessage,
            channel=place.channel,
            thread_ts=place.thread,
            metadata=_envelope(metadata),
            link_names=False,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
            **content,
        )
        return response["ts"]

    def _remember(self, channel: str, message_id: str, first: FirstPart) -> None:
        self._first_parts[channel, message_id] = first
        _forget_oldest(self._first_parts)


def is_by(message: JsonObject, bot: SlackBot) -> bool:
    return message.get("bot_id") == bot.bot_id or message.get("user") == bot.user_id


def payload_of(message: JsonObject) -> JsonObject:
    """What we noted about a message of ours; empty where there is nothing."""
    metadata: JsonObject = message.get("metadata") or {}
    return metadata.get("event_payload", {}) if metadata.get("event_type") == METADATA_TYPE else {}


def _is_unended_stream(message: JsonObject, place: Place) -> bool:
    """One question of a conversation is worked on at a time, so a stream of ours that did not end is this one's."""
    is_reply = place.thread is not None and message["ts"] != place.thread
    return is_reply and not payload_of(message)


def escape(text: str) -> str:
    """docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _content(page: SlackMessage, *, has_blocks: bool = True) -> JsonObject:
    """Beside blocks the text is for notifications and is cut; alone it says everything."""
    text = page.text[:_MAX_TEXT_CHARACTERS] if has_blocks else page.text
    blocks = list(page.blocks) if has_blocks and page.blocks else []
    return {"text": escape(text), "parse": "none", "blocks": blocks or None}


def _plain_blocks(text: str) -> list[JsonObject]:
    """Blocks that Slack has no reason to refuse: the text without any form."""
    parts = [text[start : start + _MAX_SECTION_CHARACTERS] for start in range(0, len(text), _MAX_SECTION_CHARACTERS)]
    return [{"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}} for part in parts]


def _metadata(marker: str, part: int, parts: int, *, first: str = "") -> JsonObject:
    return {"marker": marker, "part": part, "parts": parts, **({"first": first} if first else {})}


def _envelope(payload: JsonObject) -> JsonObject:
    return {"event_type": METADATA_TYPE, "event_payload": payload}


def _forget_oldest(remembered: OrderedDict[Any, Any]) -> None:
    while len(remembered) > _MAX_REMEMBERED:
        remembered.popitem(last=False)
