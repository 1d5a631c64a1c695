"""Slack's own markup, as people's messages arrive in it."""

import html
import re

_TOKEN = re.compile(r"<([^<>\s][^<>\n]*)>")
_NAMED_ENTITIES = re.compile(r"&(?:amp|lt|gt);")


def mentions(text: str, user_id: str) -> bool:
    return re.search(rf"<@{re.escape(user_id)}(?:\|[^<>]*)?>", text) is not None


def to_plain_text(text: str, *, bot_user_id: str) -> str:
    """What the person meant to write: without the bot's mention, with names and links readable, without escapes.

    Lone surrogates become U+FFFD and NUL goes, since neither UTF-8 nor Postgres can hold them.
    """
    readable = _TOKEN.sub(lambda token: _to_words(token[1], bot_user_id), text)
    unescaped = _NAMED_ENTITIES.sub(lambda entity: html.unescape(entity[0]), readable)
    return to_storable(unescaped).strip()


def to_storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
