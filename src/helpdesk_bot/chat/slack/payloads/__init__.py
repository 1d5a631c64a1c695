"""What Slack sends, and what it means to the help desk: all knowledge of payloads is here.

`read` never raises, whatever the shape of a payload: what it does not know is `Ignored`, with a reason to count.

messages        said, changed, taken back          reactions       thumbs
interactions    buttons, forms, shortcuts, commands          news            what happens to the bot and its channels
origin          for whom a payload is                        identifiers     ids, times, places
"""

from collections.abc import Mapping

from pydantic import ValidationError

from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.interactions import (
    ASK_SHORTCUT,
    SAVE_SHORTCUT,
    Asked,
    Pressed,
    Submitted,
    read_command,
    read_form,
    read_press,
    read_shortcut,
)
from helpdesk_bot.chat.slack.payloads.messages import read_message
from helpdesk_bot.chat.slack.payloads.news import (
    BotJoined,
    ChannelNews,
    HeldBack,
    HomeOpened,
    PaneMoved,
    PaneOpened,
    PersonChanged,
    Revoked,
    read_news,
    read_rate_limit,
)
from helpdesk_bot.chat.slack.payloads.origin import SlackBot, is_for, is_of_our_organisation
from helpdesk_bot.chat.slack.payloads.reactions import read_reaction
from helpdesk_bot.events import AdminCommand, ChannelMoved, Deletion, Edit, Question, Vote

__all__ = [
    "ASK_SHORTCUT",
    "SAVE_SHORTCUT",
    "Asked",
    "BotJoined",
    "ChannelNews",
    "HeldBack",
    "HomeOpened",
    "Ignored",
    "PaneMoved",
    "PaneOpened",
    "PersonChanged",
    "Pressed",
    "Revoked",
    "SlackBot",
    "Submitted",
    "Taken",
    "is_for",
    "is_interaction",
    "is_of_our_organisation",
    "is_slash_command",
    "is_url_verification",
    "read",
]

Taken = (
    Question
    | Edit
    | Deletion
    | Vote
    | Pressed
    | Submitted
    | Asked
    | AdminCommand
    | PaneOpened
    | PaneMoved
    | HomeOpened
    | BotJoined
    | PersonChanged
    | ChannelMoved
    | ChannelNews
    | HeldBack
    | Revoked
    | Ignored
)

_INTERACTIONS = frozenset({"block_actions", "message_action", "view_submission"})


def is_slash_command(body: Mapping[str, object]) -> bool:
    return "type" not in body and "command" in body


def is_url_verification(body: Mapping[str, object]) -> bool:
    return body.get("type") == "url_verification"


def is_interaction(body: Mapping[str, object]) -> bool:
    """Something that a person waits for; Slack sends it once only."""
    return is_slash_command(body) or _kind(body) in _INTERACTIONS


def read(body: Mapping[str, object], bot: SlackBot) -> Taken:
    """What a payload of the Events API, of an interaction or of a slash command asks of the help desk."""
    try:
        return read_command(body, bot) if is_slash_command(body) else _read_kind(body, bot)
    except ValidationError:
        return Ignored.MALFORMED


def _read_kind(body: Mapping[str, object], bot: SlackBot) -> Taken:
    match _kind(body):
        case "event_callback":
            return _read_event(body.get("event"), bot)
        case "app_rate_limited":
            return read_rate_limit(body)
        case "block_actions":
            return read_press(body, bot)
        case "message_action":
            return read_shortcut(body, bot)
        case "view_submission":
            return read_form(body, bot)
        case _:
            return Ignored.UNKNOWN


def _read_event(event: object, bot: SlackBot) -> Taken:
    match event:
        case {"type": "app_mention" | "message"}:
            return read_message(event, bot)
        case {"type": "reaction_added" | "reaction_removed", "item": {"type": "message"}}:
            return read_reaction(event, bot)
        case {"type": str(kind)}:
            return read_news(kind, event, bot)
        case _:
            return Ignored.MALFORMED


def _kind(body: Mapping[str, object]) -> str:
    kind = body.get("type")
    return kind if isinstance(kind, str) else ""
