"""kill -9 at every step boundary of an answer: one visible answer each time, and none lost (RELIABILITY row 3)."""

import asyncio
import os
import signal
import sys
from collections import Counter

import pytest

from helpdesk_bot.delivery import CHANGE_MILESTONES, Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.fakes.slack import Json, SlackServer
from tests.scenarios.conftest import Office, eventually_async, open_office
from tests.thorough import tried

BOUNDARIES = [
    Milestone.TAKEN,
    *Step,
    *(one for one in Milestone if one is not Milestone.TAKEN and one not in CHANGE_MILESTONES),
]
ROUNDS = tried(len(BOUNDARIES), thoroughly=20)


def as_environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "STARTER_KNOWLEDGE": "false",
        "FOLDERS": ",".join(f"{name}={path}" for name, path in settings.folders.items()),
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "SLACK_ESCALATION_CHANNEL": settings.slack_escalation_channel,
    } | ({"TOOLS_FILE": str(settings.tools_file)} if settings.tools_file else {})


async def kill_while_answering(settings: Settings, payload: Json, reached: Milestone | Step) -> None:
    event = payload["event"]
    await kill_at(settings, f"slack:{payload['team_id']}:{event['channel']}:{event['ts']}", reached)


async def kill_at(settings: Settings, key: str, reached: Milestone | Step) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.scenarios.mortal_worker",
        key,
        reached,
        env=os.environ | as_environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(120):
        assert await process.wait() == -signal.SIGKILL, "it was to die"


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_worker_killed_at_any_boundary_costs_no_answer_and_repeats_none(
    settings: Settings, slack: SlackServer
) -> None:
    async with open_office(settings, slack, working=False) as office:
        asked: list[Json] = []
        for round_ in range(ROUNDS):
            payload = slack.ask("CSTAFF", "UBO", f"how long does a VPN session last? ({round_})")
            assert (await office.send(payload)).status_code == 200
            asked.append(payload)
            await kill_while_answering(settings, payload, BOUNDARIES[round_ % len(BOUNDARIES)])
    async with open_office(settings, slack) as office:
        await eventually_async(lambda: all_done(office), within_s=180)
        await check(office, slack, asked)


async def all_done(office: Office) -> bool:
    """A question ends a moment before its job does."""
    return not await office.fetch(
        """
        select from helpdesk.question where ended_at is null
        union all
        select from procrastinate_jobs where status in ('todo', 'doing')
        """
    )


async def check(office: Office, slack: SlackServer, asked: list[Json]) -> None:
    """The invariants of RELIABILITY.md."""
    visible = [len(slack.replies("CSTAFF", payload["event"]["ts"])) for payload in asked]
    assert Counter(visible) == {1: len(asked)}
    outcomes = await office.fetch("select outcome, count(*) from helpdesk.question group by 1")
    assert outcomes == [("answered", len(asked))]
    assert await office.fetch("select from procrastinate_jobs where status not in ('succeeded', 'failed')") == []
    assert await office.fetch("select from helpdesk.outgoing where state <> 'sent'") == []
