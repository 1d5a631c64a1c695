"""An answer that a model writes is shown while it is written, sentence by sentence, and nothing unchecked is shown."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from helpdesk_bot.agent.phrases import OVER_BUDGET
from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.model_server import Asked, ModelServer
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.fakes.teams import TeamsServer
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
ANSWER = "A VPN session ends after 12 hours [1]. Sign in again to go on [1]."
INVENTED = "A VPN session ends after 12 hours [1]. After that call 0800 123456 [1]. Sign in again to go on [1]."


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        yield model


@pytest.fixture
async def writing(settings: Settings, slack: SlackServer, model: ModelServer) -> AsyncGenerator[Office]:
    async with open_office(settings.model_copy(update=chosen(model)), slack) as office:
        yield office


def chosen(model: ModelServer) -> dict[str, Any]:
    return {"model": "openai:test-model", "model_api_key": SecretStr("k"), "model_base_url": model.base_url}


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


def again(asked: Asked) -> bool:
    return "was not used" in asked.user


async def test_what_was_shown_stays_and_the_second_try_goes_on_in_the_same_message(
    writing: Office, model: ModelServer
) -> None:
    model.reply("Sign in again to go on [1].", when=again)
    model.reply(INVENTED)
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert said(final).startswith("A VPN session ends after 12 hours")
    assert "Sign in again to go on" in said(final)
    assert "0800" not in f"{said(final)} {streamed(writing)} {writing.slack.shown}"
    assert len(model.requests) == 2
    assert len(writing.slack.calls_of("chat.startStream")) == 1
    assert "12 hours" in streamed(writing)[0]


async def test_in_teams_the_second_try_goes_on_in_the_same_message_too(
    settings: Settings, slack: SlackServer, model: ModelServer
) -> None:
    model.reply("Sign in again to go on [1].", when=again)
    model.reply(INVENTED)
    async with TeamsServer(is_open=True) as teams:
        teams.add_user("bo", email="bo@example.com", role="user", name="Bo")
        place = teams.add_personal("bo")
        able = settings.model_copy(update=chosen(model) | {"teams_dev_mode": True})
        async with open_office(able, slack) as office:
            activity = teams.message(place, "bo", QUESTION) | {"timestamp": datetime.now(UTC).isoformat()}
            assert (await office.client.post("/teams/messages", json=activity)).status_code == 200
            await eventually(lambda: any("Sign in again" in str(one.get("text")) for one in teams.shown(place)))
            await office.settle()
        [stream] = teams.conversation(place).streams.values()
        shown, _ = teams.shown(place)
    grown = [piece for piece in stream.pieces if "12 hours" in piece]
    assert stream.is_final
    assert all(shown["text"].startswith(piece.split("[1]")[0].rstrip()) for piece in grown)
    assert grown
    assert "0800" not in f"{stream.pieces} {shown}"
    assert len(model.requests) == 2


async def test_where_no_budget_is_left_for_a_second_try_the_pages_are_quoted(
    settings: Settings, slack: SlackServer, model: ModelServer
) -> None:
    model.reply(ANSWER, when=again)
    model.reply(INVENTED)
    free = settings.model_copy(update=chosen(model) | {"cache_answers": False})
    async with open_office(free, slack) as office:
        await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
        [(first, second)] = await office.fetch(
            "select min(reserved_tokens), max(reserved_tokens) from helpdesk.model_call"
        )
    assert first < second
    model.requests.clear()
    async with open_office(free.model_copy(update={"budget_request_tokens": first}), slack) as office:
        reply = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
        (final,) = office.slack.replies("CSTAFF", reply["thread_ts"])
    assert len(model.requests) == 1
    assert OVER_BUDGET in said(final)
    assert "12 hours" in said(final)
    assert "0800" not in said(final)


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
    await eventually(lambda: writing.slack.calls_of("chat.startStream"))
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
    model.word_s = 0.2  # Slack tells of a stop when more is appended, which it takes once a second
    reply = await writing.ask("CSTAFF", "UBO", QUESTION)
    await writing.settle()
    (final,) = writing.slack.replies("CSTAFF", reply["thread_ts"])
    assert "12 hours" in said(final)
    assert "front desk" not in said(final)
    assert len(model.requests) == 1
