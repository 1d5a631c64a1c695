"""The bolt app: what Slack tells us goes to the desk, and Slack hears whether it was taken in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from helpdesk_bot.chat.slack.api import quiet_logger
from helpdesk_bot.chat.slack.chat import escape
from helpdesk_bot.chat.slack.messages import SlackMessage, render_note
from helpdesk_bot.chat.slack.payloads import Ignored, SlackBot, is_for, is_slash_command, is_url_verification, read
from helpdesk_bot.events import AdminCommand, Question, Vote
from helpdesk_bot.ports import Desk

log = structlog.get_logger()

_TROUBLE = "I can't do that right now, and nothing was changed. Please try again in a minute."


def build_slack_app(
    desk: Desk, *, bot: SlackBot, on_ignored: Callable[[str], None], take_within_s: float = 2.5
) -> AsyncApp:
    """The app behind `slack_routes` and `SlackSocket`; these verify who is speaking, the app does not.

    `on_ignored` is told the reason for each payload that is nothing to the desk. Slack gives up after 3 seconds
    and sends an event again; so does the desk's turn, a little earlier (`take_within_s`).
    """
    intake = SlackIntake(desk, bot=bot, on_ignored=on_ignored, take_within_s=take_within_s)

    async def take(body: Mapping[str, object], next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:  # noqa: A002
        return await (next() if is_url_verification(body) else intake.take(body))

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=bot.team_id, bot_id=bot.bot_id, bot_user_id=bot.user_id)

    # bolt's own steps after `take` trust the shape of a payload, and would answer 500 or 404 to what they don't know.
    app = AsyncApp(
        name="helpdesk-bot",
        logger=quiet_logger(),
        client=AsyncWebClient(logger=quiet_logger()),
        signing_secret="",
        request_verification_enabled=False,
        before_authorize=take,
        authorize=authorize,
        process_before_response=True,
    )
    app.error(answer_trouble)
    return app


class SlackIntake:
    """Reads a payload and gives it to the desk. 200 says that it is taken in, durably, or of no interest."""

    def __init__(self, desk: Desk, *, bot: SlackBot, on_ignored: Callable[[str], None], take_within_s: float) -> None:
        self._desk = desk
        self._bot = bot
        self._on_ignored = on_ignored
        self._take_within_s = take_within_s

    async def take(self, body: Mapping[str, object]) -> BoltResponse:
        """Raises what the desk raises, and TimeoutError."""
        if not is_for(body, self._bot):
            self._on_ignored("other_app")
            return BoltResponse(status=403)
        async with asyncio.timeout(self._take_within_s):
            return await self._hand_over(read(body, self._bot))

    async def _hand_over(self, event: Question | Vote | AdminCommand | Ignored) -> BoltResponse:
        match event:
            case Question():
                await self._desk.accept(event)
            case Vote():
                await self._desk.record_vote(event)
            case AdminCommand():
                return _ephemeral(render_note(await self._desk.run_command(event)))
            case Ignored():
                self._on_ignored(event.value)
        return BoltResponse(status=200)


async def answer_trouble(error: Exception, body: Mapping[str, object]) -> BoltResponse:
    """503, so that Slack sends the event again. A command is not sent again: its person is told."""
    log.error("event not taken in", platform="slack", error=type(error).__name__)
    return _ephemeral(render_note(_TROUBLE)) if is_slash_command(body) else BoltResponse(status=503)


def _ephemeral(message: SlackMessage) -> BoltResponse:
    """docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response"""
    text = {"text": escape(message.text), "blocks": list(message.blocks)}
    return BoltResponse(status=200, body={"response_type": "ephemeral", **text})
