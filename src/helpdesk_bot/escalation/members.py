"""Who may do what with a case."""

from helpdesk_bot.errors import ChatError
from helpdesk_bot.escalation.case import Actor, Case
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Place, Platform

MAX_MESSAGES = 50


class Members:
    def __init__(self, parts: Parts) -> None:
        self._chats = parts.chats
        self._people = parts.people
        self._cases = parts.cases

    async def actor(self, person_id: str, case: Case, *, pressed_in: Place) -> Actor:
        place = await self._cases.find_packet_place(case.question_key)
        is_helper = place is not None and await self._reads(place, person_id, pressed_in=pressed_in)
        return Actor(
            person_id=person_id,
            is_helper=is_helper,
            is_admin=await self.is_admin(pressed_in.platform, person_id),
        )

    async def is_admin(self, platform: Platform, person_id: str) -> bool:
        return await self._people.is_admin(platform, person_id)

    async def is_colleague(self, platform: Platform, person_id: str) -> bool:
        """A full member of the organisation, as far as the platform says so now."""
        try:
            return not (await self._chats[platform].get_person(person_id)).is_guest
        except ChatError:
            return False

    async def has_left(self, platform: Platform, person_id: str) -> bool:
        """Whether somebody who was a colleague is none now; False where the platform does not say."""
        try:
            return not person_id or (await self._chats[platform].get_person(person_id)).is_guest
        except ChatError:
            return False

    async def first_words(self, place: Place) -> str:
        """What the thread began with, if it can be read."""
        try:
            said = await self._chats[place.platform].read_thread(place, max_messages=MAX_MESSAGES)
        except ChatError:
            return ""
        return next((message.text for message in said if not message.is_ours), "")

    async def _reads(self, people_place: Place, person_id: str, *, pressed_in: Place) -> bool:
        """Whether a colleague reads the people's channel. Where its members are unknown, pressing there shows it."""
        if not await self.is_colleague(people_place.platform, person_id):
            return False
        try:
            readers = await self._chats[people_place.platform].list_readers(people_place)
        except ChatError:
            readers = None
        if readers is None:
            return (pressed_in.platform, pressed_in.channel) == (people_place.platform, people_place.channel)
        return any(person.id == person_id for person in readers)
