"""Teams' way in: signed requests over HTTP."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from helpdesk_bot.app.app import App
from helpdesk_bot.events import Platform
from helpdesk_bot.settings import Settings
from helpdesk_bot.telemetry import EVENTS_IGNORED

if TYPE_CHECKING:
    from helpdesk_bot.chat.teams import Gate


def teams_routes_of(app: App) -> Sequence[BaseRoute]:
    settings = app.settings
    if not settings.has_teams:
        return []
    from helpdesk_bot.chat.teams import Intake, TeamsChat, teams_routes

    teams = app.chats[Platform.TEAMS]
    assert isinstance(teams, TeamsChat)  # noqa: S101 -- made in chats_of
    intake = Intake(app.desk, chat=teams, on_ignored=_count_ignored)
    return teams_routes(
        intake, gate=gate_of(settings), on_ignored=_count_ignored, is_development=settings.teams_dev_mode
    )


def gate_of(settings: Settings) -> "Gate":
    from helpdesk_bot.chat.teams import Gate

    return Gate(
        app_id=settings.teams_app_id,
        tenant_id=settings.teams_tenant_id,
        is_development=settings.teams_dev_mode,
        metadata_url=settings.teams_openid_url,
        way_out=settings.way_out,
    )


def _count_ignored(reason: str) -> None:
    EVENTS_IGNORED.labels(Platform.TEAMS, reason).inc()
