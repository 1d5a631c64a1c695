"""What a command is: its words, who may use it, and what it answers."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from helpdesk_bot.events import Place
from helpdesk_bot.messages import Notice

_QUOTES = re.compile("[“”„«»]")
_DASHES = re.compile(r"(?<!\S)[\u2013\u2014](?=\w)")


class WrongUse(Exception):
    """A command was given words that it can't take; the message says what it takes, as Markdown."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One use of a command."""

    place: Place
    person_id: str
    is_admin: bool
    words: tuple[str, ...]
    """After the command's own."""
    key: str = ""
    """Of the message that it was said in; empty where the platform names none."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One line of help."""

    words: str
    meaning: str
    for_everyone: bool = False


class Command(Protocol):
    """A noun or verb with everything that can be done with it. Every use is safe to repeat."""

    @property
    def word(self) -> str: ...

    @property
    def usages(self) -> Sequence[Usage]: ...

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether these words, after the command's own, are meant for it and are not the start of a sentence."""
        ...

    def is_for_admins(self, words: tuple[str, ...]) -> bool: ...

    async def run(self, asked: Asked) -> str | Notice:
        """The answer as Markdown, or with a link of ours. Raises `WrongUse`."""
        ...


class ForAdmins:
    """What a command is that is for admins, whatever the words."""

    def is_for_admins(self, words: tuple[str, ...]) -> bool:  # noqa: ARG002 - the port's signature
        return True


def split_words(words: Sequence[str]) -> tuple[str, ...]:
    """As a shell would: quotes hold words together. Where they don't match they are letters.

    Quotes and two hyphens count also as phones and Macs write them: `“0 2 * * *”`, `—full`.
    """
    text = _DASHES.sub("--", _QUOTES.sub('"', " ".join(words)))
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""
    lexer.quotes = '"'
    try:
        return tuple(lexer)
    except ValueError:
        return tuple(text.split())


def age_of(moment: datetime) -> str:
    minutes = int((datetime.now(UTC) - moment).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2880 else f"{minutes // 1440} days ago"
