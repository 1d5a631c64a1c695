"""What an activity asks of the help desk.

`read` never raises, whatever the shape of an activity: what it does not know is `Ignored`, with a reason to count.
"""

from collections.abc import Callable

from pydantic import ValidationError

from helpdesk_bot.chat.teams.buttons import read_press
from helpdesk_bot.chat.teams.heard import Arrival, Departure, Heard, Ignored
from helpdesk_bot.chat.teams.payloads import Activity, Invoked, key_of, place_of
from helpdesk_bot.chat.teams.questions import read_question
from helpdesk_bot.chat.teams.votes import read_form_wanted, read_opinion, read_reactions
from helpdesk_bot.events import Click, Deletion, Edit, Place, Question, Submission

_UNDELETED = "undeleteMessage"
"""learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages"""


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
    question = read_question(activity, place, person_id)
    return (question,) if isinstance(question, Question) else question


def _read_edit(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    question = read_question(activity, place, person_id)
    if not isinstance(question, Question):
        return question
    brings_back = activity.channelData is not None and activity.channelData.eventType == _UNDELETED
    return (Edit(question=question, edited_at=activity.at, brings_back=brings_back),)


def _read_deletion(activity: Activity, place: Place, _: str) -> tuple[Heard, ...] | Ignored:
    if not activity.id:
        return Ignored.MALFORMED
    key = key_of(place, activity.id)
    return (Deletion(question_key=key, place=place, message_id=activity.id, at=activity.at),)


def _read_invoke(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    match activity.name:
        case "adaptiveCard/action":
            return _read_press(activity, place, person_id, Invoked.model_validate(activity.value).action.get("data"))
        case "task/fetch" | "task/submit":
            return _read_press(activity, place, person_id, Invoked.model_validate(activity.value).data)
        case "message/submitAction":
            return read_opinion(activity, place, person_id)
        case "message/fetchTask":
            return read_form_wanted(activity, place, person_id)
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
    key = f"{key_of(place, activity.id)}:press"
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


def _read_installation(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    match activity.action:
        case "add":
            return (Arrival(key=key_of(place, activity.id or ""), place=place, person_id=person_id),)
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


_READERS: dict[str, Callable[[Activity, Place, str], tuple[Heard, ...] | Ignored]] = {
    "message": _read_message,
    "messageUpdate": _read_edit,
    "messageDelete": _read_deletion,
    "messageReaction": read_reactions,
    "invoke": _read_invoke,
    "installationUpdate": _read_installation,
    "conversationUpdate": _read_members,
}
