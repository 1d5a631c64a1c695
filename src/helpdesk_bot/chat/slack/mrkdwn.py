"""Slack's own markup, as people's messages arrive in it."""

import html
import re

from knowledge.letters import storable

_TOKEN = re.compile(r"<([^<>\s][^<>\n]*)>")
_NAMED_ENTITIES = re.compile(r"&(?:amp|lt|gt);")


def mentions(text: str, user_id: str) -> bool:
    return re.search(rf"<@{re.escape(user_id)}(?:\|[^<>]*)?>", text) is not None


def tags_others(text: str, user_id: str) -> bool:
    """Whether a person other than this one, a group of people, or everybody is called."""
    return any(_is_call(token) and not mentions(f"<{token}>", user_id) for token in _TOKEN.findall(text))


def to_plain_text(text: str, *, bot_user_id: str) -> str:
    """What the person meant to write: without the bot's mention, with names and links readable, without escapes.

    Lone surrogates become U+FFFD and NUL goes, since neither UTF-8 nor Postgres can hold them.
    """
    readable = _TOKEN.sub(lambda token: _to_words(token[1], bot_user_id), text)
    unescaped = _NAMED_ENTITIES.sub(lambda entity: html.unescape(entity[0]), readable)
    return storable(unescaped).strip()


def to_words(text: str) -> tuple[str, ...]:
    """The words of a command. A person and a channel are their ids, whatever name comes with them."""
    named = _TOKEN.sub(lambda token: _to_id(token[1]), text)
    return tuple(to_plain_text(named, bot_user_id="").split())


def _is_call(token: str) -> bool:
    return token.startswith(("@", "!subteam^", "!here", "!channel", "!everyone"))


def _to_id(token: str) -> str:
    target = token.partition("|")[0]
    return target[1:] if target.startswith(("@", "#")) else f"<{token}>"


def _to_words(token: str, bot_user_id: str) -> str:
    """A person, a channel, a group, a date or a link, as `sigil id|label`."""
    target, _, label = token.partition("|")
    if target == f"@{bot_user_id}":
        return ""
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return _link_to_words(target.removeprefix("mailto:"), label)


def _link_to_words(address: str, label: str) -> str:
    if not label or label in address:
        return address
    return f"{label} ({address})"
