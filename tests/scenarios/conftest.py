"""The whole bot on a real Postgres, with a strict Slack on loopback: signed payload in, platform calls out."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history
from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.app.parts import web_of
from helpdesk_bot.delivery import Observer, watch_nothing
from helpdesk_bot.settings import Settings
from tests.databases import copied_database, create_database
from tests.eventually import eventually, eventually_async
from tests.fakes.orders import OrderServer
from tests.fakes.slack import Json, SlackServer
from tests.fakes.teams import TeamsServer

KNOWLEDGE = Path(__file__).parent / "knowledge"
PEOPLE_CHANNEL = "CPEOPLE"
_numbers = count(1)


@pytest.fixture(scope="session")
def informed_database(server_url: str, template_database: str, worker_id: str) -> str:
    """A database that knows the articles under `knowledge`: they are embedded once a run."""
    name = f"informed_{worker_id}"
    asyncio.run(inform(create_database(server_url, name, template=template_database)))
    return name


async def inform(url: str) -> None:
    settings = Settings(_env_file=None, starter_knowledge=False, folders={"handbook": KNOWLEDGE})
    async with open_knowledge(settings, url) as knowledge, open_history(url):
        receipt = await knowledge.sync("handbook")
    assert receipt.added == 5, receipt


@pytest.fixture
def database_url(server_url: str, informed_database: str, worker_id: str) -> Iterator[str]:
    with copied_database(server_url, f"scenario_{worker_id}_{next(_numbers)}", template=informed_database) as url:
        yield url


@pytest.fixture
async def slack() -> AsyncGenerator[SlackServer]:
    async with SlackServer() as slack:
        slack.add_user("UADA", email="ada@example.com", name="Ada")
        slack.add_user("UBO", email="bo@example.com", name="Bo")
        slack.add_user("UGUEST", email="guest@elsewhere.example", name="Gil", is_guest=True)
        slack.add_channel("CSTAFF", members=["UADA", "UBO"])
        slack.add_channel("CADMINS", members=["UADA"], kind="private")
        slack.add_channel("CMIXED", members=["UADA", "UBO", "UGUEST"])
        slack.add_channel(PEOPLE_CHANNEL, members=["UADA", "UBO"])
        yield slack


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """The articles as a folder that a test may change."""
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "handbook"))


@pytest.fixture
def settings(database_url: str, slack: SlackServer, handbook: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database_url,
        starter_knowledge=False,
        folders={"handbook": handbook},
        helpdesk_admins=frozenset({"ada@example.com"}),
        slack_bot_token=slack.bot_token,
        slack_signing_secret=slack.signing_secret,
        slack_api_url=slack.base_url,
        slack_escalation_channel=PEOPLE_CHANNEL,
        help_contact="the front desk",
        guard_engine="rules",
    )


@pytest.fixture
async def teams() -> AsyncGenerator[TeamsServer]:
    async with TeamsServer(is_open=True) as teams:
        teams.add_user("ada", email="ada@example.com", role="user", name="Ada")
        teams.add_user("bo", email="bo@example.com", role="user", name="Bo")
        yield teams


@pytest.fixture
def on_teams(settings: Settings, teams: TeamsServer) -> Settings:
    """Of a bot that is on Teams, too; `teams` serves before the bot speaks to it."""
    assert teams.base_url
    return settings.model_copy(update={"teams_dev_mode": True})


@pytest.fixture
async def orders() -> AsyncGenerator[OrderServer]:
    async with OrderServer() as orders:
        yield orders


@dataclass(frozen=True, kw_only=True)
class Office:
    """The running bot, its Slack, and a way in."""

    app: App
    slack: SlackServer
    client: httpx.AsyncClient
    is_working: bool = True
    asked: list[Json] = field(default_factory=list)

    async def send(self, payload: Json, *, retry: int = 0) -> httpx.Response:
        request = self.slack.request(payload, retry=retry)
        return await self.client.post("/slack/events", content=request.body, headers=request.headers)

    async def ask(self, channel: str, user: str, text: str, *, thread: str | None = None) -> Json:
        """Ask in Slack and wait for the reply: the first one that is new in the thread."""
        payload = self.slack.ask(channel, user, text, thread=thread)
        in_thread = thread or payload["event"]["ts"]
        before = len(self.slack.replies(channel, in_thread))
        response = await self.send(payload)
        assert response.status_code == 200, response.text
        await eventually(lambda: len(self.slack.replies(channel, in_thread)) > before)
        return self.slack.replies(channel, in_thread)[before]

    async def settle(self) -> None:
        """Until no question is open and no job on one is left: the queue forgets a job only after its work is done."""

        async def is_settled() -> bool:
            if await self.fetch("select 1 from helpdesk.question where ended_at is null"):
                return False
            return not self.is_working or not await self.fetch(
                "select 1 from procrastinate_jobs where task_name = 'answer' and status in ('todo', 'doing')"
            )

        await eventually_async(is_settled)

    async def is_idle(self) -> bool:
        """A question ends a moment before its job does."""
        return not await self.fetch(
            """
            select from helpdesk.question where ended_at is null
            union all
            select from procrastinate_jobs where status in ('todo', 'doing')
            """
        )

    async def fetch(self, query: Any, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        async with self.app.knowledge.pool.connection() as connection:
            return await (await connection.execute(query, parameters)).fetchall()


@asynccontextmanager
async def open_office(
    settings: Settings,
    slack: SlackServer,
    *,
    observe: Observer = watch_nothing,
    working: bool = True,
    agent_type: type[Agent] = Agent,
) -> AsyncGenerator[Office]:
    async with AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(open_knowledge(settings, settings.database_url))
        app = await stack.enter_async_context(open_app(knowledge, observe=observe, agent_type=agent_type))
        transport = httpx.ASGITransport(web_of(app, closing=asyncio.Event()), raise_app_exceptions=False)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://localhost"))
        if working:
            await stack.enter_async_context(_running(app.worker().run()))
        yield Office(app=app, slack=slack, client=client, is_working=working)


@asynccontextmanager
async def _running(work: Any) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=40)
        if not done:
            for one in asyncio.all_tasks():
                one.print_stack()
            pytest.fail("it did not stop")


@pytest.fixture
async def office(settings: Settings, slack: SlackServer) -> AsyncGenerator[Office]:
    async with open_office(settings, slack) as office:
        yield office
