"""Socket Mode from end to end: the real handler on a loopback websocket."""

from collections.abc import AsyncIterator

import pytest

from helpdesk_bot.chat.slack import SlackBot, SlackSocket, build_slack_app
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Question, Vote
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import visible_text
from tests.fakes.slack_desk import RecordingDesk

BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        server.add_user("UADA", email="ada@example.com")
        server.add_channel("CIT", members=["UADA"])
        yield server


@pytest.fixture
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture
async def socket(slack: SlackServer, desk: RecordingDesk) -> AsyncIterator[SlackSocket]:
    app = build_slack_app(desk, bot=BOT, on_ignored=lambda reason: None)
    async with SlackSocket(app, app_token=slack.app_token, base_url=slack.base_url) as socket:
        await slack.wait_connected()
        yield socket


@pytest.mark.usefixtures("socket")
async def test_a_question_is_acknowledged_when_the_desk_has_it(slack: SlackServer, desk: RecordingDesk) -> None:
    acknowledgement = await slack.deliver(slack.ask("CIT", "UADA", "how do I set up VPN?"))

    assert acknowledgement is not None
    assert "payload" not in acknowledgement
    [question] = desk.events
    assert isinstance(question, Question)
    assert question.text == "how do I set up VPN?"


@pytest.mark.usefixtures("socket")
async def test_what_the_desk_did_not_take_is_not_acknowledged_and_comes_again(
    slack: SlackServer, desk: RecordingDesk
) -> None:
    payload = slack.ask("CIT", "UADA", "how?")
    desk.trouble = ConnectionError()
    assert await slack.deliver(payload, timeout_s=0.3) is None

    desk.trouble = None
    assert await slack.deliver(payload, retry=1) is not None
    assert len(desk.events) == 1


@pytest.mark.usefixtures("socket")
async def test_a_command_is_answered_in_the_acknowledgement(slack: SlackServer, desk: RecordingDesk) -> None:
    desk.answer = "you said *status please*"
    acknowledgement = await slack.deliver(slack.payloads.command("CIT", "UADA", "status please"))

    assert acknowledgement is not None
    assert acknowledgement["payload"]["response_type"] == "ephemeral"
    assert visible_text(acknowledgement["payload"]["blocks"]) == "you said status please"


@pytest.mark.usefixtures("socket")
async def test_votes_come_through(slack: SlackServer, desk: RecordingDesk) -> None:
    await slack.deliver(slack.payloads.reaction("CIT", "UADA", "1.1", "+1", at="2.1"))
    await slack.deliver(
        slack.payloads.block_actions(
            "CIT", "UADA", {"ts": "1.1"}, {"action_id": "helpdesk_vote", "value": "down k", "action_ts": "3.1"}
        )
    )

    assert [event.value for event in desk.events if isinstance(event, Vote)] == [1, -1]


@pytest.mark.usefixtures("socket")
async def test_what_nobody_knows_is_acknowledged(slack: SlackServer, desk: RecordingDesk) -> None:
    assert await slack.deliver(slack.payloads.event({"type": "something_new"})) is not None
    assert await slack.deliver(slack.payloads.event({"type": "message", "user": None, "text": None})) is not None
    assert desk.events == []


@pytest.mark.usefixtures("socket")
async def test_it_connects_again_when_slack_asks_for_it(slack: SlackServer, desk: RecordingDesk) -> None:
    await slack.ask_to_reconnect()
    await slack.wait_connected()

    assert await slack.deliver(slack.ask("CIT", "UADA", "still there?")) is not None
    assert len(slack.calls_of("apps.connections.open")) == 2


async def test_a_wrong_app_token_is_refused_at_once(slack: SlackServer, desk: RecordingDesk) -> None:
    app = build_slack_app(desk, bot=BOT, on_ignored=lambda reason: None)

    with pytest.raises(ChatRefused, match="invalid_auth"):
        async with SlackSocket(app, app_token="xapp-wrong", base_url=slack.base_url):
            pass
