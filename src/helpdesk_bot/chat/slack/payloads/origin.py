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
    enterprise_id: str = ""
    """The organisation (Enterprise Grid) that the workspace belongs to, if any."""


def is_for(body: Mapping[str, object], bot: SlackBot) -> bool:
    """Whether a payload is meant for this app in this workspace. One that names neither is: it was signed for us."""
    is_our_app = not bot.app_id or body.get("api_app_id") in (None, bot.app_id)
    return is_our_app and _team_of(body) in (None, bot.team_id)


def is_of_our_organisation(body: Mapping[str, object], bot: SlackBot) -> bool:
    """Whether a payload that is not for us comes from another workspace of our organisation, through this very app.

    The app can be installed there too, or for the whole organisation; its signing secret is the same everywhere.
    """
    is_our_app = not bot.app_id or body.get("api_app_id") == bot.app_id
    return is_our_app and bool(bot.enterprise_id) and _enterprise_of(body) == bot.enterprise_id


def _enterprise_of(body: Mapping[str, object]) -> str:
    match body:
        case {"authorizations": [{"enterprise_id": str(enterprise_id)}, *_]}:
            return enterprise_id
        case {"enterprise": {"id": str(enterprise_id)}}:
            return enterprise_id
        case {"enterprise_id": str(enterprise_id)}:
            return enterprise_id
        case _:
            return ""


def _team_of(body: Mapping[str, object]) -> str | None:
    """The workspace that the app is installed in.

    In a shared channel the plain `team_id` can be the other side's, and so can the `team` of a form that is sent off.
    """
    match body:
        case {"view": {"app_installed_team_id": str(team_id)}}:
            return team_id
        case {"authorizations": [{"team_id": str(team_id)}, *_]}:
            return team_id
        case {"context_team_id": str(team_id)}:
            return team_id
        case {"team": {"id": str(team_id)}}:
            return team_id
        case {"team_id": str(team_id)}:
            return team_id
        case _:
            return None
