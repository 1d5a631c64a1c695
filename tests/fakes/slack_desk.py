"""A desk that keeps what the Slack adapter hands it, and says what a test wants it to say."""

import asyncio
from typing import Any

from helpdesk_bot.events import (
    AdminCommand,
    ChannelMoved,
    Click,
    Deletion,
    Edit,
    Place,
    Platform,
    Question,
    Submission,
    Vote,
)
from helpdesk_bot.messages import Form, Greeting, Home, Notice


class RecordingDesk:
    """`trouble` is raised instead of taking anything; `delay_s` is how long it takes."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.answer = "done"
        self.trouble: Exception | None = None
        self.delay_s = 0.0
        self.reaction: Form | Notice | None = None
        """What clicks, votes and submissions are answered with."""
        self.greeting = Greeting(text="Hello, ask me.", suggestions=("How do I set up VPN?", "Who is on call?"))
        self.greeted: list[tuple[Place, str]] = []
        self.home = Home(sections=("**Your questions**",), suggestions=("How do I set up VPN?",))

    async def accept(self, question: Question) -> bool:
        return await self._take(question)

    async def take_edit(self, edit: Edit) -> None:
        await self._take(edit)

    async def take_deletion(self, deletion: Deletion) -> None:
        await self._take(deletion)

    async def take_move(self, moved: ChannelMoved) -> None:
        await self._take(moved)

    async def warn_admins(self, text: str, *, marker: str) -> None:
        await self._take((text, marker))

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        await self._take(vote)
        return self.reaction

    async def click(self, click: Click) -> Form | Notice | None:
        await self._take(click)
        return self.reaction

    async def submit(self, submission: Submission) -> Notice | None:
        await self._take(submission)
        return self.reaction if isinstance(self.reaction, Notice) else None

    def is_question(self, command: AdminCommand) -> bool:
        return command.words[-1:] == ("?",)

    async def run_command(self, command: AdminCommand) -> Notice:
        await self._take(command)
        return Notice(text=self.answer)

    async def greet(self, place: Place, person_id: str) -> Greeting:
        self.greeted.append((place, person_id))
        return self.greeting

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        assert (platform, bool(person_id)) == (Platform.SLACK, True)
        return self.home

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def _take(self, event: object) -> bool:
        await asyncio.sleep(self.delay_s)
        if self.trouble:
            raise self.trouble
        self.events.append(event)
        return True
