"""What an activity asks of the help desk.

`read` never raises, whatever the shape of an activity: what it does not know is `Ignored`, with a reason to count.
"""

import html
import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from helpdesk_bot.chat.teams.buttons import read_press
from helpdesk_bot.chat.teams.payloads import Activity, Attachment, FeedbackGiven, Invoked, place_of
from helpdesk_bot.chat.teams.quotes import with_quotes
from helpdesk_bot.events import (
    Addressed,
    Click,
    Deletion,
    Edit,
    Place,
    PlaceKind,
    Question,
    SharedFile,
    Submission,
    Vote,
)
from helpdesk_bot.json_object import JsonObject

FILE_TYPE = "application/vnd.microsoft.teams.file.download.info"

_REACTION_VALUES = {"like": 1, "yes": 1, "1f44d": 1, "heart": 1, "no": -1, "dislike": -1, "1f44e": -1}
"""Reactions by their first word: Teams adds skin tones and names (`yes-tone3`, `1f44e_thumbsdown`)."""

_UNDELETED = "undeleteMessage"
"""learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages"""

_QUOTED = re.compile(r"<quoted\b[^<>]*/>")
"""Where a quoted message stands in a text."""

_AT = re.compile(r"<at\b[^<>]*>([^<>]*)</at>")
"""How a mention stands in a text."""

_FEEDBACK_VALUES = {"like": 1, "dislike": -1}
_OBJECT = TypeAdapter(JsonObject)


class Ignored(StrEnum):
    """Why an activity is no event for the help desk."""

    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    OWN = "own"
    BOT = "bot"
    NO_SENDER = "no_sender"
    NO_PLACE = "no_place"
    EMPTY = "empty"
    OTHER_REACTION = "other_reaction"
    OTHER_BUTTON = "other_button"
    OTHER_MEMBER = "other_member"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """The bot came to a place, brought by this person. `key` names the coming: it may come again."""

    key: str
    place: Place
    person_id: str


@dataclass(frozen=True, kw_only=True)
class Departure:
    """The bot was removed from a place."""

    place: Place


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A press of the thumbs that Teams itself draws, with what was written beside it. `message_id` may be unknown."""

    vote: Vote
    words: str = ""
    fields: Mapping[str, str] | None = None
    """Of a form of ours that was filled in; None where Teams' own was."""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class FormWanted:
    """The thumbs were pressed, and Teams asks what form to show."""

    vote: Vote


Heard: TypeAlias = Question | Edit | Deletion | Vote | Click | Submission | Opinion | FormWanted | Arrival | Departure


def read(activity: Activity) -> tuple[Heard, ...] | Ignored:
    """What happened: several things only where several reactions came at once."""
    place = place_of(activity)
    if place is None:
        return Ignored.NO_PLACE
    if activity.sender is None:
        return Ignored.NO_SENDER
    reader = _READERS.get(activity.type)
    if reader is None:
        return Ignored.UNKNOWN
    try:
        return reader(activity, place, activity.sender.person_id)
    except ValidationError:
        return Ignored.MALFORMED


def parse(body: object) -> Activity | Ignored:
    try:
        return Activity.model_validate(body)
    except ValidationError:
        return Ignored.MALFORMED


