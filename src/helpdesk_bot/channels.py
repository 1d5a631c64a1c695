"""How the bot behaves in each channel: the configuration's settings, and over them what an admin set in chat.

Channels go by the platform's id: a renamed channel keeps its settings, and a new one with an old name has none.
"""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeAlias

from psycopg import AsyncConnection
from pydantic import TypeAdapter, ValidationError

from helpdesk_bot.errors import HelpdeskError
from helpdesk_bot.events import Place, PlaceKind
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records import Records

MAX_OPENING = 1_500
MAX_TONE = 300
MAX_SUGGESTIONS = 6
MAX_SUGGESTION = 150
MAX_CALLED = 8


class Listening(StrEnum):
    """To what the bot speaks in a channel without being asked."""

    MENTION = "mention"
    """Nothing: who wants an answer mentions it, or goes on in a thread that it is part of."""
    QUESTIONS = "questions"
    EVERYTHING = "everything"


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    listen: Listening = Listening.MENTION
    unasked_in_shared: bool = False
    """Whether it may speak unasked where guests or another organisation read along."""
    opening: str = ""
    suggestions: tuple[str, ...] = ()
    tone: str = ""
    """In an admin's words, for a generative composer: data, not instructions."""
    sources: frozenset[str] | None = None
    """What answers may come from; None for everything."""
    called: tuple[str, ...] = ()
    """The platform's ids of the people who are called when the bot is unsure."""
    draft: bool = False
    """Answers wait for an approver."""
    languages: tuple[str, ...] = ()
    """Two-letter codes in which a model answers, the first where the question is in none of them; none for all."""


class WrongSetting(HelpdeskError):
    """There is no such setting, or it takes no such value; `reason` says what it takes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_SETTINGS = TypeAdapter(ChannelSettings)
_DEFAULTS = ChannelSettings()
NAMES = tuple(one.name for one in fields(ChannelSettings))

Configured: TypeAlias = Mapping[str, JsonObject]
"""Settings by `slack:C0123` or `slack` for the whole platform; `*` for everywhere."""


class Channels:
    """Each look is one at the database: a change counts from the next message on."""

    def __init__(
        self, records: Records, *, configured: Configured | None = None, source_names: Collection[str] | None = None
    ) -> None:
        self._records = records
        self._configured = configured or {}
        self._source_names = source_names

    async def get(self, place: Place, connection: AsyncConnection | None = None) -> ChannelSettings:
        """In the caller's transaction where there is one. A direct conversation has the platform's settings."""
        found = None
        if place.kind is PlaceKind.CHANNEL:
            found = await self._records.find_channel(place, connection)
        return _SETTINGS.validate_python(self._configured_for(place) | (found or {}))

    async def change(self, place: Place, name: str, words: str, *, by: str) -> ChannelSettings:
        """Set one setting as it was typed; `default` goes back. Raises `WrongSetting`."""
        value = None if words.strip().casefold() == "default" else self._read(name, words.strip())
        await self._records.change_channel(place, _known(name), value, by=by)
        return await self.get(place)

    def describe(self, settings: ChannelSettings) -> str:
        """A line for each setting, as Markdown; those that are not the default in bold."""
        return "\n".join(_line(name, getattr(settings, name)) for name in NAMES)

    def _configured_for(self, place: Place) -> JsonObject:
        layers = ("*", str(place.platform), f"{place.platform}:{place.channel}")
        return {name: value for layer in layers for name, value in self._configured.get(layer, {}).items()}

    def _read(self, name: str, words: str) -> object:
        value = _READERS[_known(name)](words)
        if name == "sources" and self._source_names is not None:
            unknown = sorted(set(_words(words)) - set(self._source_names))
            if unknown:
                known = ", ".join(sorted(self._source_names)) or "none"
                raise WrongSetting(f"There is no source {unknown[0]}. There are: {known}.")
        return value


def read_channels(toml: str) -> Configured:
    """The configuration's settings: a table for each channel, named `slack:C0123`, `slack` or `*`.

    Raises `WrongSetting` naming the table.
    """
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(f"the channels' configuration is no TOML: {error}") from error
    for channel, table in tables.items():
        _check_table(channel, table)
    return tables


def _check_table(channel: str, table: object) -> None:
    if not isinstance(table, dict):
        raise WrongSetting(f"{channel} stands outside of a channel's table")
    if unknown := sorted(set(map(str, table)) - set(NAMES)):
        raise WrongSetting(f"[{channel}]: there is no setting {unknown[0]}")
    try:
        _SETTINGS.validate_python(table)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise WrongSetting(f"[{channel}] {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from error


def _known(name: str) -> str:
    if name not in NAMES:
        raise WrongSetting(f"There is no setting {name}. There are: {', '.join(NAMES)}.")
    return name


def _words(text: str) -> list[str]:
    return [part for part in (one.strip() for one in text.split(",")) if part]


def _text(*, longest: int) -> Callable[[str], object]:
    def read(words: str) -> object:
        if len(words) > longest:
            raise WrongSetting(f"That is {len(words):,} characters; {longest:,} are the most.")
        return words

    return read


def _listen(words: str) -> object:
    if words.casefold() not in set(Listening):
        raise WrongSetting(f"It takes one of: {', '.join(Listening)}.")
    return words.casefold()


def _switch(words: str) -> object:
    meaning = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
    if words.casefold() not in meaning:
        raise WrongSetting("It takes on or off.")
    return meaning[words.casefold()]


def _suggestions(words: str) -> object:
    found = [part for part in (one.strip() for one in words.split("|")) if part]
    if len(found) > MAX_SUGGESTIONS or any(len(one) > MAX_SUGGESTION for one in found):
        raise WrongSetting(f"At most {MAX_SUGGESTIONS} questions of {MAX_SUGGESTION} characters, with | between them.")
    return found


def _called(words: str) -> object:
    found = [one.strip("<@>").split("|")[0] for one in words.replace(",", " ").split()]
    if len(found) > MAX_CALLED:
        raise WrongSetting(f"At most {MAX_CALLED} people.")
    return found


def _languages(words: str) -> object:
    found = [one.casefold() for one in _words(words.replace(" ", ","))]
    if any(len(one) != 2 or not one.isalpha() for one in found):
        raise WrongSetting("It takes two-letter codes, such as en, de.")
    return found


_READERS: Mapping[str, Callable[[str], object]] = {
    "listen": _listen,
    "unasked_in_shared": _switch,
    "opening": _text(longest=MAX_OPENING),
    "suggestions": _suggestions,
    "tone": _text(longest=MAX_TONE),
    "sources": lambda words: _words(words) if words.casefold() != "all" else None,
    "called": _called,
    "draft": _switch,
    "languages": _languages,
}


def _line(name: str, value: object) -> str:
    shown = _shown(value)
    return f"- `{name}`: {shown}" if value == getattr(_DEFAULTS, name) else f"- `{name}`: **{shown}**"


def _shown(value: object) -> str:
    match value:
        case None:
            return "all"
        case bool():
            return "on" if value else "off"
        case str():
            return value or "none"
        case tuple() | frozenset():
            return (
                ", ".join(sorted(map(str, value)))
                if isinstance(value, frozenset)
                else " | ".join(map(str, value)) or "none"
            )
        case _:
            return str(value)
