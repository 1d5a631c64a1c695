"""For which app in which workspace a payload is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SlackBot:
    """Who the bot is in its workspace. Where `app_id` is empty, payloads for any app are taken."""

    team_id: str
    user_id: str
    bot_id: str
    app_id: str = ""


def is_for(body: Mapping[str, object], bot: SlackBot) -> bool:
    """Whether a payload is meant for this app in this workspace. One that names neither is: it was signed for us."""
    is_our_app = not bot.app_id or body.get("api_app_id") in (None, bot.app_id)
    return is_our_app and _team_of(body) in (None, bot.team_id)


def _team_of(body: Mapping[str, object]) -> str | None:
    """The workspace that the app is installed in.

    In a shared channel the plain `team_id` can be the other side's, and so can the `team` of a form that is sent off.
    """
    match body:
        case {"view": {"app_installed_team_id": str(team_id)}}:
            return team_id
        case {"authorizations": [{"team_id": str(team_id)}]}:
            return team_id
        case {"team": {"id": str(team_id)}}:
            return team_id
        case {"team_id": str(team_id)}:
            return team_id
        case _:
            return None
