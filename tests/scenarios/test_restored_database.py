"""A database that was set back to a backup knows nothing of what was said since: that is not said again."""

from collections.abc import AsyncGenerator
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from helpdesk_bot.settings import Settings
from tests.databases import copied_database
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import visible_text
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office

AN_HOUR_LATER = "update helpdesk.question set accepted_at = accepted_at - interval '1 hour'"


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        model.reply("A VPN session ends after 12 hours. [1] Sign in again to go on. [1]")
        yield model


async def ask(settings: Settings, slack: SlackServer, *questions: str) -> None:
    """Nobody answers yet."""
    async with open_office(settings, slack, working=False) as office:
        for question in questions:
            assert (await office.send(slack.ask("CSTAFF", "UBO", question))).status_code == 200


async def answer(settings: Settings, slack: SlackServer) -> dict[str, list[str]]:
    """What stands in Slack once all is answered."""
    async with open_office(settings, slack) as office:
        await office.settle()
        await check(office)
    return {channel: [said(message) for message in slack.posted(channel)] for channel in ("CSTAFF", PEOPLE_CHANNEL)}


async def check(office: Office) -> None:
    """Each row knows the message that stands in Slack."""
    rows = await office.fetch("select channel, message_id, state from helpdesk.outgoing order by 1, 2")
    assert rows == sorted(
        (channel, message["ts"], "sent")
        for channel in ("CSTAFF", PEOPLE_CHANNEL)
        for message in office.slack.posted(channel)
    )


def said(message: Json) -> str:
    return visible_text(message["blocks"])


@pytest.mark.parametrize("writes", [False, True], ids=["quoted", "written by a model"])
async def test_what_was_said_since_the_backup_is_not_said_again(
    settings: Settings, slack: SlackServer, model: ModelServer, server_url: str, worker_id: str, writes: bool
) -> None:
    if writes:
        chosen: dict[str, Any] = {
            "model": "openai:m",
            "model_api_key": SecretStr("k"),
            "model_base_url": model.base_url,
        }
        settings = settings.model_copy(update=chosen)
    await ask(settings, slack, "how long does a VPN session last?", "what does the canteen serve on Friday?")
    name = str(psycopg.conninfo.conninfo_to_dict(settings.database_url)["dbname"])
    with copied_database(server_url, f"backup_{worker_id}_{writes}".lower(), template=name) as backup:
        before = await answer(settings, slack)
        assert [len(messages) for messages in before.values()] == [2, 1]
        with psycopg.connect(backup) as connection:
            connection.execute(AN_HOUR_LATER)
        assert await answer(settings.model_copy(update={"database_url": backup}), slack) == before


async def test_where_the_thread_can_not_be_looked_through_a_late_answer_is_said_all_the_same(
    settings: Settings, slack: SlackServer
) -> None:
    await ask(settings, slack, "how long does a VPN session last?")
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(AN_HOUR_LATER)
    slack.scopes -= {"channels:history", "groups:history", "im:history", "mpim:history"}
    assert "12 hours" in str(await answer(settings, slack))
