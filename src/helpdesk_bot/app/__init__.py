"""The composition root: the one room that knows every class.

    settings => knowledge (with its sources) => agent => chats => desk => App => web, worker, scheduler

A new source is a few lines in `sources`, a new platform a few in `chats`.
"""

from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge, ranking_options
from helpdesk_bot.app.models import candidates_of, purse_of
from helpdesk_bot.app.parts import scheduler_of, web_of
from helpdesk_bot.app.slack import slack_socket
from helpdesk_bot.app.sources import OWN_SOURCES

__all__ = [
    "OWN_SOURCES",
    "App",
    "Knowledge",
    "candidates_of",
    "open_agent",
    "open_app",
    "open_knowledge",
    "purse_of",
    "ranking_options",
    "scheduler_of",
    "slack_socket",
    "web_of",
]
