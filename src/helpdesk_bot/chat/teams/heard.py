"""What can be heard from Teams, and why an activity may be nothing for the help desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from helpdesk_bot.events import Click, Deletion, Edit, Place, Question, Submission, Vote


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
