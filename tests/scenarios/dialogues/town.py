"""The town where dialogues happen: one app on one Postgres, and the platforms around it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.app.parts import web_of
from helpdesk_bot.settings import Settings
from tests.databases import copied_database
from tests.fakes.slack import SlackServer
from tests.fakes.teams import TeamsServer
from tests.scenarios.conftest import _running

SLACK_HELP, TEAMS_HELP = "CHELP", "19:help@thread.tacv2"
TEAMS_IN_A_HURRY = 4.0
"""The clock of Teams' own limits: all dialogues' cases share one channel there."""

ANNOUNCEMENT = """# Fire drill announcement

The fire drill announcement calls @channel, @everyone, <!channel>, <!here> and <at>Everyone</at> to the car park.
"""


@dataclass(kw_only=True)
class Town:
    """One app on one database. Who looks at its browser chat is `visitor`."""

    app: App
    client: Callable[[str], httpx.AsyncClient]
    """From an address."""
    visitor: str
    slack: SlackServer | None = None
    teams: TeamsServer | None = None

    async def fetch(self, query: Any, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        async with self.app.knowledge.pool.connection() as connection:
            return await (await connection.execute(query, parameters)).fetchall()


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What towns are built on."""

    server_url: str
    template: str
    folder: Path


@asynccontextmanager
async def open_town(
    ground: Ground,
    visitor: str,
    *,
    with_platforms: bool,
    agent_type: type[Agent] = Agent,
    **changes: Any,
) -> AsyncGenerator[Town]:
    """`changes` are settings that differ from the town's."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(_database(ground, visitor))
        slack = await stack.enter_async_context(SlackServer()) if with_platforms else None
        hurried = TeamsServer(is_open=True, clock=lambda: TEAMS_IN_A_HURRY * asyncio.get_running_loop().time())
        teams = await stack.enter_async_context(hurried) if with_platforms else None
        settings = settings_of(ground, url, visitor, slack, teams).model_copy(update=changes)
        knowledge = await stack.enter_async_context(open_knowledge(settings, url))
        app = await stack.enter_async_context(open_app(knowledge, agent_type=agent_type))
        receipt = await app.knowledge.sync("handbook")
        assert receipt.added == 1, receipt
        web = web_of(app, closing=asyncio.Event())
        await stack.enter_async_context(_running(app.worker().run()))

        def client(address: str = "127.0.0.1") -> httpx.AsyncClient:
            transport = httpx.ASGITransport(web, raise_app_exceptions=False, client=(address, 1))
            headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
            return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, timeout=60)

        town = Town(app=app, client=client, visitor=visitor, slack=slack, teams=teams)
        if slack is not None and teams is not None:
            slack.add_channel(SLACK_HELP)
            await _install_teams(town, teams)
        yield town


def settings_of(
    ground: Ground, url: str, visitor: str, slack: SlackServer | None, teams: TeamsServer | None
) -> Settings:
    platforms: dict[str, Any] = {}
    if slack is not None and teams is not None:
        platforms = {
            "slack_bot_token": slack.bot_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.base_url,
            "slack_escalation_channel": SLACK_HELP,
            "slack_approvers_channel": SLACK_HELP,
            "teams_dev_mode": True,
            "teams_feedback_form": "custom",
            "teams_escalation_channel": TEAMS_HELP,
            "teams_approvers_channel": TEAMS_HELP,
        }
    return Settings(
        _env_file=None,
        database_url=url,
        starter_knowledge=False,
        folders={"handbook": ground.folder},
        helpdesk_admins=frozenset({"ada@example.com", *(["visitor@localhost"] if visitor == "ada" else [])}),
        browser_chat="public" if visitor == "gil" else "staff",
        help_contact="the front desk",
        sensitive_words=("confidentially",),
        **platforms,
    )


async def _install_teams(town: Town, teams: TeamsServer) -> None:
    """Teams knows no channel by its name: the bot is added to the team, and met there."""
    teams.add_user("owner", email="owner@example.com", name="Owner")
    assert teams.add_channel("help", ["owner"]) == TEAMS_HELP
    arrival = teams.activity(TEAMS_HELP, "owner", "installationUpdate", action="add")
    async with town.client("127.0.0.1") as client:
        assert (await client.post("/teams/messages", json=arrival)).status_code == 200
    teams.conversation(TEAMS_HELP).members.remove("owner")


@contextmanager
def _database(ground: Ground, visitor: str) -> Iterator[str]:
    name = f"dialogues_{visitor}_{ground.template}"
    with copied_database(ground.server_url, name, template=ground.template) as url:
        yield url
