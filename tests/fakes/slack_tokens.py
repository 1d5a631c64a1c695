"""Token rotation of the fake Slack (docs.slack.dev/authentication/using-token-rotation)."""

import itertools
from typing import TYPE_CHECKING, Any

from tests.fakes.slack_method import BOTH, Method, Refused, method

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]

LASTS_S = 43_200
_numbers = itertools.count(1)


def exchange(slack: "SlackServer", arguments: Json) -> Json:
    """A refresh token counts once; with the new pair the old access token ends soon, here at once."""
    if (arguments["client_id"], arguments["client_secret"]) != (slack.client_id, slack.client_secret):
        raise Refused("bad_client_secret")
    if arguments.get("grant_type") != "refresh_token":
        raise Refused("invalid_grant_type")
    if not slack.refresh_token or arguments.get("refresh_token") != slack.refresh_token:
        raise Refused("invalid_refresh_token")
    number = next(_numbers)
    slack.bot_token, slack.refresh_token = f"xoxe.xoxb-1-fake-{number}", f"xoxe-1-fake-{number}"
    return {
        "access_token": slack.bot_token,
        "refresh_token": slack.refresh_token,
        "expires_in": LASTS_S,
        "token_type": "bot",
        "scope": ",".join(sorted(slack.scopes)),
        "bot_user_id": slack.bot_user_id,
        "app_id": slack.app_id,
        "team": {"id": slack.team_id, "name": "Example"},
    }


METHODS: tuple[Method, ...] = (
    method(
        "oauth.v2.access",
        exchange,
        "client_id client_secret",
        "grant_type refresh_token code redirect_uri",
        content_types=BOTH,
        needs_token=False,
        tier=4,
    ),
)
