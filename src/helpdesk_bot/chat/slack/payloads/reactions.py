"""Thumbs under our messages."""

from typing import Literal

from pydantic import BaseModel

from helpdesk_bot.chat.slack.payloads.identifiers import ChannelId, Timestamp, UserId, place_of, to_time
from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import Vote

_VALUES = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}


class _ReactedTo(BaseModel):
    channel: ChannelId
    ts: Timestamp


class _Reaction(BaseModel):
    type: Literal["reaction_added", "reaction_removed"]
    user: UserId
    reaction: str
    item: _ReactedTo
    item_user: str | None = None
    event_ts: Timestamp


def read_reaction(event: object, bot: SlackBot) -> Vote | Ignored:
    """The vote names the message that was reacted to, which can be any part of an answer."""
    reaction = _Reaction.model_validate(event)
    if reaction.user == bot.user_id:
        return Ignored.OWN
    if reaction.item_user != bot.user_id:
        return Ignored.NOT_OUR_MESSAGE
    value = _VALUES.get(reaction.reaction.partition("::skin-tone-")[0])
    if value is None:
        return Ignored.OTHER_REACTION
    is_removed = reaction.type == "reaction_removed"
    return Vote(
        place=place_of(bot, reaction.item.channel, None),
        person_id=reaction.user,
        message_id=reaction.item.ts,
        value=0 if is_removed else value,
        at=to_time(reaction.event_ts),
        via="reaction",
        takes_back=value if is_removed else None,
    )
