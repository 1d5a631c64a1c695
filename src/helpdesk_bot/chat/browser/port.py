"""The browser as a chat platform: where replies land."""

from collections.abc import Sequence

from helpdesk_bot.chat.browser.kept import KeptEdit, KeptWithdrawal, find_current, keep
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind, Platform, Said, SharedFile, Step
from helpdesk_bot.messages import Message
from helpdesk_bot.ports import Stream


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

    async def post(self, place: Place, message: Message, *, marker: str) -> str:
        body = keep(message).model_dump(mode="json")
        return str(await self._records.add_browser_message(place.channel, marker=marker, body=body))

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        message_id = await self._records.find_browser_message(place.channel, marker=marker)
        return None if message_id is None else str(message_id)

    async def edit(self, place: Place, message_id: str, message: Message, *, marker: str) -> None:
        """The same edit twice is one edit; what comes back to an older text is a new one."""
        said = await self._records.list_browser_messages(place.channel, after=int(message_id) - 1)
        kept = keep(message)
        if find_current(said, int(message_id)) != kept:
            edit = KeptEdit(of=int(message_id), message=kept).model_dump(mode="json")
            after = said[-1].id if said else 0
            await self._records.add_browser_message(place.channel, marker=f"{marker}:edit:{after}", body=edit)

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        withdrawal = KeptWithdrawal(of=int(message_id)).model_dump(mode="json")
        await self._records.add_browser_message(place.channel, marker=f"{marker}:withdrawn", body=withdrawal)

    async def whisper(self, place: Place, person_id: str, message: Message, *, marker: str) -> None:
        """Said in the conversation, which is nobody else's."""
        if person_id != self._visitor.id:
            raise ChatRefused("nobody else is in this conversation")
        await self.post(place, message, marker=marker)

    async def get_direct_place(self, person_id: str) -> Place:
        """Refused: a visitor has as many conversations as they start, and none is the one to turn to."""
        raise ChatRefused(f"{person_id} has no direct conversation of their own")

    async def open_stream(self, place: Place, person_id: str, *, marker: str) -> Stream | None:  # noqa: ARG002 - the port's signature
        """None: a reply is there at once when it is posted."""
        return None

    async def read_thread(self, place: Place, *, max_messages: int) -> Sequence[Said]:  # noqa: ARG002 - the port's signature
        """Nothing: what was asked and answered here is in the agent's own history."""
        return ()

    async def load_file(self, file: SharedFile, *, max_bytes: int) -> bytes:  # noqa: ARG002 - the port's signature
        raise ChatRefused(f"the browser chat takes no files: {file.id}")

    async def list_readers(self, place: Place) -> list[Person] | None:  # noqa: ARG002 - every conversation has the same
        return [self._visitor]

    async def is_shared(self, place: Place) -> bool:  # noqa: ARG002 - every conversation has the same
        return self._visitor.is_guest

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
