"""Messages that grow: chat.startStream, appendStream, stopStream as docs.slack.dev describes them.

Metadata is taken only at the end; a message that streams can't be changed; Slack ends a stream by itself after a while
(`expire`), and then `message_not_in_streaming_state` is its word (github.com/slackapi/python-slack-sdk/issues/1859).
"""

import json
from typing import TYPE_CHECKING, Any

from tests.fakes.slack_blocks import InvalidBlocks, check_blocks
from tests.fakes.slack_method import BOTH, Method, Refused, method

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]

MAX_MARKDOWN_CHARACTERS = 12_000


def start_stream(slack: "SlackServer", arguments: Json) -> Json:
    channel = slack.get_channel(arguments, for_members=True)
    if channel.is_archived:
        raise Refused("is_archived")
    if channel.find(arguments["thread_ts"]) is None:
        raise Refused("thread_not_found")
    if channel.kind != "direct" and not (arguments.get("recipient_user_id") and arguments.get("recipient_team_id")):
        raise Refused("missing_recipient_user_id")
    message = slack.write(channel.id, {"text": "", "streaming_state": "in_progress"}, arguments["thread_ts"])
    _append(slack, message, arguments)
    return {"channel": channel.id, "ts": message["ts"]}


def append_stream(slack: "SlackServer", arguments: Json) -> Json:
    message = _find_streaming(slack, arguments)
    if not arguments.get("markdown_text") and not arguments.get("chunks"):
        raise Refused("no_text")
    _append(slack, message, arguments)
    return {"channel": arguments["channel"], "ts": message["ts"]}


def stop_stream(slack: "SlackServer", arguments: Json) -> Json:
    message = _find_streaming(slack, arguments)
    slack.check_metadata(arguments.get("metadata"))
    _append(slack, message, arguments)
    if arguments.get("blocks"):
        try:
            check_blocks(arguments["blocks"])
        except InvalidBlocks as error:
            raise Refused(error.word) from error
    message |= {key: arguments[key] for key in ("blocks", "metadata") if key in arguments}
    message["streaming_state"] = "completed"
    return {"channel": arguments["channel"], "ts": message["ts"], "message": message}


def expire(slack: "SlackServer", channel: str, ts: str) -> None:
    """Slack ends a stream by itself, about five minutes after its start."""
    message = slack.channel(channel).find(ts)
    assert message is not None
    message["streaming_state"] = "errored"


def _find_streaming(slack: "SlackServer", arguments: Json) -> Json:
    message = slack.get_channel(arguments, for_members=True).find(arguments["ts"])
    if message is None or message.get("bot_id") != slack.bot_id:
        raise Refused("message_not_found")
    if message.get("streaming_state") != "in_progress":
        raise Refused("message_not_in_streaming_state")
    return message


def _append(slack: "SlackServer", message: Json, arguments: Json) -> None:
    text = arguments.get("markdown_text") or ""
    for chunk in arguments.get("chunks") or ():
        if chunk.get("type") != "markdown_text" or not isinstance(chunk.get("text"), str):
            raise Refused("invalid_chunks")
        text += chunk["text"]
    if len(text) > MAX_MARKDOWN_CHARACTERS:
        raise Refused("msg_too_long", response_metadata={"messages": [json.dumps(len(text))]})
    message["text"] += text
    slack.shown.append((message["ts"], message["text"]))


METHODS: tuple[Method, ...] = (
    method(
        "chat.startStream",
        start_stream,
        "channel thread_ts",
        "markdown_text chunks recipient_user_id recipient_team_id task_display_mode",
        scopes=("chat:write",),
        content_types=BOTH,
        tier=2,
    ),
    method(
        "chat.appendStream",
        append_stream,
        "channel ts",
        "markdown_text chunks",
        scopes=("chat:write",),
        content_types=BOTH,
        tier=4,
    ),
    method(
        "chat.stopStream",
        stop_stream,
        "channel ts",
        "markdown_text chunks blocks metadata session_status",
        scopes=("chat:write",),
        content_types=BOTH,
        tier=2,
    ),
)
