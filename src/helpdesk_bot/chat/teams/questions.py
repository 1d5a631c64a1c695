"""A message as a question: its words, who is mentioned in it, and the files that came with it."""

import html
import mimetypes
import re

from helpdesk_bot.chat.teams.heard import Ignored
from helpdesk_bot.chat.teams.payloads import Activity, Attachment, key_of
from helpdesk_bot.chat.teams.quotes import with_quotes
from helpdesk_bot.events import Addressed, Place, PlaceKind, Question, SharedFile

_FILE_TYPE = "application/vnd.microsoft.teams.file.download.info"

_QUOTED = re.compile(r"<quoted\b[^<>]*/>")
"""Where a quoted message stands in a text."""

_AT = re.compile(r"<at\b[^<>]*>([^<>]*)</at>")
"""How a mention stands in a text."""


def read_question(activity: Activity, place: Place, person_id: str) -> Question | Ignored:
    bot_id = activity.recipient.id if activity.recipient else ""
    if activity.sender and activity.sender.id == bot_id:
        return Ignored.OWN
    if activity.sender and activity.sender.is_bot:
        return Ignored.BOT
    if not activity.id:
        return Ignored.MALFORMED
    text, files = with_quotes(_words(activity, bot_id), activity, bot_id=bot_id), _files(activity)
    mentioned = {account_id for account_id, _ in activity.mentions()}
    is_for_us = bot_id in mentioned or (place.kind is PlaceKind.DIRECT and bool(activity.attachments))
    if not (text or files or is_for_us):
        return Ignored.EMPTY
    return Question(
        key=key_of(place, activity.id),
        place=place,
        person_id=person_id,
        message_id=activity.id,
        text=text,
        asked_at=activity.at,
        addressed=_addressed(place, is_mentioned=bot_id in mentioned),
        tags_people=bool(mentioned - {bot_id}),
        files=files,
    )


def _addressed(place: Place, *, is_mentioned: bool) -> Addressed:
    """What was neither said to the bot alone nor mentions it arrives only where a team consented to that (RSC)."""
    if place.kind is PlaceKind.DIRECT:
        return Addressed.DIRECT
    return Addressed.MENTION if is_mentioned else Addressed.OVERHEARD


def _words(activity: Activity, bot_id: str) -> str:
    """The text without the bot's mention, with other people's as `@name`.

    An entity may spell a mention in another way than the text does, or not at all.
    """
    text, is_bot_named = activity.text or "", True
    for account_id, words in activity.mentions():
        is_bot = account_id == bot_id
        if words and words in text:
            text = text.replace(words, " " if is_bot else f"@{_name_in(words)}")
        elif is_bot:
            is_bot_named = False
    if not is_bot_named:
        text = _AT.sub(" ", text, count=1)
    text = _AT.sub(lambda at: f"@{_name_in(at[0])}", text)
    return _QUOTED.sub("", text).replace("&nbsp;", " ").replace("\u00a0", " ").strip()


def _name_in(mention: str) -> str:
    return html.unescape(_AT.sub(r"\1", mention))


def _files(activity: Activity) -> tuple[SharedFile, ...]:
    return tuple(file for attachment in activity.attachments or () if (file := _file(attachment)) is not None)


def _file(attachment: Attachment) -> SharedFile | None:
    """A file or a pasted picture. A message's own HTML comes as an attachment too, and is none."""
    name = attachment.name or "file"
    match attachment.contentType, attachment.content:
        case str(kind), {"downloadUrl": str(url)} if kind == _FILE_TYPE:
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return SharedFile(id=url, name=name, media_type=media_type, size_bytes=0)
        case str(kind), _ if kind.startswith("image/") and attachment.contentUrl:
            return SharedFile(id=attachment.contentUrl, name=name, media_type=kind, size_bytes=0)
        case _:
            return None
