"""An answer that a model writes is shown while it is written, sentence by sentence, and nothing unchecked is shown."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from pydantic import SecretStr

from helpdesk_bot.settings import Settings
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import SlackServer
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.test_slack_question import said

QUESTION = "how long does a VPN session last?"
ANSWER = "A VPN session ends after 12 hours [1]. Sign in again to go on [1]."
INVENTED = "A VPN session ends after 12 hours [1]. After that call 0800 123456 [1]. Sign in again to go on [1]."


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        yield model


@pytest.fixture
async def writing(settings: Settings, slack: SlackServer, model: ModelServer) -> AsyncGenerator[Office]:
    chosen = {"model": "openai:test-model", "model_api_key": SecretStr("k"), "model_base_url": model.base_url}
    async with open_office(settings.model_copy(update=chosen), slack) as office:
        yield office


def streamed(office: Office) -> list[str]:
    """What was shown while it was written, in the order of the calls."""
    calls = [*office.slack.calls_of("chat.startStream"), *office.slack.calls_of("chat.appendStream")]
    return [str(call.arguments.get("markdown_text", "")) for call in calls]


async def test_the_first_sentence_is_shown_before_the_answer_is_whole(writing: Office, model: ModelServer) -> None:
    model.reply(ANSWER)
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert "12 hours" in said(final)
    assert "Sign in again" in said(final)
    assert "12 hours" in streamed(writing)[0]
    assert "Sign in again" not in streamed(writing)[0]
    assert writing.slack.calls_of("chat.postMessage") == []


async def test_a_sentence_that_stands_on_nothing_is_never_shown(writing: Office, model: ModelServer) -> None:
    model.reply(INVENTED)
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert "12 hours" in said(final)
    assert "0800" not in said(final)
    assert not any("0800" in piece for piece in streamed(writing))
    assert not any("0800" in text for _, text in writing.slack.shown)


async def test_where_streams_are_refused_the_answer_is_posted(writing: Office, model: ModelServer) -> None:
    from tests.fakes.slack import ErrorWord

    writing.slack.fail("chat.startStream", *[ErrorWord("method_not_supported_for_channel_type")] * 5)
    model.reply(ANSWER)
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert "12 hours" in said(final)


async def test_an_edit_while_it_is_written_ends_in_one_answer_to_the_newest_text(
    writing: Office, model: ModelServer
) -> None:
    model.reply(
        "Open the reset page and confirm with the code on your phone [1].",
        when=lambda one: "Question: how do I reset" in one.user,
    )
    model.reply(ANSWER)
    payload = writing.slack.ask("CSTAFF", "UBO", QUESTION)
    ts = payload["event"]["ts"]
    await writing.send(payload)
    async with asyncio.timeout(30):
        while not writing.slack.calls_of("chat.startStream"):
            await asyncio.sleep(0.01)
    text = f"<@{writing.slack.bot_user_id}> how do I reset a forgotten password?"
    await writing.send(writing.slack.change("CSTAFF", ts, text))
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", ts)
    assert "code on your phone" in said(final)
    assert "12 hours" not in said(final)


async def test_who_presses_stop_keeps_what_was_written_and_the_model_is_let_go(
    writing: Office, model: ModelServer
) -> None:
    from tests.fakes.slack import ErrorWord

    writing.slack.fail("chat.appendStream", ErrorWord("stopped_by_user"))
    model.reply(f"{ANSWER} Ask the front desk for more [1].")
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert "12 hours" in said(final)
    assert "front desk" not in said(final)
    assert len(model.requests) == 1
