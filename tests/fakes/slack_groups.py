"""User groups of the fake Slack."""

from typing import TYPE_CHECKING, Any

from tests.fakes.slack_method import Method, Refused, method

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]


def list_groups(slack: "SlackServer", arguments: Json) -> Json:
    with_users = arguments.get("include_users") in {"1", "true", "True"}
    groups = [
        {"id": group_id, "handle": handle, "name": handle.title(), "is_usergroup": True, "date_delete": 0}
        | ({"users": list(users)} if with_users else {})
        for group_id, (handle, users) in slack.groups.items()
    ]
    return {"usergroups": groups}


def list_members(slack: "SlackServer", arguments: Json) -> Json:
    if arguments["usergroup"] not in slack.groups:
        raise Refused("no_such_subteam")
    return {"users": list(slack.groups[arguments["usergroup"]][1])}


METHODS: tuple[Method, ...] = (
    method("usergroups.list", list_groups, "", "include_users include_disabled", scopes=("usergroups:read",), tier=2),
    method("usergroups.users.list", list_members, "usergroup", "", scopes=("usergroups:read",), tier=2),
)
