"""Bringing in people: when the bot is unsure, a packet goes to where the people are."""

from collections.abc import Mapping

from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Decision, Packet, Place, PlaceKind, Platform, Question
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Planned
from knowledge.passages import Passage
from knowledge.search import Search

MAX_TRIED = 5


class Escalations:
    """`channels` holds, by platform, where its people are; a platform that is not in it has none."""

    def __init__(
        self,
        *,
        chats: Mapping[Platform, Chat],
        channels: Mapping[Platform, str],
        people: People,
        search: Search,
        help_contact: str,
    ) -> None:
        self._chats = chats
        self._channels = channels
        self._people = people
        self._search = search
        self._help_contact = help_contact

    async def find_packet(self, question: Question, decision: Decision) -> Planned | None:
        """What the people's channel is told, as far as that channel may read it; None where there is no channel."""
        place = self._place_for(question)
        if place is None:
            return None
        packet = Packet(
            question_key=question.key,
            question=question.text,
            asked_by=question.person_id,
            link=await self._find_link(question),
            tried=await self._readable_in(place, question, decision),
        )
        return Planned(place=place, message=packet)

    def next_step(self, *, reached: bool) -> str:
        """What the asker can count on."""
        if reached:
            return "I have passed your question on to the people who can help; they will come back to you here."
        return f"Please ask {self._help_contact}."

    def _place_for(self, question: Question) -> Place | None:
        channel = self._channels.get(question.place.platform)
        if channel is None:
            return None
        return Place(
            platform=question.place.platform,
            tenant=question.place.tenant,
            channel=channel,
            thread=None,
            kind=PlaceKind.CHANNEL,
        )

    async def _readable_in(self, place: Place, question: Question, decision: Decision) -> tuple[Passage, ...]:
        audience = await self._people.audience_of(place, question.person_id)
        tried = decision.tried[:MAX_TRIED]
        readable = await self._search.still_readable([passage.chunk_id for passage in tried], audience)
        return tuple(passage for passage in tried if passage.chunk_id in readable)

    async def _find_link(self, question: Question) -> str | None:
        try:
            return await self._chats[question.place.platform].find_link(question.place, question.message_id)
        except ChatError:
            return None
