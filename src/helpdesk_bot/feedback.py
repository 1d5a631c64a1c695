"""Feedback: votes, why an answer did not help, and what follows from that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from helpdesk_bot import telemetry
from helpdesk_bot.errors import ChatError
from helpdesk_bot.escalation import Cause, Escalations
from helpdesk_bot.events import Action, Click, FormName, Place, Platform, Submission, Vote
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Notice
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Planned, Records
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.outgoing import insert_outgoing
from helpdesk_bot.records.reasons import GivenReason, Reasons
from helpdesk_bot.records.traces import Traces

log = structlog.get_logger()

THANKS_UP = "Thanks! It is kept with this answer, for whoever reviews my answers."
THANKS_DOWN = "Thanks, noted: it is kept with this answer, for whoever reviews my answers."
ALERTED = "Thank you. I am telling the admins now; reference {reference}."
NOT_ALERTED = "Thank you. I know of no admin to tell: please quote reference {reference} to one."
MAX_COMMENT = 1_000


class Reason(StrEnum):
    WRONG = "wrong"
    OUTDATED = "outdated"
    INCOMPLETE = "incomplete"
    NOT_ASKED = "not_asked"
    NOT_FOR_ME = "not_for_me"


LABELS: Mapping[Reason, str] = {
    Reason.WRONG: "It is wrong",
    Reason.OUTDATED: "It is outdated",
    Reason.INCOMPLETE: "Something is missing",
    Reason.NOT_ASKED: "It is not what I asked",
    Reason.NOT_FOR_ME: "I should not be able to see this",
}

ForgetCached = Callable[[Place, str], Awaitable[int]]
"""Takes what a message said out of the cache, by the message's place and id."""

ReferenceOf = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Opinions:
    """What people think of answers, and what is done about it. `reference_of` names a question key for admins."""

    records: Records
    reasons: Reasons
    traces: Traces
    cases: CaseRecords
    escalations: Escalations
    people: People
    chats: Mapping[Platform, Chat]
    jobs: Jobs
    reference_of: ReferenceOf
    forget_cached: ForgetCached | None = None

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        """Keep it; the newest counts. A thumbs-down asks why: by a form after a button, else by a note."""
        await self._count(vote)
        telemetry.VOTES.labels(vote.place.platform, str(vote.value)).inc()
        if vote.value == 0 or await self.reasons.find_question_key(vote.place, vote.message_id) is None:
            return None
        if vote.value == 1:
            return Notice(text=THANKS_UP) if vote.via == "button" else None
        if vote.via == "button":
            return reason_form(vote.message_id)
        button = Button(action=Action.REASON, value=vote.message_id, label="Tell me why")
        return Notice(text=THANKS_DOWN, buttons=(button,))

    async def click(self, click: Click) -> Form | Notice | None:
        """The button that asks for a reason."""
        if await self.reasons.find_question_key(click.place, click.value) is None:
            return Notice(text="I don't know that answer any more.")
        return reason_form(click.value)

    async def submit(self, submission: Submission) -> Notice | None:
        """A reason: it is a thumbs-down too. The same form sent again changes nothing."""
        message_id = submission.value
        question_key = await self.reasons.find_question_key(submission.place, message_id)
        try:
            reason = Reason(submission.fields.get("reason", ""))
        except ValueError:
            return Notice(text="Please choose a reason; nothing was kept.")
        if question_key is None:
            return Notice(text="I don't know that answer any more.")
        comment = submission.fields.get("comment", "").strip()[:MAX_COMMENT]
        await self._keep(submission, message_id, reason, comment)
        said = [await self._follow_up(submission, question_key, reason)]
        if submission.fields.get("person") == "yes":
            told = f"{LABELS[reason]}. {comment}".strip()
            notice = await self.escalations.ask_person(
                question_key,
                by=submission.person_id,
                place=submission.place,
                key=f"{submission.key}:person",
                cause=Cause.NOT_HELPFUL,
                comment=told,
            )
            said.append(notice.text)
        return Notice(text=" ".join(said))

    async def _count(self, vote: Vote) -> None:
        """What somebody thinks is wrong is not said to the next one unread."""
        await self.records.record_vote(vote)
        if vote.value == -1 and self.forget_cached is not None:
            await self.forget_cached(vote.place, vote.message_id)

    async def _keep(self, submission: Submission, message_id: str, reason: Reason, comment: str) -> None:
        vote = Vote(
            place=submission.place,
            person_id=submission.person_id,
            message_id=message_id,
            value=-1,
            at=submission.at,
            via="button",
        )
        given = GivenReason(person_id=submission.person_id, reason=reason, comment=comment, given_at=submission.at)
        await self._count(vote)
        await self.reasons.give_reason(submission.place, message_id, given)

    async def _follow_up(self, submission: Submission, question_key: str, reason: Reason) -> str:
        if reason is not Reason.NOT_FOR_ME:
            return THANKS_DOWN
        reference = self.reference_of(question_key)
        is_told = await self._alert(submission, question_key, reference)
        return (ALERTED if is_told else NOT_ALERTED).format(reference=reference)

    async def _alert(self, submission: Submission, question_key: str, reference: str) -> bool:
        """Tell admins at once, without a word of the answer: nobody there may read it. False for want of any."""
        log.error("answer shows what it should not", question_key=question_key, reference=reference)
        text = (
            f"Somebody says that an answer of mine shows what they should not be able to see. "
            f"Admins: `why {reference}` shows where it came from, and who may read it."
        )
        places = await self._places_to_alert(submission.place)
        async with self.cases.transaction() as connection:
            for place in places:
                marker = f"alert:{question_key}:{place.channel}"
                planned = Planned(place=place, message=Notice(text=text, reference=reference), marker=marker)
                await insert_outgoing(connection, question_key, planned)
            await self.jobs.defer_case(connection, question_key=question_key)
        return bool(places)

    async def _places_to_alert(self, asked_in: Place) -> list[Place]:
        """The direct chats of the admins who are known on the platform, and the people's channel."""
        chat = self.chats[asked_in.platform]
        places: list[Place] = []
        for person_id in await self.traces.list_known_admins(asked_in.platform):
            try:
                if await self.people.is_admin(asked_in.platform, person_id):
                    places.append(await chat.get_direct_place(person_id))
            except ChatError as error:
                log.warning("admin can't be told", person_id=person_id, error=str(error))
        from_plan = self.escalations.people_place(asked_in)
        return [*places, *([from_plan] if from_plan else [])]


def describe_reason(reason: str) -> str:
    """In the words of the form; one that another version knew stays as it is."""
    return next((label for known, label in LABELS.items() if known == reason), reason)


def reason_form(message_id: str) -> Form:
    fields = (
        Field(
            name="reason",
            label="What is the matter?",
            kind=FieldKind.CHOICE,
            choices=tuple(Choice(value=reason, label=label) for reason, label in LABELS.items()),
        ),
        Field(name="comment", label="In your words", kind=FieldKind.TEXT, is_required=False, max_chars=MAX_COMMENT),
        Field(
            name="person",
            label="Bring in a person?",
            kind=FieldKind.CHOICE,
            choices=(Choice(value="no", label="No"), Choice(value="yes", label="Yes, pass it on")),
            value="no",
        ),
    )
    return Form(name=FormName.REASON, value=message_id, title="What went wrong?", fields=fields)
