"""Messages: said, changed by their author, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from helpdesk_bot.chat.slack.forwarded import Attachments, iter_files, read_words
from helpdesk_bot.chat.slack.mrkdwn import mentions, tags_others
from helpdesk_bot.chat.slack.payloads.identifiers import (
    ChannelId,
    Timestamp,
    UserId,
    is_direct,
    message_key,
    place_of,
    to_time,
)
from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import Addressed, Deletion, Edit, Question, SharedFile

_SUBTYPES_BY_PEOPLE = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Every other subtype is news about a message (edited, deleted) or about a channel (joined, renamed)."""

_UNREADABLE_MODES = frozenset({"tombstone", "hidden_by_limit"})
"""Files that are gone, or beyond what a free workspace keeps."""


class _File(BaseModel):
    id: Annotated[str, Field(pattern=r"^F[A-Z0-9]{1,30}$")]
    name: str = ""
    mimetype: str = ""
    size: Annotated[int, Field(ge=0)] = 0
    mode: str = ""


def _only_objects(listed: object) -> list[object]:
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []  # pyright: ignore[reportUnknownVariableType]


Objects = Annotated[Attachments, BeforeValidator(_only_objects)]


class _Content(BaseModel):
    ts: Timestamp
    thread_ts: Timestamp | None = None
    subtype: str | None = None
    user: UserId | None = None
    bot_id: str | None = None
    text: str | None = None
    files: Objects = []
    attachments: Objects = []


class _Message(_Content):
    type: Literal["app_mention", "message"]
    channel: ChannelId


class _Edited(BaseModel):
    ts: Timestamp


class _Changed(_Content):
    edited: _Edited | None = None


class _Before(BaseModel):
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    thread_ts: Timestamp | None = None


class _Change(BaseModel):
    channel: ChannelId
    ts: Timestamp
    message: _Changed
    previous_message: _Before = _Before()


class _Removal(BaseModel):
    channel: ChannelId
    ts: Timestamp
    deleted_ts: Timestamp
    previous_message: _Before = _Before()


def read_message(event: object, bot: SlackBot) -> Question | Edit | Deletion | Ignored:
    """From an `app_mention` or a `message`, whatever its subtype."""
    match event:
        case {"type": "message", "subtype": "message_changed"}:
            return _read_change(_Change.model_validate(event), bot)
        case {"type": "message", "subtype": "message_deleted"}:
            return _read_removal(_Removal.model_validate(event), bot)
        case _:
            message = _Message.model_validate(event)
            is_mention = message.type == "app_mention"
            return _read_content(message, message.channel, bot, is_mention=is_mention)


def _read_content(message: _Content, channel: str, bot: SlackBot, *, is_mention: bool = False) -> Question | Ignored:
    text = message.text or ""
    author = _find_author(message, bot)
    if isinstance(author, Ignored):
        return author
    return Question(
        key=message_key(bot, channel, message.ts),
        place=place_of(bot, channel, message.thread_ts or message.ts),
        person_id=author,
        message_id=message.ts,
        text=read_words(text, message.attachments, bot_user_id=bot.user_id),
        asked_at=to_time(message.ts),
        addressed=_addressed(channel, is_mention=is_mention or mentions(text, bot.user_id)),
        tags_people=tags_others(text, bot.user_id),
        files=read_files(message.files, message.attachments),
    )


def _find_author(message: _Content, bot: SlackBot) -> str | Ignored:
    if message.user == bot.user_id or message.bot_id == bot.bot_id:
        return Ignored.OWN
    if message.bot_id or message.user == "USLACKBOT":
        return Ignored.BOT
    if message.subtype not in _SUBTYPES_BY_PEOPLE:
        return Ignored.SUBTYPE
    return Ignored.NO_USER if message.user is None else message.user


def _addressed(channel: str, *, is_mention: bool) -> Addressed:
    """A mention arrives as `app_mention`, and also as `message`, since the app listens to the whole channel."""
    if is_direct(channel):
        return Addressed.DIRECT
    return Addressed.MENTION if is_mention else Addressed.OVERHEARD


def read_files(files: Attachments, attachments: Attachments) -> tuple[SharedFile, ...]:
    """Those that can be read, as far as Slack tells of them; in a shared channel only the id may be there."""
    found: list[SharedFile] = []
    for raw in (*files, *iter_files(attachments)):
        known = {key: value for key, value in raw.items() if value is not None}
        try:
            file = _File.model_validate(known)
        except ValueError:
            continue
        if file.mode not in _UNREADABLE_MODES:
            shared = SharedFile(id=file.id, name=file.name, media_type=file.mimetype, size_bytes=file.size)
            found.append(shared)
    return tuple(found)


def _read_change(change: _Change, bot: SlackBot) -> Edit | Deletion | Ignored:
    """An edit by the author. A deleted message with a thread under it is told of as a change to a tombstone."""
    message, before = change.message, change.previous_message
    if message.subtype == "tombstone":
        return _to_deletion(change.channel, message.ts, before, bot, at=to_time(change.ts))
    question = _read_content(message, change.channel, bot)
    if isinstance(question, Ignored):
        return question
    if message.edited is None or message.text == before.text:
        return Ignored.UNCHANGED
    return Edit(question=question, edited_at=to_time(message.edited.ts))


def _read_removal(removal: _Removal, bot: SlackBot) -> Deletion | Ignored:
    at = to_time(removal.ts)
    return _to_deletion(removal.channel, removal.deleted_ts, removal.previous_message, bot, at=at)


def _to_deletion(channel: str, ts: str, before: _Before, bot: SlackBot, *, at: datetime) -> Deletion | Ignored:
    if before.user == bot.user_id or before.bot_id == bot.bot_id:
        return Ignored.OWN
    if before.bot_id:
        return Ignored.BOT
    place = place_of(bot, channel, before.thread_ts or ts)
    return Deletion(question_key=message_key(bot, channel, ts), place=place, message_id=ts, at=at)
