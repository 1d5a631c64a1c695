"""What a face of the bot is, on whatever platform."""

import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from helpdesk_bot.events import Platform

PEOPLE = {"ada": "Ada", "bo": "Bo", "cy": "Cy", "gil": "Gil"}
"""Ada is an admin, Bo and Cy are staff, Gil is a guest."""
CHANNELS = {"staff": ("ada", "bo", "cy"), "admins": ("ada",), "mixed": ("ada", "bo", "gil")}
HELPERS = ("ada", "cy")
"""Whoever reads the people's channel."""
DIRECT = "direct"
HELP = "people"
"""The channel of the people who help, where drafts wait for approvers too."""

Fetch = Callable[[str, list[Any]], Awaitable[list[tuple[Any, ...]]]]
seconds = itertools.count(1)
"""So that each time that a face names is later than the one before."""


class Ability(StrEnum):
    """What a platform may lack."""

    CHANNELS = "channels"
    """Places that several people read, with threads."""
    OVERHEARING = "overhearing"
    """The bot is told what is said to nobody in particular."""
    PEOPLE = "people"
    """A channel of those who help."""
    REACTIONS = "reactions"
    UNVOTING = "unvoting"
    """The button that voted takes the vote back."""
    FILES = "files"
    LONG_TEXT = "long text"
    """Messages of 40,000 characters."""
    IDENTITY = "identity"
    """It is known who somebody is: a verified e-mail address, by which documents name their readers."""
    MENTIONS = "mentions"
    """Somebody can be called by name."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a person wrote. `handle` is the platform's own."""

    who: str
    where: str
    handle: Any


@dataclass(frozen=True, kw_only=True)
class SentFile:
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A message of the bot as people read it. `to` is a person where nobody else sees it, else a channel."""

    to: str
    words: str
    """All of it that is said, case and punctuation and layout aside."""
    sources: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    """Each an action and its label."""
    has_thumbs: bool = False
    mentions: frozenset[str] = frozenset()
    """Who is called: names of people, or whatever else would be."""
    id: str = ""
    handle: Any = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A form that somebody is shown."""

    title: str
    fields: tuple[str, ...]
    handle: Any


class Face(Protocol):
    platform: Platform
    can: frozenset[Ability]
    channels: list[str]
    """The platform's ids of the places of this face, under which the bot keeps its rows."""

    async def open(self) -> None: ...

    async def say(
        self,
        who: str,
        text: str,
        *,
        where: str = DIRECT,
        thread: Sent | None = None,
        is_mention: bool = True,
        file: SentFile | None = None,
    ) -> Sent: ...

    async def edit(self, sent: Sent, text: str) -> None: ...

    async def delete(self, sent: Sent) -> None: ...

    async def vote(self, who: str, seen: Seen, value: int, *, by_reaction: bool = False) -> Asked | None:
        """1, -1, or 0 which takes back what the person said before."""
        ...

    async def press(self, who: str, seen: Seen, action: str) -> Asked | None: ...

    async def fill_in(self, who: str, asked: Asked, fields: Mapping[str, str]) -> None: ...

    async def command(self, who: str, words: str, *, where: str = DIRECT) -> None: ...

    async def look(self) -> list[Seen]: ...

    def leave(self, who: str, where: str) -> None: ...

    def person_id(self, who: str) -> str: ...


def read_words(text: str) -> str:
    """Words alone: marks of citations, references, hours, numbers of drafts and of parts are not what is said."""
    text = re.sub(r"\[\d+\]|\(\d\)|Reference [A-Z2-7]{8}\b|Part \d+ of \d+, the rest follows\.", " ", text)
    text = re.sub(r"\bDraft \d+", "Draft", text)
    text = re.sub(r"\b\d\d:\d\d\b", " HOUR ", text)
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def read_titles(lines: str) -> tuple[str, ...]:
    """Of `[1] VPN > Windows · updated 2026-05-01`, the document and its heading."""
    found = re.findall(r"^\W*\d+\W+(.*?)(?: \(p\. \d+\))? \u00b7 updated", lines, re.MULTILINE)
    return tuple(title.strip() for title in found)


def email_of(who: str, tag: str, platform: Platform) -> str:
    """Ada is one person everywhere, since settings name her; the others are other people on each platform."""
    return "ada@example.com" if who == "ada" else f"{who}.{tag.lower()}.{platform}@example.com"


async def list_ours(fetch: Fetch, channels: list[str], help_channel: str) -> set[str]:
    """Which messages in the one channel of people are about questions in these channels."""
    found = await fetch(
        """
        select outgoing.message_id from helpdesk.outgoing
        join helpdesk.question on question.key = outgoing.question_key
        where outgoing.channel = %s and question.channel = any (%s) and outgoing.message_id is not null
        """,
        [help_channel, channels],
    )
    return {message_id for (message_id,) in found}
