"""Slack's two ways in: signed requests over HTTP, and Socket Mode."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from helpdesk_bot.app.app import App
from helpdesk_bot.events import Platform
from helpdesk_bot.telemetry import EVENTS_IGNORED

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


@asynccontextmanager
async def slack_socket(app: App) -> AsyncGenerator[None]:
    """Receive Slack's events through Socket Mode while inside, where an app token is set."""
    settings = app.settings
    if not (settings.has_slack and settings.has_slack_socket):
        yield
        return
    from helpdesk_bot.chat.slack import SlackSocket

    app_token = settings.slack_app_token.get_secret_value()
    socket = SlackSocket(
        _slack_app(app), app_token=app_token, base_url=settings.slack_api_url, way_out=settings.way_out
    )
    async with socket:
        yield


def _slack_app(app: App) -> "AsyncApp":
    from helpdesk_bot.chat.slack import SlackChat, build_slack_app

    slack = app.chats[Platform.SLACK]
    assert isinstance(slack, SlackChat)  # noqa: S101 -- made in _chats
    return build_slack_app(app.desk, bot=slack.bot, chat=slack, on_ignored=_count_ignored)


def slack_routes_of(app: App) -> Sequence[BaseRoute]:
    secret = app.settings.slack_signing_secret.get_secret_value()
    if not (app.settings.has_slack and secret):
        return []
    from helpdesk_bot.chat.slack import slack_routes

    return slack_routes(_slack_app(app), signing_secret=secret, on_ignored=_count_ignored)


def _count_ignored(reason: str) -> None:
    EVENTS_IGNORED.labels(Platform.SLACK, reason).inc()
