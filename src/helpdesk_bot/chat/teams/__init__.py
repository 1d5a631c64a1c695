"""Microsoft Teams: `TeamsChat` says things there, `teams_routes` take in what is said.

    async with TeamsChat(pool=pool, app_id=..., password=..., tenant_id=...) as chat:
        intake = Intake(desk, chat=chat, on_ignored=...)
        routes = teams_routes(intake, gate=Gate(app_id=..., tenant_id=...), on_ignored=...)

payloads, reading   activity -> event           messages, cards, markdown   reply -> activities
gate                who may speak to us         connector                   how we speak: the SDK's client behind
posts, stream       once, in parts, growing                                 activities, transport, token, pace
people              rosters                     service_urls                where we may send anything at all

The SDK (botbuilder) reached its end of life on 2025-12-31. Only activities, connector, gate, routes, token and
transport import it; tests/fakes/teams_activities holds what Teams sends, for its successor.
"""

from helpdesk_bot.chat.teams.chat import TeamsChat
from helpdesk_bot.chat.teams.gate import Gate
from helpdesk_bot.chat.teams.intake import Intake
from helpdesk_bot.chat.teams.messages import Look
from helpdesk_bot.chat.teams.routes import teams_routes

__all__ = ["Gate", "Intake", "Look", "TeamsChat", "teams_routes"]
