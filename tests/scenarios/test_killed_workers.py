"""kill -9 at every step boundary of an answer: one visible answer each time, and none lost (RELIABILITY row 3)."""

from collections import Counter

import pytest

from helpdesk_bot.delivery import CHANGE_MILESTONES, Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.eventually import eventually_async
from tests.fakes.slack import Json, SlackServer
from tests.killing import kill_at
from tests.scenarios.conftest import Office, open_office
from tests.thorough import tried

BOUNDARIES = [
    Milestone.TAKEN,
    *Step,
    *(one for one in Milestone if one is not Milestone.TAKEN and one not in CHANGE_MILESTONES),
]
ROUNDS = tried(len(BOUNDARIES), thoroughly=20)


async def kill_while_answering(settings: Settings, payload: Json, reached: Milestone | Step) -> None:
    event = payload["event"]
    await kill_at(settings, f"slack:{payload['team_id']}:{event['channel']}:{event['ts']}", reached)


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
        await eventually_async(office.is_idle, within_s=180)
        await check(office, slack, asked)


async def check(office: Office, slack: SlackServer, asked: list[Json]) -> None:
    """The invariants of RELIABILITY.md."""
    visible = [len(slack.replies("CSTAFF", payload["event"]["ts"])) for payload in asked]
    assert Counter(visible) == {1: len(asked)}
    outcomes = await office.fetch("select outcome, count(*) from helpdesk.question group by 1")
    assert outcomes == [("answered", len(asked))]
    assert await office.fetch("select from procrastinate_jobs where status not in ('succeeded', 'failed')") == []
    assert await office.fetch("select from helpdesk.outgoing where state <> 'sent'") == []
