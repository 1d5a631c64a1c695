"""A desk that keeps what it is handed and says what it is told to, and the Teams endpoint in front of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from helpdesk_bot.chat.teams import Gate, Intake, Look, TeamsChat, teams_routes
from helpdesk_bot.events import AdminCommand, ChannelMoved, Click, Deletion, Edit, Platform, Question, Submission, Vote
from helpdesk_bot.messages import Form, Greeting, Home, Notice
from knowledge.postgres import Pool
from tests.fakes.teams import Json, TeamsServer

GREETING = Greeting(text="Hello, ask me anything.", suggestions=("How do I print?",))


@dataclass(kw_only=True)
class KeepingDesk:
    """Fits `helpdesk_bot.ports.Desk`."""

    heard: list[Any] = field(default_factory=list)
    on_vote: Form | Notice | None = None
    on_click: Form | Notice | None = None
    on_submit: Notice | None = None
    error: Exception | None = None

    async def accept(self, question: Question) -> bool:
        return self._keep(question)

    async def take_edit(self, edit: Edit) -> None:
        self._keep(edit)

    async def take_deletion(self, deletion: Deletion) -> None:
        self._keep(deletion)

    async def take_move(self, moved: ChannelMoved) -> None:
        self._keep(moved)

    async def warn_admins(self, text: str, *, marker: str) -> None:
        self._keep((text, marker))

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        self._keep(vote)
        return self.on_vote

    async def click(self, click: Click) -> Form | Notice | None:
        self._keep(click)
        return self.on_click

    async def submit(self, submission: Submission) -> Notice | None:
        self._keep(submission)
        return self.on_submit

    def is_question(self, command: AdminCommand) -> bool:
        return command.words[-1:] == ("?",)

    async def run_command(self, command: AdminCommand) -> Notice:
        self._keep(command)
        return Notice(text="done")

    async def greet(self, place: Any, person_id: str) -> Greeting:
        self._keep((place, person_id))
        return GREETING

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        return Home(sections=())

    def _keep(self, event: Any) -> bool:
        if self.error is not None:
            raise self.error
        self.heard.append(event)
        return True


@dataclass(kw_only=True)
class TeamsOffice:
    """The endpoint, the chat and the desk behind it, before a Teams of our own."""

    teams: TeamsServer
    chat: TeamsChat
    desk: KeepingDesk
    client: httpx.AsyncClient
    ignored: list[str]

    async def tell(self, activity: Json, *, header: str | None = "sign") -> httpx.Response:
        signed = self.teams.sign(activity) if header == "sign" else header
        headers = {"Authorization": signed} if signed else {}
        return await self.client.post("/teams/messages", json=activity, headers=headers)

    async def hear(self, activity: Json) -> Any:
        """What the desk made of it."""
        response = await self.tell(activity)
        assert response.status_code == 200, response.text
        return self.desk.heard[-1]


@asynccontextmanager
async def open_teams_office(pool: Pool, teams: TeamsServer, *, look: Look | None = None) -> AsyncGenerator[TeamsOffice]:
    desk, ignored = KeepingDesk(), list[str]()
    async with TeamsChat(
        pool=pool,
        app_id=teams.app_id,
        password=teams.password,
        tenant_id=teams.tenant_id,
        login_url=teams.login_url,
        look=look,
        timeout_s=2.0,
        with_loopback=True,
    ) as chat:
        gate = Gate(app_id=teams.app_id, tenant_id=teams.tenant_id, metadata_url=teams.metadata_url, with_loopback=True)
        intake = Intake(desk, chat=chat, on_ignored=ignored.append)
        app = Starlette(routes=teams_routes(intake, gate=gate, on_ignored=ignored.append))
        transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield TeamsOffice(teams=teams, chat=chat, desk=desk, client=client, ignored=ignored)
