"""The two ports between the desk and the platforms: what the desk asks of a chat, and what a chat asks of the desk."""

from collections.abc import Sequence
from typing import Protocol

from helpdesk_bot.events import (
    AdminCommand,
    ChannelMoved,
    Click,
    Deletion,
    Edit,
    Person,
    Place,
    Platform,
    Question,
    Said,
    SharedFile,
    Step,
    Submission,
    Vote,
)
from helpdesk_bot.messages import Form, Greeting, Home, Message, Notice, Reply


class Stream(Protocol):
    """A message that grows while it is read. Methods raise `ChatError` kinds; after one, `Chat.post` is the way out."""

    @property
    def message_id(self) -> str | None:
        """The platform's id, from the moment something is shown; it is written down, so that a crash leaves no half."""
        ...

    async def append(self, markdown: str) -> None:
        """Add to what is shown; pieces may be held back and joined to stay inside the platform's limits."""
        ...

    async def finish(self, reply: Reply) -> str:
        """End with the reply as it is to stay, whatever was shown before; the platform's message id."""
        ...


class Chat(Protocol):
    """The port every chat platform fits. Methods raise `helpdesk_bot.errors.ChatError` in one of its kinds."""

    @property
    def platform(self) -> Platform: ...

    async def post(self, place: Place, message: Message, *, marker: str) -> str:
        """Post into the place and return the platform's message id.

        `marker` is stored with the message where the platform keeps it (Slack: message metadata), so that
        `find_posted` finds it again. A place without a thread posts to the channel itself.
        """
        ...

    async def find_posted(self, place: Place, *, marker: str) -> str | None:
        """The id of the message with this marker, if an earlier attempt got through; None otherwise."""
        ...

    async def edit(self, place: Place, message_id: str, message: Message, *, marker: str) -> None:
        """Put another message where ours with this id stands, all of its parts. Doing it twice is doing it once."""
        ...

    async def withdraw(self, place: Place, message_id: str, *, marker: str) -> None:
        """Take our message away, all of its parts; nothing happens where it is gone already."""
        ...

    async def whisper(self, place: Place, person_id: str, message: Message, *, marker: str) -> None:
        """Show it to one person only: beside the place where the platform can, otherwise in their direct chat."""
        ...

    async def get_direct_place(self, person_id: str) -> Place:
        """The conversation between this person and the bot, opened if need be."""
        ...

    async def open_stream(self, place: Place, person_id: str, *, marker: str) -> Stream | None:
        """A growing message for this asker; None where the platform can't, or not now. `find_posted` finds it too."""
        ...

    async def read_thread(self, place: Place, *, max_messages: int) -> Sequence[Said]:
        """The first message of the place's thread and its newest, oldest first; empty where it can't be read."""
        ...

    async def load_file(self, file: SharedFile, *, max_bytes: int) -> bytes:
        """What a message came with. Raises `ChatRefused` where it is gone, too large or not ours to read."""
        ...

    async def list_readers(self, place: Place) -> list[Person] | None:
        """Everyone who can read the place, bots aside; None where that can't be established (then: public only)."""
        ...

    async def is_shared(self, place: Place) -> bool:
        """Whether people of another organisation, or guests, read the place; True where that can't be established."""
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
        """Take a message in; False where it was taken in before, or where the bot has no part in it."""
        ...

    async def take_edit(self, edit: Edit) -> None:
        """A message was changed: its answer is made anew, in place."""
        ...

    async def take_deletion(self, deletion: Deletion) -> None:
        """A message was taken back: its answer is withdrawn, and work on it stops."""
        ...

    async def take_move(self, moved: ChannelMoved) -> None:
        """A channel has another id: its settings, pauses and questions are that one's."""
        ...

    async def warn_admins(self, text: str, *, marker: str) -> None:
        """Tell the admins something that the platform said about the bot itself; once for each marker."""
        ...

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        """Keep it. What is given back is for the voter's eyes only: a form where a button was pressed, else a note."""
        ...

    async def click(self, click: Click) -> Form | Notice | None:
        """A button was pressed. A form is opened for, and a notice whispered to, whoever pressed it."""
        ...

    async def submit(self, submission: Submission) -> Notice | None:
        """A form was sent off; a notice is whispered to whoever sent it."""
        ...

    def is_question(self, command: AdminCommand) -> bool:
        """Whether what was typed as a command is none, but something to answer."""
        ...

    async def run_command(self, command: AdminCommand) -> Notice:
        """The answer to a command, for its author only. Refuses politely where the person may not."""
        ...

    async def greet(self, place: Place, person_id: str) -> Greeting:
        """What the bot opens a conversation or a channel with."""
        ...

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        """A person's own page."""
        ...
