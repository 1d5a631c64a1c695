"""What happens to the bot, its panes, its channels and its people."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from helpdesk_bot.chat.slack.payloads.identifiers import ChannelId, Timestamp, UserId, place_of
from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import Place


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


class _User(BaseModel):
    id: UserId


class _UserEvent(BaseModel):
    user: _User


News = PaneOpened | PaneMoved | HomeOpened | BotJoined | PersonChanged | ChannelNews | Revoked | Ignored
_CHANNEL_NEWS = frozenset(
    {"channel_archive", "channel_deleted", "channel_rename", "channel_unarchive", "group_archive", "group_rename"}
)
_REVOCATIONS = frozenset({"app_uninstalled", "tokens_revoked"})


def read_news(kind: str, event: object, bot: SlackBot) -> News:
    if kind in _CHANNEL_NEWS:
        return ChannelNews(kind=kind)
    if kind in _REVOCATIONS:
        return Revoked(kind=kind)
    reader = _READERS.get(kind)
    return Ignored.UNKNOWN if reader is None else reader(event, bot)


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


_READERS: dict[str, Callable[[object, SlackBot], News]] = {
    "assistant_thread_started": _read_pane_opened,
    "assistant_thread_context_changed": _read_pane_moved,
    "app_home_opened": _read_home,
    "member_joined_channel": _read_join,
    "user_change": _read_person,
}
