"""Help desks for the browser chat's tests, and a server that shows its page."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.applications import Starlette

from helpdesk_bot.chat.browser import BrowserChat, BrowserLimits, browser_routes
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
    Step,
    Submission,
    Vote,
)
from helpdesk_bot.messages import Form, Greeting, Home, Notice, Reply
from knowledge.passages import Passage, Scores
from tests.eventually import eventually
from tests.fakes.browser_records import InMemoryBrowserRecords

VISITOR = Person(
    platform=Platform.BROWSER, tenant="", id="visitor", name="You", email="you@example.com", is_guest=False
)
SUGGESTIONS = ("How do I reset my VPN token?", "Which laptop do I get?")


class RecordingDesk:
    """Takes everything in and does nothing with it. `failure` is raised instead, where there is one."""

    def __init__(self) -> None:
        self.questions: dict[str, Question] = {}
        self.votes: list[Vote] = []
        self.edits: list[Edit] = []
        self.deletions: list[Deletion] = []
        self.clicks: list[Click] = []
        self.submissions: list[Submission] = []
        self.reaction: Form | Notice | None = None
        """What votes, clicks and forms lead to."""
        self.failure: Exception | None = None

    async def accept(self, question: Question) -> bool:
        if self.failure:
            raise self.failure
        is_new = question.key not in self.questions
        self.questions.setdefault(question.key, question)
        return is_new

    async def take_edit(self, edit: Edit) -> None:
        self.edits.append(edit)

    async def take_deletion(self, deletion: Deletion) -> None:
        self.deletions.append(deletion)

    async def take_move(self, moved: ChannelMoved) -> None:
        self.events.append(moved)

    async def warn_admins(self, text: str, *, marker: str) -> None:
        self.events.append((text, marker))

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        self.votes.append(vote)
        return self.reaction

    async def click(self, click: Click) -> Form | Notice | None:
        self.clicks.append(click)
        return self.reaction

    async def submit(self, submission: Submission) -> Notice | None:
        self.submissions.append(submission)
        return self.reaction if isinstance(self.reaction, Notice) else None

    async def greet(self, place: Place, person_id: str) -> Greeting:
        raise AssertionError(place, person_id)

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        raise AssertionError(platform, person_id)

    async def run_command(self, command: AdminCommand) -> Notice:
        raise AssertionError(command)


Script = Callable[[Question], Reply | None]


class ScriptedDesk(RecordingDesk):
    """Answers as the script says, step by step; None leaves the question open. `pause` is awaited before each step."""

    def __init__(self, *, chat: BrowserChat, script: Script, pause: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._chat = chat
        self._script = script
        self._pause = pause
        self._answers: set[asyncio.Task[None]] = set()

    async def accept(self, question: Question) -> bool:
        is_new = await super().accept(question)
        if is_new:
            answer = asyncio.create_task(self._answer(question))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)
        return is_new

    async def _answer(self, question: Question) -> None:
        for step in Step:
            await self._pause()
            await self._chat.show_progress(question.place, step)
        await self._pause()
        reply = self._script(question)
        if reply:
            await self._chat.post(question.place, reply, marker=f"reply:{question.key}")


def passage(
    chunk_id: int = 7, *, text: str = "Open **Self-service** and choose *Reset token*.", **changes: object
) -> Passage:
    fields: dict[str, object] = {
        "chunk_id": chunk_id,
        "document_id": 1,
        "source": "handbook",
        "key": "vpn.md",
        "title": "VPN access",
        "url": "https://wiki.example.com/vpn",
        "heading_path": ("Tokens", "Reset a token"),
        "text": text,
        "page": None,
        "modified_at": datetime.now(UTC) - timedelta(days=95),
        "scores": Scores(),
    }
    return Passage(**{**fields, **changes})  # pyright: ignore[reportArgumentType]


@dataclass(kw_only=True)
class BrowserParts:
    """The browser chat with everything around it in memory."""

    desk: RecordingDesk = field(default_factory=RecordingDesk)
    records: InMemoryBrowserRecords = field(default_factory=InMemoryBrowserRecords)
    passages: dict[int, Passage] = field(default_factory=dict[int, Passage])
    suggestions: Sequence[str] = SUGGESTIONS
    limits: BrowserLimits = field(default_factory=BrowserLimits)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def chat(self) -> BrowserChat:
        return BrowserChat(records=self.records, visitor=VISITOR)

    def build_app(self) -> Starlette:
        async def get_passage(chunk_id: int) -> Passage | None:
            return self.passages.get(chunk_id)

        return Starlette(
            routes=browser_routes(
                desk=self.desk,
                records=self.records,
                visitor=VISITOR,
                get_passage=get_passage,
                suggestions=self.suggestions,
                closing=self.closing,
                limits=self.limits,
            )
        )


class StoppingServer(uvicorn.Server):
    """Tells the streams to end when it is told to stop, as the real process does."""

    def __init__(self, config: uvicorn.Config, *, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing

    def stop(self) -> None:
        self._closing.set()
        self.should_exit = True


@asynccontextmanager
async def serving(parts: BrowserParts, *, port: int = 0) -> AsyncGenerator[str]:
    """The address of a running server on loopback; it stops gracefully at the end."""
    config = uvicorn.Config(parts.build_app(), host="127.0.0.1", port=port, log_config=None, ws="none", lifespan="off")
    server = StoppingServer(config, closing=parts.closing)
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.stop()
        await running
