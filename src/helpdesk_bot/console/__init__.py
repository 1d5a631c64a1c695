"""The console: web pages for admins, to see how the bot is doing and to decide what waits for a decision.

    a link of `/helpdesk console` => sign_in => door (a session, an admin's at every request) => a page, a file for each

It adds no rights and no decisions of its own: what is done there is a command, run as if it had been typed, and words
that people said are shown to whom `why` and `review` show them. There is no script.
"""

from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.console.routes import console_routes

__all__ = ["ConsoleParts", "console_routes"]
