"""What is beside a message's own text: the message that somebody forwards with it, or all that an alert says.

Slack leaves the text of a forwarded message empty, but for a word of whoever forwards it, and puts what was forwarded
into an attachment with `is_share`. An attachment without it is a preview of a link, or what a bot says in place of a
text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk_bot.chat.slack.mrkdwn import to_plain_text

Attachments = list[Mapping[str, Any]]


def read_words(text: str, attachments: Attachments, *, bot_user_id: str) -> str:
    """A person's own words, with the forwarded ones quoted below; these alone where there are no others."""
    own = to_plain_text(text, bot_user_id=bot_user_id)
    beside = [one for one in attachments if one.get("is_share") or not own]
    forwarded = [words for one in beside if (words := to_plain_text(_text_of(one), bot_user_id=bot_user_id))]
    return "\n\n".join((own, *map(_quote, forwarded)) if own else forwarded)


def iter_files(attachments: Attachments) -> Iterator[Mapping[str, Any]]:
    """Those of forwarded messages, as Slack tells of them."""
    for one in attachments:
        files = one.get("files")
        if one.get("is_share") and isinstance(files, list):
            yield from (file for file in files if isinstance(file, Mapping))  # pyright: ignore[reportUnknownVariableType]


def _text_of(attachment: Mapping[str, Any]) -> str:
    found = attachment.get("text") or attachment.get("fallback")
    return found if isinstance(found, str) else ""


def _quote(words: str) -> str:
    return "\n".join(f"> {line}" for line in words.split("\n"))
