"""What Slack sends, and what it means to the help desk: all knowledge of payloads is here.

`read` never raises, whatever the shape of a payload: what it does not know is `Ignored`, with a reason to count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from helpdesk_bot.chat.slack.mrkdwn import mentions, to_plain_text
from helpdesk_bot.events import AdminCommand, Place, PlaceKind, Platform, Question, Vote

VOTE_ACTION = "helpdesk_vote"
"""The `action_id` of the feedback buttons."""

_UserId = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{1,30}$")]
_ChannelId = Annotated[str, StringConstraints(pattern=r"^[CDG][A-Z0-9]{1,30}$")]
_Timestamp = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}\.[0-9]{1,9}$")]
"""Seconds since 1970, a point, and digits that make it unique in its channel: also the id of a message."""

_SUBTYPES_BY_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
"""Every other subtype is news about a message (edited, deleted) or about a channel (joined, renamed)."""

_REACTION_VALUES = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}
_BUTTON_VALUES = {"up": 1, "down": -1}


@dataclass(frozen=True, kw_only=True)
class SlackBot:
    """Who the bot is in its workspace. Where `app_id` is empty, payloads for any app are taken."""

    team_id: str
    user_id: str
    bot_id: str
    app_id: str = ""


class Ignored(StrEnum):
    """Why a payload is no event for the help desk."""

    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    OWN = "own"
    BOT = "bot"
    SUBTYPE = "subtype"
    NO_USER = "no_user"
    NOT_ADDRESSED = "not_addressed"
    OTHER_REACTION = "other_reaction"
    OTHER_ACTION = "other_action"
    NOT_OUR_MESSAGE = "not_our_message"


class _Message(BaseModel):
    type: Literal["app_mention", "message"]
    channel: _ChannelId
    channel_type: str | None = None
    ts: _Timestamp
    thread_ts: _Timestamp | None = None
    subtype: str | None = None
    user: _UserId | None = None
    bot_id: str | None = None
    text: str | None = None


class _ReactedTo(BaseModel):
    channel: _ChannelId
    ts: _Timestamp


class _Reaction(BaseModel):
    type: Literal["reaction_added", "reaction_removed"]
    user: _UserId
    reaction: str
    item: _ReactedTo
    item_user: str | None = None
    event_ts: _Timestamp


class _User(BaseModel):
    id: _UserId


class _Container(BaseModel):
    channel_id: _ChannelId
    message_ts: _Timestamp
    thread_ts: _Timestamp | None = None


class _Action(BaseModel):
    action_id: str
    action_ts: _Timestamp
    value: str = ""


class _BlockActions(BaseModel):
    user: _User
    container: _Container
    actions: Annotated[list[_Action], Field(min_length=1)]


class _SlashCommand(BaseModel):
    channel_id: _ChannelId
    user_id: _UserId
    text: str = ""


def is_for(body: Mapping[str, object], bot: SlackBot) -> bool:
    """Whether a payload is meant for this app in this workspace. One that names neither is: it was signed for us."""
    is_our_app = not bot.app_id or body.get("api_app_id") in (None, bot.app_id)
    return is_our_app and _team_of(body) in (None, bot.team_id)


def is_event(body: Mapping[str, object]) -> bool:
    return body.get("type") == "event_callback"


def is_interaction(body: Mapping[str, object]) -> bool:
    return body.get("type") == "block_actions"


def is_slash_command(body: Mapping[str, object]) -> bool:
    return "type" not in body and "command" in body


def is_url_verification(body: Mapping[str, object]) -> bool:
    return body.get("type") == "url_verification"


def read(body: Mapping[str, object], bot: SlackBot) -> Question | Vote | AdminCommand | Ignored:
    """What a payload of the Events API, of an interaction or of a slash command asks of the help desk."""
    try:
        if is_event(body):
            return _read_event(body.get("event"), bot)
        if is_interaction(body):
            return _read_interaction(_BlockActions.model_validate(body), bot)
        if is_slash_command(body):
            return _read_command(_SlashCommand.model_validate(body), bot)
    except ValidationError:
        return Ignored.MALFORMED
    return Ignored.UNKNOWN


def _read_event(event: object, bot: SlackBot) -> Question | Vote | Ignored:
    match event:
        case {"type": "app_mention" | "message"}:
            return _read_message(_Message.model_validate(event), bot)
        case {"type": "reaction_added" | "reaction_removed", "item": {"type": "message"}}:
            return _read_reaction(_Reaction.model_validate(event), bot)
        case {"type": str()}:
            return Ignored.UNKNOWN
        case _:
            return Ignored.MALFORMED


def _read_message(message: _Message, bot: SlackBot) -> Question | Ignored:
    if message.user == bot.user_id or message.bot_id == bot.bot_id:
        return Ignored.OWN
    if message.bot_id or message.user == "USLACKBOT":
        return Ignored.BOT
    if message.subtype not in _SUBTYPES_BY_PEOPLE:
        return Ignored.SUBTYPE
    if message.user is None:
        return Ignored.NO_USER
    if not _is_addressed_to(bot, message):
        return Ignored.NOT_ADDRESSED
    return Question(
        key=f"slack:{bot.team_id}:{message.channel}:{message.ts}",
        place=_place(bot, message.channel, message.thread_ts or message.ts),
        person_id=message.user,
        message_id=message.ts,
        text=to_plain_text(message.text or "", bot_user_id=bot.user_id),
        asked_at=_to_time(message.ts),
    )


def _is_addressed_to(bot: SlackBot, message: _Message) -> bool:
    """In a direct message everything is; elsewhere what mentions the bot.

    A mention arrives as `app_mention`, and also as `message` where the app listens to the whole channel.
    """
    return message.type == "app_mention" or _is_direct(message.channel) or mentions(message.text or "", bot.user_id)


def _read_reaction(reaction: _Reaction, bot: SlackBot) -> Vote | Ignored:
    if reaction.user == bot.user_id:
        return Ignored.OWN
    if reaction.item_user != bot.user_id:
        return Ignored.NOT_OUR_MESSAGE
    value = _REACTION_VALUES.get(reaction.reaction.partition("::skin-tone-")[0])
    if value is None:
        return Ignored.OTHER_REACTION
    is_removed = reaction.type == "reaction_removed"
    return Vote(
        place=_place(bot, reaction.item.channel, None),
        person_id=reaction.user,
        message_id=reaction.item.ts,
        value=0 if is_removed else value,
        at=_to_time(reaction.event_ts),
        via="reaction",
        takes_back=value if is_removed else None,
    )


def _read_interaction(interaction: _BlockActions, bot: SlackBot) -> Vote | Ignored:
    action = interaction.actions[0]
    value = _BUTTON_VALUES.get(action.value.partition(" ")[0])
    if action.action_id != VOTE_ACTION or value is None:
        return Ignored.OTHER_ACTION
    container = interaction.container
    return Vote(
        place=_place(bot, container.channel_id, container.thread_ts),
        person_id=interaction.user.id,
        message_id=container.message_ts,
        value=value,
        at=_to_time(action.action_ts),
        via="button",
    )


def _read_command(command: _SlashCommand, bot: SlackBot) -> AdminCommand:
    return AdminCommand(
        place=_place(bot, command.channel_id, None),
        person_id=command.user_id,
        words=tuple(to_plain_text(command.text, bot_user_id=bot.user_id).split()),
        at=datetime.now(UTC),
    )


def _team_of(body: Mapping[str, object]) -> str | None:
    """The workspace that the app is installed in. In a shared channel the plain `team_id` can be the other side's."""
    match body:
        case {"authorizations": [{"team_id": str(team_id)}]}:
            return team_id
        case {"team": {"id": str(team_id)}}:
            return team_id
        case {"team_id": str(team_id)}:
            return team_id
        case _:
            return None


def _place(bot: SlackBot, channel: str, thread: str | None) -> Place:
    kind = PlaceKind.DIRECT if _is_direct(channel) else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant=bot.team_id, channel=channel, thread=thread, kind=kind)


def _is_direct(channel: str) -> bool:
    """Ids of conversations with one person begin with D; those of a group of people with C or G."""
    return channel.startswith("D")


def _to_time(timestamp: str) -> datetime:
    seconds, _, fraction = timestamp.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(fraction[:6].ljust(6, "0")))
