"""What Teams tells us goes to the desk, and Teams hears whether it was taken in, and what to show for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from helpdesk_bot.chat.teams import cards
from helpdesk_bot.chat.teams.chat import TeamsChat
from helpdesk_bot.chat.teams.heard import Arrival, Departure, FormWanted, Heard, Ignored, Opinion
from helpdesk_bot.chat.teams.messages import render_note
from helpdesk_bot.chat.teams.payloads import Activity, conversation_of, person_of
from helpdesk_bot.chat.teams.reading import parse, read
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import (
    Addressed,
    Click,
    Deletion,
    Edit,
    FormName,
    Place,
    PlaceKind,
    Question,
    Submission,
    Vote,
)
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Field, FieldKind, Form, Notice
from helpdesk_bot.ports import Desk

log = structlog.get_logger()

_TROUBLE = "I can't do that right now, and nothing was changed. Please try again in a minute."
_DONE = "Done."
_WROTE = "I wrote to you in our chat."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the request is answered with. 200 says: taken in, durably, or of no interest."""

    status: int = 200
    body: JsonObject | None = None


class Intake:
    """Reads an activity and gives it to the desk.

    `on_ignored` is told the reason for each activity that is nothing to the desk. Teams gives up after 15 seconds; so
    does the desk's turn, a little earlier (`take_within_s`).
    """

    def __init__(
        self, desk: Desk, *, chat: TeamsChat, on_ignored: Callable[[str], None], take_within_s: float = 12.0
    ) -> None:
        self._desk = desk
        self._chat = chat
        self._on_ignored = on_ignored
        self._take_within_s = take_within_s

    async def take(self, body: object) -> Answer:
        activity = parse(body)
        if isinstance(activity, Ignored):
            self._on_ignored(activity.value)
            return Answer(body={} if _is_invoke(body) else None)
        try:
            async with asyncio.timeout(self._take_within_s):
                return await self._take(activity)
        except Exception as error:  # noqa: BLE001 - the outermost handler of an activity
            log.warning("activity not taken in", platform="teams", type=activity.type, error=type(error).__name__)
            return Answer(body=_say(activity, _TROUBLE)) if activity.type == "invoke" else Answer(status=503)

    async def _take(self, activity: Activity) -> Answer:
        heard = read(activity)
        if heard is not Ignored.NO_PLACE:
            await self._meet(activity)
        if isinstance(heard, Ignored):
            self._on_ignored(heard.value)
            return Answer(body={} if activity.type == "invoke" else None)
        answer: JsonObject | None = None
        for event in heard:
            answer = await self._hand_over(activity, event) or answer
        return Answer(body=answer or ({} if activity.type == "invoke" else None))

    async def _meet(self, activity: Activity) -> None:
        """Keep how to reach the place and the person: each time, since they may have been forgotten meanwhile."""
        for met, keep in (
            (conversation_of(activity), self._chat.records.keep_conversation),
            (person_of(activity), self._chat.records.keep_person),
        ):
            if met is not None:
                await keep(met)  # pyright: ignore[reportArgumentType]

    async def _hand_over(self, activity: Activity, event: Heard) -> JsonObject | None:
        match event:
            case Question():
                if (question := await self._keep_private(activity, event)) is not None:
                    await self._desk.accept(question)
            case Edit():
                if (question := await self._keep_private(activity, event.question)) is not None:
                    await self._desk.take_edit(replace(event, question=question))
            case Deletion():
                await self._desk.take_deletion(event)
            case Vote():
                await self._vote(activity, event)
            case Opinion():
                await self._take_opinion(activity, event)
            case FormWanted():
                shown = await self._vote(activity, event.vote)
                return self._show_in_dialog(shown)
            case Click():
                return await self._reply(activity, event, await self._desk.click(event), key=event.key)
            case Submission():
                return await self._reply(activity, event, await self._desk.submit(event), key=event.key)
            case Arrival():
                await self._greet(event)
            case Departure():
                await self._leave(event.place)
        return None

    async def _keep_private(self, activity: Activity, question: Question) -> Question | None:
        """What only the bot sees in a conversation of several is answered in the personal chat, or not at all."""
        if not activity.is_targeted or question.place.kind is PlaceKind.DIRECT:
            return question
        try:
            direct = await self._chat.get_direct_place(question.person_id)
        except ChatRefused:
            self._on_ignored("targeted")
            return None
        return replace(question, place=direct, addressed=Addressed.DIRECT)

    async def _vote(self, activity: Activity, vote: Vote) -> Form | Notice | None:
        """A vote on any part of an answer is one on its first message; one on somebody else's message is none."""
        ours = await self._find_message(vote)
        if ours is None:
            self._on_ignored("not_our_message")
            return None
        counted = _on_message(vote, ours)
        shown = await self._desk.record_vote(counted)
        if isinstance(shown, Notice) and activity.name != "message/fetchTask":
            await self._whisper(vote.place, vote.person_id, shown, key=f"vote:{activity.id}")
        return shown

    async def _find_message(self, vote: Vote) -> str | None:
        """Teams names the message; its playground does not for the thumbs, which are under the newest one then."""
        if vote.message_id:
            return await self._chat.records.find_first_part(vote.place.channel, vote.message_id)
        return await self._chat.records.find_newest_part(vote.place.channel)

    async def _take_opinion(self, activity: Activity, opinion: Opinion) -> None:
        """The thumbs, and the reason beside them as if it had been given in the form that asks for it."""
        form = await self._vote(activity, opinion.vote)
        if not isinstance(form, Form) or form.name is not FormName.REASON:
            return
        fields = opinion.fields if opinion.fields is not None else _fill(form, opinion.words)
        if any(fields.values()):
            submission = Submission(
                key=f"{opinion.key}:reason",
                form=form.name,
                value=form.value,
                fields=fields,
                place=opinion.vote.place,
                person_id=opinion.vote.person_id,
                at=opinion.vote.at,
            )
            shown = await self._desk.submit(submission)
            if shown is not None:
                await self._whisper(submission.place, submission.person_id, shown, key=submission.key)

    async def _reply(
        self, activity: Activity, event: Click | Submission, shown: Form | Notice | None, *, key: str
    ) -> JsonObject | None:
        """Show it to whoever pressed: where they pressed, if Teams waits for that, else in their personal chat."""
        if isinstance(shown, Notice) and (shown.buttons or activity.type != "invoke"):
            is_told = await self._whisper(event.place, event.person_id, shown, key=key)
            return _say(activity, (_WROTE if shown.buttons else _DONE) if is_told else render_note(shown.text))
        if isinstance(shown, Form) and activity.type != "invoke":
            await self._chat.ask(event.place, event.person_id, shown, marker=f"form:{key}")
            return None
        if isinstance(shown, Form):
            return self._show_in_dialog(shown) if _is_dialog(activity) else _show_card(shown)
        return _say(activity, render_note(shown.text) if shown else _DONE)

    def _show_in_dialog(self, shown: Form | Notice | None) -> JsonObject:
        """learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots"""
        if isinstance(shown, Form):
            content = cards.attach(cards.form_card(shown, in_dialog=True))
            view: JsonObject = {"title": shown.title, "height": "medium", "width": "medium", "card": content}
            return {"task": {"type": "continue", "value": view}}
        return {"task": {"type": "message", "value": render_note(shown.text) if shown else _DONE}}

    async def _whisper(self, place: Place, person_id: str, notice: Notice, *, key: str) -> bool:
        """Whether it was said."""
        try:
            await self._chat.whisper(place, person_id, notice, marker=f"whisper:{key}")
        except ChatError as error:
            log.warning("nobody could be told", platform="teams", error=str(error))
            return False
        return True

    async def _greet(self, arrival: Arrival) -> None:
        greeting = await self._desk.greet(arrival.place, arrival.person_id)
        try:
            await self._chat.greet(arrival.place, greeting, marker=f"greeting:{arrival.key}")
        except ChatError as error:
            log.warning("no greeting", platform="teams", error=str(error))

    async def _leave(self, place: Place) -> None:
        await self._chat.records.forget_conversation(place.tenant, place.channel)


