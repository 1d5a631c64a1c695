"""Slack: `SlackChat` says things there, `build_slack_app` takes in what is said.

    async with SlackChat(token=...) as chat:
        app = build_slack_app(desk, bot=chat.bot, on_ignored=...)
        routes = slack_routes(app, signing_secret=...)            # events over HTTP, or
        async with SlackSocket(app, app_token=...): ...           # Socket Mode

payloads    payload -> event          messages    reply -> messages, by way of rich_text
api         the Web API and its errors    people      who is behind a user id
"""

from helpdesk_bot.chat.slack.app import build_slack_app
from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.chat.slack.payloads import SlackBot
from helpdesk_bot.chat.slack.routes import slack_routes
from helpdesk_bot.chat.slack.socket import SlackSocket

__all__ = ["SlackBot", "SlackChat", "SlackSocket", "build_slack_app", "slack_routes"]