def _read_message(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    if activity.value is not None and not (activity.text or "").strip():
        return _read_press(activity, place, person_id, activity.value)
    question = _question(activity, place, person_id)
    return (question,) if isinstance(question, Question) else question


def _read_edit(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    question = _question(activity, place, person_id)
    if not isinstance(question, Question):
        return question
    brings_back = activity.channelData is not None and activity.channelData.eventType == _UNDELETED
    return (Edit(question=question, edited_at=activity.at, brings_back=brings_back),)


def _read_deletion(activity: Activity, place: Place, _: str) -> tuple[Heard, ...] | Ignored:
    if not activity.id:
        return Ignored.MALFORMED
    key = _key(place, activity.id)
    return (Deletion(question_key=key, place=place, message_id=activity.id, at=activity.at),)


def _question(activity: Activity, place: Place, person_id: str) -> Question | Ignored:
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
        key=_key(place, activity.id),
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
        case str(kind), {"downloadUrl": str(url)} if kind == FILE_TYPE:
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return SharedFile(id=url, name=name, media_type=media_type, size_bytes=0)
        case str(kind), _ if kind.startswith("image/") and attachment.contentUrl:
            return SharedFile(id=attachment.contentUrl, name=name, media_type=kind, size_bytes=0)
        case _:
            return None


def _read_reactions(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    message_id = activity.replyToId
    if not message_id:
        return Ignored.MALFORMED

    def vote(value: int, *, is_removed: bool) -> Vote:
        return Vote(
            place=place,
            person_id=person_id,
            message_id=message_id,
            value=0 if is_removed else value,
            at=activity.at,
            via="reaction",
            takes_back=value if is_removed else None,
        )

    removed = [_reaction_value(reaction.type) for reaction in activity.reactionsRemoved or ()]
    added = [_reaction_value(reaction.type) for reaction in activity.reactionsAdded or ()]
    votes = [vote(value, is_removed=True) for value in removed if value]
    votes += [vote(value, is_removed=False) for value in added if value]
    return tuple(votes) or Ignored.OTHER_REACTION


def _reaction_value(name: str) -> int:
    return _REACTION_VALUES.get(name.casefold().replace("_", "-").partition("-")[0], 0)


def _read_invoke(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    match activity.name:
        case "adaptiveCard/action":
            return _read_press(activity, place, person_id, Invoked.model_validate(activity.value).action.get("data"))
        case "task/fetch" | "task/submit":
            return _read_press(activity, place, person_id, Invoked.model_validate(activity.value).data)
        case "message/submitAction":
            return _read_opinion(activity, place, person_id)
        case "message/fetchTask":
            return (FormWanted(vote=_vote_of(activity, place, person_id)),)
        case _:
            return Ignored.UNKNOWN


def _read_press(activity: Activity, place: Place, person_id: str, carried: object) -> tuple[Heard, ...] | Ignored:
    """A button of ours in a card, by whichever of the ways a button's words come back."""
    if not activity.id:
        return Ignored.MALFORMED
    press = read_press(carried)
    if press is None:
        return Ignored.OTHER_BUTTON
    if press.is_cancelled:
        return Ignored.CANCELLED
    key = f"{_key(place, activity.id)}:press"
    if press.form is not None:
        submission = Submission(
            key=key,
            form=press.form,
            value=press.value,
            fields=press.fields,
            place=place,
            person_id=person_id,
            at=activity.at,
        )
        return (submission,)
    if press.action is None:
        return Ignored.OTHER_BUTTON
    click = Click(
        key=key,
        action=press.action,
        value=press.value,
        place=place,
        person_id=person_id,
        message_id=activity.replyToId or "",
        at=activity.at,
    )
    return (click,)


def _read_opinion(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    given = FeedbackGiven.model_validate(activity.value).actionValue.feedback
    words, fields = _read_feedback(given)
    vote = _vote_of(activity, place, person_id)
    return (Opinion(vote=vote, words=words, fields=fields, key=_key(place, activity.id or "")),)


def _read_feedback(given: object) -> tuple[str, dict[str, str] | None]:
    """What was written: Teams' own form sends JSON in a string with `feedbackText`, its playground the bare words, a
    form of ours its fields.
    """
    answers = given
    if isinstance(given, str):
        try:
            answers = json.loads(given)
        except (ValueError, RecursionError):
            return given, None
    if not isinstance(answers, dict):
        return (given if isinstance(given, str) else ""), None
    filled = _OBJECT.validate_python(answers)
    if "feedbackText" in filled:
        return str(filled["feedbackText"] or ""), None
    press = read_press(filled)
    return "", dict(press.fields) if press is not None else {}


def _vote_of(activity: Activity, place: Place, person_id: str) -> Vote:
    reaction = FeedbackGiven.model_validate(activity.value).actionValue.reaction
    return Vote(
        place=place,
        person_id=person_id,
        message_id=activity.replyToId or "",
        value=_FEEDBACK_VALUES[reaction],
        at=activity.at,
        via="button",
    )


def _read_installation(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    match activity.action:
        case "add":
            return (Arrival(key=_key(place, activity.id or ""), place=place, person_id=person_id),)
        case "remove":
            return (Departure(place=place),)
        case _:
            return Ignored.UNKNOWN


def _read_members(activity: Activity, place: Place, _: str) -> tuple[Heard, ...] | Ignored:
    """An arrival is told by `installationUpdate` as well, and taken from there; this one only makes the place known."""
    bot_id = activity.recipient.id if activity.recipient else None
    if any(member.id == bot_id for member in activity.membersRemoved or ()):
        return (Departure(place=place),)
    return Ignored.OTHER_MEMBER


def _key(place: Place, message_id: str) -> str:
    return f"teams:{place.tenant}:{place.channel}:{message_id}"


_READERS: dict[str, Callable[[Activity, Place, str], tuple[Heard, ...] | Ignored]] = {
    "message": _read_message,
    "messageUpdate": _read_edit,
    "messageDelete": _read_deletion,
    "messageReaction": _read_reactions,
    "invoke": _read_invoke,
    "installationUpdate": _read_installation,
    "conversationUpdate": _read_members,
}
