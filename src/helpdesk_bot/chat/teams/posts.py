"""What the bot has in Teams: each message posted once, found again, changed and taken away, all of its parts.

Teams has no idempotency keys and no history that a bot may read. So a row says before each post that it is tried, and
after it under which id it is there. A process that dies between the two, or an answer that is lost on its way, leaves
an attempt of which nobody knows whether it got through. It is posted again then: somebody who sees an answer twice is
helped, somebody who sees none is not, and both copies of a case are the same case, claimed once.
"""

from contextlib import suppress
from dataclasses import replace

import structlog

from helpdesk_bot.chat.teams.connector import Connector
from helpdesk_bot.chat.teams.payloads import join_thread, split_thread
from helpdesk_bot.chat.teams.service_urls import is_service_url
from helpdesk_bot.errors import ChatRefused, RateLimited
from helpdesk_bot.events import Place, PlaceKind
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.teams import TeamsConversation, TeamsPart, TeamsRecords

log = structlog.get_logger()


class TeamsPosts:
    def __init__(self, connector: Connector, records: TeamsRecords) -> None:
        self._connector = connector
        self._records = records

    async def get_conversation(self, place: Place) -> TeamsConversation:
        """Raises `ChatRefused` where the bot was never in this place, or is no longer."""
        known = await self._records.find_conversation(place.tenant, place.channel)
        if known is None or not is_service_url(known.service_url, with_loopback=self._connector.with_loopback):
            raise ChatRefused("the bot is not in this conversation")
        return known

    async def post(self, place: Place, activities: list[JsonObject], *, marker: str) -> str:
        """Post what is not there yet; the id of the first message."""
        known = {part.part: part for part in await self._records.list_parts(marker)}
        thread = place.thread or next((part.thread for part in known.values() if part.thread), None)
        first = ""
        for number, activity in enumerate(activities, start=1):
            there = known.get(number)
            if there is None or there.message_id is None:
                there = await self._post_part(place, _part(place, thread, marker, number, len(activities)), activity)
            thread = thread or there.thread
            first = first or there.message_id or ""
        return first

    async def find(self, marker: str) -> str | None:
        """The id of the first message, once all of them are there."""
        parts = await self._records.list_parts(marker)
        ids = [part.message_id for part in parts if part.message_id is not None]
        return ids[0] if parts and len(ids) >= parts[0].parts else None

    async def edit(self, place: Place, message_id: str, activities: list[JsonObject], *, marker: str) -> None:
        """Take away the messages too many, buttons among them, change those there are, post those that are missing.

        Where Teams refuses a change, as of a message that an owner deleted, nothing of it stays: it can be said anew.
        """
        try:
            await self._change(place, message_id, activities, marker=marker)
        except ChatRefused:
            await self._clear(place, marker=marker)
            raise

    async def _change(self, place: Place, message_id: str, activities: list[JsonObject], *, marker: str) -> None:
        conversation = await self.get_conversation(place)
        known = {part.part: part for part in await self._records.list_parts(marker)}
        ids = {1: message_id} | {number: part.message_id for number, part in known.items() if part.message_id}
        thread = place.thread or next((part.thread for part in known.values() if part.thread), None)
        where = join_thread(place.channel, thread)
        for number in sorted(set(ids) - set(range(1, len(activities) + 1))):
            await self._delete(conversation.service_url, where, ids[number])
            await self._records.forget_part(marker, number)
        for number, activity in enumerate(activities, start=1):
            part = _part(place, thread, marker, number, len(activities))
            if number in ids:
                await self._connector.update(conversation.service_url, where, ids[number], _addressed(activity, where))
                await self._records.keep_part(replace(part, message_id=ids[number]))
            else:
                await self._post_part(place, part, activity)

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        conversation = await self.get_conversation(place)
        parts = await self._records.list_parts(marker)
        thread = place.thread or next((part.thread for part in parts if part.thread), None)
        where = join_thread(place.channel, thread)
        for known_id in {message_id, *(part.message_id for part in parts if part.message_id)}:
            await self._delete(conversation.service_url, where, known_id)
        for part in parts:
            await self._records.forget_part(marker, part.part)

    async def _clear(self, place: Place, *, marker: str) -> None:
        """Take away what can be taken away, and know of no part any more."""
        for part in await self._records.list_parts(marker):
            if part.message_id is not None:
                with suppress(ChatRefused):
                    conversation = await self.get_conversation(place)
                    where = join_thread(place.channel, place.thread or part.thread)
                    await self._delete(conversation.service_url, where, part.message_id)
            await self._records.forget_part(marker, part.part)

    async def keep_first(self, place: Place, message_id: str, parts: int, *, marker: str) -> None:
        """A stream ended as this message."""
        await self._records.keep_part(replace(_part(place, place.thread, marker, 1, parts), message_id=message_id))

    async def _post_part(self, place: Place, part: TeamsPart, activity: JsonObject) -> TeamsPart:
        conversation = await self.get_conversation(place)
        if not await self._records.try_part(part):
            log.warning(
                "posted again: nobody knows what became of an earlier attempt", marker=part.marker, part=part.part
            )
        try:
            thread, message_id = await self._send(conversation, place, part.thread, activity)
        except (RateLimited, ChatRefused):
            await self._records.forget_part(part.marker, part.part)
            raise
        posted = replace(part, thread=thread, message_id=message_id)
        await self._records.keep_part(posted)
        return posted

    async def _send(
        self, conversation: TeamsConversation, place: Place, thread: str | None, activity: JsonObject
    ) -> tuple[str | None, str]:
        """Post it; the thread that it is in, and its id. What goes to a channel itself begins a thread."""
        if conversation.kind == "channel" and thread is None and place.kind is PlaceKind.CHANNEL:
            started, message_id = await self._connector.start_thread(
                conversation.service_url, place.channel, _addressed(activity, place.channel)
            )
            return split_thread(started)[1] or message_id, message_id
        where = join_thread(place.channel, thread)
        return thread, await self._connector.send(conversation.service_url, where, _addressed(activity, where))

    async def _delete(self, service_url: str, where: str, message_id: str) -> None:
        try:
            await self._connector.delete(service_url, where, message_id)
        except ChatRefused as refused:
            if not is_gone(refused):
                raise


def _part(place: Place, thread: str | None, marker: str, number: int, parts: int) -> TeamsPart:
    """One that is not posted yet."""
    return TeamsPart(
        marker=marker, part=number, parts=parts, conversation=place.channel, message_id=None, thread=thread
    )


def is_gone(refused: ChatRefused) -> bool:
    return "NotFound" in refused.reason or refused.reason == "HTTP 404"


def _addressed(activity: JsonObject, conversation: str) -> JsonObject:
    return {**activity, "conversation": {"id": conversation}}
