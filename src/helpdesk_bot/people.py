"""Who people are: from a platform's users to the audience of a place."""

from collections.abc import Mapping

from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind, Platform
from helpdesk_bot.ports import Chat
from knowledge.access import Access, Reader
from knowledge.audience import Audience


class People:
    """`admins` are e-mail addresses, compared without case."""

    def __init__(self, *, chats: Mapping[Platform, Chat], access: Access, admins: frozenset[str]) -> None:
        self._chats = chats
        self._access = access
        self._admins = frozenset(email.casefold() for email in admins)

    async def audience_of(self, place: Place, person_id: str) -> Audience:
        """Everyone who can read the place. Where that is not known, what is public is all that may be said."""
        if place.kind is PlaceKind.DIRECT:
            return await self.audience_of_person(place.platform, person_id)
        people = await self._chats[place.platform].list_readers(place) or []
        return await self._access.audience_of([_reader(person) for person in people])

    async def audience_of_person(self, platform: Platform, person_id: str) -> Audience:
        """One person's own eyes. Whoever runs the machine reads as staff, as with `helpdesk-bot ask`.

        Whom the platform does not know reads what is public.
        """
        if platform is Platform.COMMAND_LINE:
            return await self._access.audience_of([Reader(email=None, is_staff=True)])
        try:
            person = await self._chats[platform].get_person(person_id)
        except ChatRefused:
            return await self._access.audience_of([])
        return await self._access.audience_of([_reader(person)])

    async def is_admin(self, platform: Platform, person_id: str) -> bool:
        """Whom the platform does not know is none; whoever runs the machine is one."""
        if platform is Platform.COMMAND_LINE:
            return True
        try:
            person = await self._chats[platform].get_person(person_id)
        except ChatRefused:
            return False
        return not person.is_guest and person.email is not None and person.email.casefold() in self._admins


def _reader(person: Person) -> Reader:
    """A guest, or somebody without a verified address, is one of the public."""
    if person.is_guest or not person.email:
        return Reader(email=None, is_staff=False)
    return Reader(email=person.email, is_staff=True)
