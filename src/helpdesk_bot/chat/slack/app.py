"""The bolt app: what Slack tells us goes to the desk, and Slack hears whether it was taken in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
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

    `on_ignored` is told the reason for each payload that is nothing to the desk. Slack gives up after 3 seconds and
    sends an event again; so does the desk's turn, a little earlier (`take_within_s`).
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=bot.team_id, bot_id=bot.bot_id, bot_user_id=bot.user_id)

    return AsyncApp(
        name="helpdesk-bot",
        logger=quiet_logger(),
        client=AsyncWebClient(logger=quiet_logger()),
        signing_secret="",
        request_verification_enabled=False,
        before_authorize=Intake(desk, bot=bot, on_ignored=on_ignored, take_within_s=take_within_s),
        authorize=authorize,
        process_before_response=True,
    )


class Intake(AsyncMiddleware):
    """Reads a payload and gives it to the desk.

    200 says that it is taken in, durably, or of no interest; 503 that Slack should send it again. It is the only step
    of ours in bolt, and an early one: bolt's listeners answer 404 to what they don't know, and fail on shapes that
    they don't expect.
    """

    def __init__(self, desk: Desk, *, bot: SlackBot, on_ignored: Callable[[str], None], take_within_s: float) -> None:
        self._desk = desk
        self._bot = bot
        self._on_ignored = on_ignored
        self._take_within_s = take_within_s

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - bolt passes it by name
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - so is this named by bolt
    ) -> BoltResponse:
        return await (next() if is_url_verification(req.body) else self.take(req.body))

    async def take(self, body: Mapping[str, object]) -> BoltResponse:
        if not is_for(body, self._bot):
            self._on_ignored("other_app")
            return BoltResponse(status=403)
        try:
            async with asyncio.timeout(self._take_within_s):
                return await self._hand_over(read(body, self._bot))
        except Exception as error:  # noqa: BLE001 - the outermost handler of an event
            log.warning("event not taken in", platform="slack", error=type(error).__name__)
            return _ephemeral(render_note(_TROUBLE)) if is_slash_command(body) else BoltResponse(status=503)

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


def _ephemeral(message: SlackMessage) -> BoltResponse:
    """docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response"""
    content = {"text": escape(message.text), "blocks": list(message.blocks)}
    return BoltResponse(status=200, body={"response_type": "ephemeral", **content})
