"""An answer that a model wrote is used again, until its page, its reader or somebody's opinion of it is another one."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr

from helpdesk_bot.settings import Settings
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
ANSWER = "A VPN session ends after 12 hours [1]."


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        model.reply(ANSWER)
        yield model


@pytest.fixture
async def writing(settings: Settings, slack: SlackServer, model: ModelServer) -> AsyncGenerator[Office]:
    chosen = {"model": "openai:test-model", "model_api_key": SecretStr("k"), "model_base_url": model.base_url}
    async with open_office(settings.model_copy(update=chosen), slack) as office:
        yield office


async def test_a_question_that_was_asked_before_is_answered_without_the_model(
    writing: Office, model: ModelServer
) -> None:
    await writing.ask("CSTAFF", "UBO", QUESTION)
    again = await writing.ask("CSTAFF", "UADA", "Please tell me, how long does a VPN session last")
    await writing.settle()
    assert "12 hours" in said(again)
    assert len(model.requests) == 1
    assert await writing.fetch("select count(*) from helpdesk.decision where cached_id is not null") == [(1,)]


async def test_a_thumbs_down_takes_it_out(writing: Office, model: ModelServer) -> None:
    await writing.ask("CSTAFF", "UBO", QUESTION)
    again = await writing.ask("CSTAFF", "UADA", QUESTION)
    await writing.settle()
    await writing.send(writing.slack.payloads.reaction("CSTAFF", "UBO", again["ts"], "-1", at="1900000001.0"))
    assert await writing.fetch("select count(*) from helpdesk.cached_answer") == [(0,)]
    await writing.ask("CSTAFF", "UADA", QUESTION)
    assert len(model.requests) == 2


async def test_a_page_that_says_something_else_now_is_read_again(
    writing: Office, model: ModelServer, handbook: Path
) -> None:
    await writing.ask("CSTAFF", "UBO", QUESTION)
    page = handbook / "vpn.md"
    page.write_text(page.read_text("utf-8").replace("12 hours", "8 hours"), "utf-8")
    await writing.app.knowledge.sync("handbook")
    again = await writing.ask("CSTAFF", "UBO", QUESTION)
    assert "12 hours" not in said(again)
    assert len(model.requests) == 3  # once before, and twice anew: the model goes on saying what the page said