def _is_invoke(body: object) -> bool:
    return isinstance(body, dict) and body.get("type") == "invoke"


def _is_dialog(activity: Activity) -> bool:
    return activity.name in {"task/fetch", "task/submit"}


def _say(activity: Activity, text: str) -> JsonObject | None:
    """A line for whoever pressed, in the words of what Teams asked."""
    if activity.name == "adaptiveCard/action":
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}
    if _is_dialog(activity):
        return {"task": {"type": "message", "value": text}}
    return {} if activity.type == "invoke" else None


def _show_card(form: Form) -> JsonObject:
    """In place of the card that was pressed, for whoever pressed it."""
    return {"statusCode": 200, "type": cards.CARD_TYPE, "value": cards.form_card(form, in_dialog=False)}


def _fill(form: Form, words: str) -> dict[str, str]:
    """Teams' own form has one box: what is in it goes into our form's first one, and decides what must be chosen."""
    box = next((field.name for field in form.fields if field.kind in {FieldKind.TEXT, FieldKind.LINE}), None)
    if box is None or not words:
        return {}
    chosen = {field.name: field.value or _choose(field, words) for field in form.fields if field.choices}
    return {**chosen, box: words}


def _choose(field: Field, words: str) -> str:
    """What the words name, else the first choice."""
    named = (choice.value for choice in field.choices if choice.value.casefold() in words.casefold())
    return next(named, field.choices[0].value)


def _on_message(vote: Vote, message_id: str) -> Vote:
    return Vote(
        place=vote.place,
        person_id=vote.person_id,
        message_id=message_id,
        value=vote.value,
        at=vote.at,
        via=vote.via,
        takes_back=vote.takes_back,
    )
