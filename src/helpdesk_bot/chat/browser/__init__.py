"""The browser chat: a page at `/`, its own small API, and a place where replies land.

    a visitor => routes => Desk.accept => ... => BrowserChat.post => BrowserRecords => EventStream => the page

Questions and replies meet in Postgres only, because the worker that answers may be another process than the one that
holds the visitor's connection. `BrowserChat` is the worker's side, `browser_routes` the visitor's.
"""

from helpdesk_bot.chat.browser.endpoints import BrowserLimits
from helpdesk_bot.chat.browser.port import BrowserChat, browser_place
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.routes import browser_routes

__all__ = ["BrowserChat", "BrowserLimits", "BrowserRecords", "browser_place", "browser_routes"]
