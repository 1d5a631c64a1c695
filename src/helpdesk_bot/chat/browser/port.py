"""The browser as a chat platform: where replies land."""

from helpdesk_bot.chat.browser.messages import keep_packet, keep_reply
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.events import Packet, Person, Place, PlaceKind, Platform, Reply, Step


def browser_place(conversation: str) -> Place:
    """A conversation is a direct one: its visitor and the bot."""
    return Place(platform=Platform.BROWSER, tenant="", channel=conversation, thread=None, kind=PlaceKind.DIRECT)


class BrowserChat:
    """Fits `helpdesk_bot.ports.Chat`. `visitor` is whom everyone at the page counts as."""

    def __init__(self, *, records: BrowserRecords, visitor: Person) -> None:
        self._records = records
        self._visitor = visitor

    @property
    def platform(self) -> Platform:
        return Platform.BROWSER

    async def post(self, place: Place, message: Reply | Packet, *, marker: str) -> str:
        kept = keep_reply(message) if isinstance(message, Reply) else keep_packet(message)
        body = kept.model_dump(mode="json")
        return str(await self._records.add_browser_message(place.channel, marker=marker, body=body))

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        message_id = await self._records.find_browser_message(place.channel, marker=marker)
        return None if message_id is None else str(message_id)

    async def list_readers(self, place: Place) -> list[Person] | None:  # noqa: ARG002 - every conversation has the same
        return [self._visitor]

    async def get_person(self, person_id: str) -> Person:
        """The visitor; anyone else is a guest, who reads what is public only."""
        if person_id == self._visitor.id:
            return self._visitor
        return Person(platform=Platform.BROWSER, tenant="", id=person_id)

    async def find_link(self, place: Place, message_id: str) -> str | None:  # noqa: ARG002 - the port's signature
        """None: a conversation opens for its own visitor only, so no link to it would open for anyone else."""
        return None

    async def show_progress(self, place: Place, step: Step) -> None:
        await self._records.announce(place.channel, {"kind": "progress", "step": step.value})
