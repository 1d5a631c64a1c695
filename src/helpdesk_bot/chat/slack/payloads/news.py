"""What happens to the bot, its panes, its channels and its people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

from helpdesk_bot.chat.slack.payloads.identifiers import ChannelId, Timestamp, UserId, place_of
from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import ChannelMoved, Place


@dataclass(frozen=True, kw_only=True)
class PaneOpened:
    """Somebody opened a new conversation beside what they look at."""

    place: Place
    person_id: str


@dataclass(frozen=True, kw_only=True)
class PaneMoved:
    """With the pane open, somebody looks at another channel. `context` is that channel."""

    place: Place
    context: Place
    person_id: str


@dataclass(frozen=True, kw_only=True)
class HomeOpened:
    person_id: str


@dataclass(frozen=True, kw_only=True)
class BotJoined:
    """The bot was invited to a channel, by `person_id` where Slack says so."""

    place: Place
    person_id: str
    key: str


@dataclass(frozen=True, kw_only=True)
class PersonChanged:
    person_id: str


@dataclass(frozen=True, kw_only=True)
class ChannelNews:
    """Nothing to do: nothing about a channel is remembered. `kind` is counted."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """Slack sends no more events in this minute, since there were too many in the last hour."""

    minute: int


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """The app was removed, or its tokens were: nothing can be said until it is installed again."""

    kind: str


class _Context(BaseModel):
    channel_id: ChannelId | None = None


class _Pane(BaseModel):
    user_id: UserId
    channel_id: ChannelId
    thread_ts: Timestamp
    context: _Context = _Context()


class _PaneEvent(BaseModel):
    assistant_thread: _Pane


class _HomeEvent(BaseModel):
    user: UserId
    tab: str = "home"


class _JoinEvent(BaseModel):
    user: UserId
    channel: ChannelId
    inviter: UserId | None = None
    event_ts: Timestamp


class _MoveEvent(BaseModel):
    old_channel_id: ChannelId
    new_channel_id: ChannelId


class _Tokens(BaseModel):
    bot: list[str] | None = None


class _RevocationEvent(BaseModel):
    tokens: _Tokens = _Tokens()


class _RateLimit(BaseModel):
    minute_rate_limited: Annotated[int, Field(ge=0)]


class _User(BaseModel):
    id: UserId


class _UserEvent(BaseModel):
    user: _User


News = PaneOpened | PaneMoved | HomeOpened | BotJoined | PersonChanged | ChannelMoved | ChannelNews | Revoked | Ignored
_CHANNEL_NEWS = frozenset(
    {"channel_archive", "channel_deleted", "channel_rename", "channel_unarchive", "group_archive", "group_rename"}
)


def read_news(kind: str, event: object, bot: SlackBot) -> News:
    if kind in _CHANNEL_NEWS:
        return ChannelNews(kind=kind)
    if kind == "app_uninstalled":
        return Revoked(kind=kind)
    reader = _READERS.get(kind)
    return Ignored.UNKNOWN if reader is None else reader(event, bot)


def read_rate_limit(body: Mapping[str, object]) -> HeldBack:
    """docs.slack.dev/reference/events/app_rate_limited: a payload of its own, without an event inside."""
    return HeldBack(minute=_RateLimit.model_validate(body).minute_rate_limited)


def _read_pane_opened(event: object, bot: SlackBot) -> PaneOpened:
    pane = _PaneEvent.model_validate(event).assistant_thread
    return PaneOpened(place=place_of(bot, pane.channel_id, pane.thread_ts), person_id=pane.user_id)


def _read_pane_moved(event: object, bot: SlackBot) -> PaneMoved | Ignored:
    pane = _PaneEvent.model_validate(event).assistant_thread
    if pane.context.channel_id is None:
        return Ignored.UNCHANGED
    return PaneMoved(
        place=place_of(bot, pane.channel_id, pane.thread_ts),
        context=place_of(bot, pane.context.channel_id, None),
        person_id=pane.user_id,
    )


def _read_home(event: object, bot: SlackBot) -> HomeOpened | Ignored:  # noqa: ARG001 - as its siblings
    home = _HomeEvent.model_validate(event)
    return HomeOpened(person_id=home.user) if home.tab == "home" else Ignored.UNKNOWN


def _read_join(event: object, bot: SlackBot) -> BotJoined | Ignored:
    join = _JoinEvent.model_validate(event)
    if join.user != bot.user_id:
        return Ignored.NOT_US
    place = place_of(bot, join.channel, None)
    return BotJoined(place=place, person_id=join.inviter or "", key=f"joined:{join.channel}:{join.event_ts}")


def _read_person(event: object, bot: SlackBot) -> PersonChanged:  # noqa: ARG001 - as its siblings
    return PersonChanged(person_id=_UserEvent.model_validate(event).user.id)


def _read_move(event: object, bot: SlackBot) -> ChannelMoved:
    """docs.slack.dev/reference/events/channel_id_changed: a private channel is about to be shared outside."""
    move = _MoveEvent.model_validate(event)
    return ChannelMoved(place=place_of(bot, move.old_channel_id, None), to=move.new_channel_id)


def _read_revocation(event: object, bot: SlackBot) -> Revoked | Ignored:
    """People's own tokens can be revoked as well."""
    revoked = _RevocationEvent.model_validate(event).tokens.bot
    return Revoked(kind="tokens_revoked") if revoked is None or bot.user_id in revoked else Ignored.NOT_US


_READERS: dict[str, Callable[[object, SlackBot], News]] = {
    "assistant_thread_started": _read_pane_opened,
    "assistant_thread_context_changed": _read_pane_moved,
    "app_home_opened": _read_home,
    "member_joined_channel": _read_join,
    "user_change": _read_person,
    "channel_id_changed": _read_move,
    "tokens_revoked": _read_revocation,
}
