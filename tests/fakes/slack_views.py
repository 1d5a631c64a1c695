"""Modals, the home tab and the assistant pane of the fake Slack (docs.slack.dev/reference/methods/views.open)."""

import itertools
import json
import time
from typing import TYPE_CHECKING, Any

from tests.fakes.slack_blocks import InvalidBlocks, check_blocks
from tests.fakes.slack_method import BOTH, Method, Refused, method

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]

TRIGGER_LASTS_S = 3.0
_numbers = itertools.count(1)


def open_view(slack: "SlackServer", arguments: Json) -> Json:
    user = _take_trigger(slack, arguments["trigger_id"])
    view = _check_view(arguments["view"], kind="modal")
    stored = view | {"id": f"V{next(_numbers):08d}", "hash": "1.abc", "team_id": slack.team_id}
    slack.modals.append((user, stored))
    return {"view": stored}


def publish_view(slack: "SlackServer", arguments: Json) -> Json:
    slack.get_user(arguments["user_id"])
    slack.homes[arguments["user_id"]] = _check_view(arguments["view"], kind="home")
    return {"view": slack.homes[arguments["user_id"]]}


def set_status(slack: "SlackServer", arguments: Json) -> Json:
    _check_thread(slack, arguments)
    return {}


def set_title(slack: "SlackServer", arguments: Json) -> Json:
    _check_thread(slack, arguments)
    if not arguments["title"]:
        raise Refused("invalid_arguments")
    slack.titles[arguments["channel_id"], arguments["thread_ts"]] = arguments["title"]
    return {}


def set_prompts(slack: "SlackServer", arguments: Json) -> Json:
    _check_thread(slack, arguments)
    prompts = arguments["prompts"]
    is_right = isinstance(prompts, list) and 1 <= len(prompts) <= 4
    if not is_right or any(set(prompt) != {"title", "message"} or not all(prompt.values()) for prompt in prompts):
        raise Refused("invalid_arguments")
    slack.prompts[arguments["channel_id"], arguments["thread_ts"]] = [prompt["message"] for prompt in prompts]
    return {}


def _take_trigger(slack: "SlackServer", trigger_id: str) -> str:
    """A trigger opens one view, within three seconds."""
    trigger = slack.payloads.triggers.get(trigger_id)
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.is_used:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() - trigger.made_at > TRIGGER_LASTS_S:
        raise Refused("expired_trigger_id")
    trigger.is_used = True
    return trigger.user


def _check_thread(slack: "SlackServer", arguments: Json) -> None:
    channel = slack.get_channel({"channel": arguments["channel_id"]})
    if channel.find(arguments["thread_ts"]) is None:
        raise Refused("invalid_thread_ts")


def _check_view(view: Json, *, kind: str) -> Json:
    known = {"type", "blocks", "callback_id", "private_metadata", "external_id"}
    known |= {"title", "submit", "close", "clear_on_close", "notify_on_close"} if kind == "modal" else set()
    if view.get("type") != kind or view.keys() - known or len(json.dumps(view)) > 250_000:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"view: {sorted(view)}"]})
    if len(view.get("private_metadata", "")) > 3_000 or len(view.get("callback_id", "")) > 255:
        raise Refused("invalid_arguments")
    if kind == "modal":
        _check_titles(view)
    try:
        check_blocks(view["blocks"], surface=kind)
    except InvalidBlocks as error:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {error.reason}"]}) from error
    return view


def _check_titles(view: Json) -> None:
    for key in ("title", "submit", "close"):
        text = view.get(key)
        if key == "title" and text is None:
            raise Refused("invalid_arguments")
        if text is not None and (text["type"] != "plain_text" or not 1 <= len(text["text"]) <= 24):
            raise Refused("invalid_arguments", response_metadata={"messages": [f"{key} has 1 to 24 characters"]})
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        raise Refused("invalid_arguments", response_metadata={"messages": ["submit is missing"]})


METHODS: tuple[Method, ...] = (
    method("views.open", open_view, "trigger_id view", content_types=BOTH, tier=4),
    method("views.publish", publish_view, "user_id view", "hash", content_types=BOTH, tier=4),
    method(
        "assistant.threads.setStatus",
        set_status,
        "channel_id thread_ts status",
        "loading_messages",
        scopes=("chat:write", "assistant:write"),
        content_types=BOTH,
    ),
    method("assistant.threads.setTitle", set_title, "channel_id thread_ts title", scopes=("assistant:write",), tier=4),
    method(
        "assistant.threads.setSuggestedPrompts",
        set_prompts,
        "channel_id thread_ts prompts",
        "title",
        scopes=("assistant:write",),
        content_types=BOTH,
        tier=4,
    ),
)
