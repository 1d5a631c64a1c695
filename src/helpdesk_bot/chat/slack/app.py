"""The bolt app that `slack_routes` and `SlackSocket` feed."""

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from helpdesk_bot.chat.slack.api import quiet_logger
from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.chat.slack.intake import Intake
from helpdesk_bot.chat.slack.payloads import SlackBot
from helpdesk_bot.ports import Desk


def build_slack_app(
    desk: Desk,
    *,
    bot: SlackBot,
    on_ignored: Callable[[str], None],
    chat: SlackChat | None = None,
    take_within_s: float = 2.5,
) -> AsyncApp:
    """The app behind `slack_routes` and `SlackSocket`; these verify who is speaking, the app does not.

    `on_ignored` is told the reason for each payload that is nothing to the desk. `chat` opens forms, whispers, and
    keeps the home tab and the assistant pane; without it, only events are taken in. Slack gives up after 3 seconds and
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
        before_authorize=Intake(desk, bot=bot, chat=chat, on_ignored=on_ignored, take_within_s=take_within_s),
        authorize=authorize,
        process_before_response=True,
    )
