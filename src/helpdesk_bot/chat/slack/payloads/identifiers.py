"""Slack's ids and times."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import StringConstraints

from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import Place, PlaceKind, Platform

UserId = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{1,30}$")]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[CDG][A-Z0-9]{1,30}$")]
Timestamp = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}\.[0-9]{1,9}$")]
"""Seconds since 1970, a point, and digits that make it unique in its channel: also the id of a message."""
Ticket = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""Any other id of Slack's, such as that of a trigger or a view."""


def place_of(bot: SlackBot, channel: str, thread: str | None) -> Place:
    kind = PlaceKind.DIRECT if is_direct(channel) else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant=bot.team_id, channel=channel, thread=thread, kind=kind)


def is_direct(channel: str) -> bool:
    """Ids of conversations with one person begin with D; those of a group of people with C or G."""
    return channel.startswith("D")


def message_key(bot: SlackBot, channel: str, ts: str) -> str:
    """Names a message, however often and in however many events it is told of."""
    return f"slack:{bot.team_id}:{channel}:{ts}"


def to_time(timestamp: str) -> datetime:
    seconds, _, fraction = timestamp.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(fraction[:6].ljust(6, "0")))
