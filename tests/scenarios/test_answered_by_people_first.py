"""Where nobody asked the bot, and a person is quicker, it leaves it at that."""

from pathlib import Path

import psycopg
import pytest

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.fakes.slack import Json, SlackServer
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"


@pytest.fixture
def listening(settings: Settings, tmp_path: Path) -> Settings:
    """Of a bot that answers questions which nobody asked it."""
    channels = tmp_path / "channels.toml"
    channels.write_text('["*"]\nlisten = "questions"\n')
    return settings.model_copy(update={"channels_file": channels})


def write(slack: SlackServer, user: str, text: str, *, thread: str | None = None) -> Json:
    ts = slack.say("CSTAFF", user, text, thread=thread)
    return slack.payloads.message("CSTAFF", user, text, ts=ts, thread=thread)


async def heard(office: Office, key: str) -> tuple[str, bool]:
    [(rule, speaks)] = await office.fetch("select rule, speaks from helpdesk.hearing where message_id = %s", [key])
    return rule, speaks


async def test_an_answer_that_comes_before_the_bot_looks_at_the_question(
    listening: Settings, slack: SlackServer
) -> None:
    asked = write(slack, "UBO", QUESTION)
    ts = asked["event"]["ts"]
    async with open_office(listening, slack, working=False) as office:
        await office.send(asked)
        await office.send(write(slack, "UADA", "12 hours, I think.", thread=ts))
    async with open_office(listening, slack) as office:
        await office.settle()
        assert slack.posted("CSTAFF") == []
        assert await heard(office, ts) == ("taken over", False)


async def test_an_answer_that_comes_while_the_bot_makes_its_own(listening: Settings, slack: SlackServer) -> None:
    def answer(_: str, reached: Milestone | Step) -> None:
        if reached is Milestone.DECIDED:
            with psycopg.connect(listening.database_url, autocommit=True) as connection:
                connection.execute("update helpdesk.thread set hushed_by = 'taken over'")

    asked = write(slack, "UBO", QUESTION)
    async with open_office(listening, slack, observe=answer) as office:
        await office.send(asked)
        await office.settle()
        assert slack.posted("CSTAFF") == []
        assert await heard(office, asked["event"]["ts"]) == ("taken over", False)


async def test_whoever_mentioned_the_bot_gets_its_answer_all_the_same(settings: Settings, slack: SlackServer) -> None:
    asked = slack.ask("CSTAFF", "UBO", QUESTION)
    ts = asked["event"]["ts"]
    async with open_office(settings, slack, working=False) as office:
        await office.send(asked)
        await office.send(write(slack, "UADA", "12 hours, I think.", thread=ts))
    async with open_office(settings, slack) as office:
        await office.settle()
        assert len(slack.replies("CSTAFF", ts)) == 1
