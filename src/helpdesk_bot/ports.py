"""The two ports between the desk and the platforms: what the desk asks of a chat, and what a chat asks of the desk."""

from typing import Protocol

from helpdesk_bot.events import AdminCommand, Packet, Person, Place, Platform, Question, Reply, Step, Vote


class Chat(Protocol):
    """The port every chat platform fits. Methods raise `helpdesk_bot.errors.ChatError` in one of its kinds."""

    @property
    def platform(self) -> Platform: ...

    async def post(self, place: Place, message: Reply | Packet, *, marker: str) -> str:
        """Post into the place and return the platform's message id.

        `marker` is stored with the message where the platform keeps it (Slack: message metadata), so that
        `find_posted` finds it again. A place without a thread posts to the channel itself.
        """
        ...

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        """The id of the message with this marker, if an earlier attempt got through; None otherwise."""
        ...

    async def list_readers(self, place: Place) -> list[Person] | None:
        """Everyone who can read the place, bots aside; None where that can't be established (then: public only)."""
        ...

    async def get_person(self, person_id: str) -> Person:
        """Who this is: name, verified e-mail, whether a guest."""
        ...

    async def find_link(self, place: Place, message_id: str) -> str | None:
        """A link to a message that its readers can open."""
        ...

    async def show_progress(self, place: Place, step: Step) -> None:
        """Tell the waiting person what happens; best effort, never raises."""
        ...


class Desk(Protocol):
    """What a platform adapter may ask of the help desk. Each call is durable when it returns."""

    async def accept(self, question: Question) -> bool:
        """Take a question in; False where the same message was taken in before."""
        ...

    async def record_vote(self, vote: Vote) -> None: ...

    async def run_command(self, command: AdminCommand) -> str:
        """The answer to an admin command, as Markdown. Refuses politely where the person is no admin."""
        ...
