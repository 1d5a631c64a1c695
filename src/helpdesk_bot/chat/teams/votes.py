"""What people think of an answer: reactions, the thumbs that Teams draws, and what was written beside them."""

import json

from pydantic import TypeAdapter

from helpdesk_bot.chat.teams.buttons import read_press
from helpdesk_bot.chat.teams.heard import FormWanted, Heard, Ignored, Opinion
from helpdesk_bot.chat.teams.payloads import Activity, FeedbackGiven, key_of
from helpdesk_bot.events import Place, Vote
from helpdesk_bot.json_object import JsonObject

_REACTION_VALUES = {"like": 1, "yes": 1, "1f44d": 1, "heart": 1, "no": -1, "dislike": -1, "1f44e": -1}
"""Reactions by their first word: Teams adds skin tones and names (`yes-tone3`, `1f44e_thumbsdown`)."""

_FEEDBACK_VALUES = {"like": 1, "dislike": -1}
_OBJECT = TypeAdapter(JsonObject)


def read_reactions(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
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


def read_opinion(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    given = FeedbackGiven.model_validate(activity.value).actionValue.feedback
    words, fields = _read_feedback(given)
    vote = _vote_of(activity, place, person_id)
    return (Opinion(vote=vote, words=words, fields=fields, key=key_of(place, activity.id or "")),)


def read_form_wanted(activity: Activity, place: Place, person_id: str) -> tuple[Heard, ...] | Ignored:
    return (FormWanted(vote=_vote_of(activity, place, person_id)),)


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
