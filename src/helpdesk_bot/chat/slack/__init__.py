"""Slack: `SlackChat` says things there, `build_slack_app` takes in what is said.

    async with SlackChat(token=...) as chat:
        app = build_slack_app(desk, bot=chat.bot, chat=chat, on_ignored=...)
        routes = slack_routes(app, signing_secret=..., on_ignored=...)   # events over HTTP, or
        async with SlackSocket(app, app_token=...): ...                  # Socket Mode

In     routes, socket       what Slack sends, verified      payloads    what it means
       intake, answers      to the desk, and what one person is shown for it
Out    messages, parts, buttons, rich_text                  a reply as messages
       posts, stream        said once, edited, growing      surfaces, forms, home    modals, App Home, the pane
Beside people, places, threads, files, groups               api, tokens    the Web API, its errors and its tokens
"""

from helpdesk_bot.chat.slack.api import TokenOffice
from helpdesk_bot.chat.slack.app import build_slack_app
from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.chat.slack.groups import SlackGroups
from helpdesk_bot.chat.slack.payloads import SlackBot
from helpdesk_bot.chat.slack.routes import slack_routes
from helpdesk_bot.chat.slack.socket import SlackSocket, open_connection
from helpdesk_bot.chat.slack.tokens import RotatingToken, TokenPair, TokenStore

__all__ = [
    "RotatingToken",
    "SlackBot",
    "SlackChat",
    "SlackGroups",
    "SlackSocket",
    "TokenOffice",
    "TokenPair",
    "TokenStore",
    "build_slack_app",
    "open_connection",
    "slack_routes",
]
