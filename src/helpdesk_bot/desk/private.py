"""What only the asker may read: offered without a word about it, shown to nobody else, shared if all may read it."""

from dataclasses import replace
from uuid import uuid4

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.desk import wording
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.seen import Seen, value_of
from helpdesk_bot.desk.truth import Truth
from helpdesk_bot.events import Action, Click, Decision, Outcome, PlaceKind, Question
from helpdesk_bot.messages import Button, Message, Notice, Reply
from helpdesk_bot.records import Outgoing, Planned
from helpdesk_bot.records.outgoing import forget_said
from helpdesk_bot.records.presses import take_press

ANSWERS_AT = 0.5
"""From this probability of evidence on an answer in private is offered."""
CLEARLY_BETTER = 0.15
"""By how much what the asker may read must be likelier to answer than what was said already."""


class PrivateAnswers:
    def __init__(self, parts: Parts, *, truth: Truth) -> None:
        self._parts = parts
        self._records = parts.records
        self._people = parts.people
        self._truth = truth

    async def with_what_is_hidden(self, question: Question, decision: Decision) -> Decision:
        """The decision with how many of the asker's own best passages the place may not read, and whether these would
        answer, or answer better.
        """
        if not decision.standalone or decision.outcome not in {Outcome.ANSWERED, Outcome.ESCALATED, Outcome.CLARIFIED}:
            return decision
        if question.place.kind is PlaceKind.DIRECT:
            return replace(decision, hidden=0)
        search = self._parts.search
        own = await self._people.audience_of_person(question.place.platform, question.person_id)
        of_place = decision.audience or await self._people.audience_of(question.place, question.person_id)
        settings = await self._parts.channels.get(question.place)
        if not await search.reads_more(own, than=of_place, sources=settings.sources):
            return replace(decision, hidden=0)
        alone = await self._parts.agent.look_ahead(decision.standalone, audience=own, sources=settings.sources)
        readable = await search.still_readable(alone.chunk_ids, of_place)
        was_said = decision.confidence if decision.outcome is Outcome.ANSWERED else 0.0
        return replace(
            decision,
            hidden=len(alone.chunk_ids) - len(readable),
            is_better_alone=alone.probability >= max(ANSWERS_AT, was_said + CLEARLY_BETTER),
        )

    async def click(self, click: Click) -> Notice | None:
        """Take the press in; the work is a job's."""
        seen = Seen.read(click.value)
        question = await self._records.find_question(seen.question_key)
        if question is None:
            return Notice(text=wording.GONE)
        if question.person_id != click.person_id:
            return Notice(text=wording.NOT_YOURS)
        if seen.revision is not None and seen.revision != await self._records.find_revision(question.key):
            return Notice(text=wording.SHARE_CHANGED)
        async with self._records.transaction() as connection:
            if await take_press(connection, click.key):
                if click.action is Action.PRIVATE_ANSWER:
                    await forget_said(connection, private_marker(question.key))
                await self._parts.jobs.defer_press(
                    connection,
                    action=click.action,
                    value=question.key,
                    person_id=click.person_id,
                    lock=f"conversation:{question.conversation_id}",
                )
        return Notice(text=wording.ON_ITS_WAY) if click.action is Action.PRIVATE_ANSWER else None

    async def answer(self, question_key: str, person_id: str) -> None:
        """Whisper the answer from what the asker may read, once for each press. Raises to be called again."""
        question = await self._records.find_question(question_key)
        revision = await self._records.find_revision(question_key)
        if question is None or revision is None:
            return
        marker = private_marker(question_key)
        if await self._records.find_outgoing(marker) is None:
            message = await self._compose(question, person_id, revision=revision)
            planned = message_in(question, message, marker, person_id)
            await self._records.plan_more(question_key, planned, revision=revision)
        await self._say(marker, person_id)

    async def share(self, question_key: str, person_id: str) -> None:
        """Post what was whispered where it was asked, if by now everybody there may read what it is from.

        A changed answer takes the place of the one that was shared before.
        """
        question = await self._records.find_question(question_key)
        whispered = await self._records.find_outgoing(private_marker(question_key))
        if question is None or whispered is None or not isinstance(whispered.message, Reply):
            return
        marker = f"shared:{question_key}"
        shared = await self._records.find_outgoing(marker)
        reply = replace(whispered.message, buttons=(), note=wording.SHARED)
        if shared is None or shared.message != reply:
            is_fit = await self._truth.may_be_said(reply, question.place, question.person_id)
            await self._records.audit(
                platform=question.place.platform, person_id=person_id, action="share", allowed=is_fit
            )
            if not is_fit:
                await self._refuse(question, person_id)
                return
            if shared is not None and shared.revision >= whispered.revision:
                await self._records.replan(shared.id, reply)
            else:
                planned = Planned(place=question.place, message=reply, marker=marker)
                await self._records.plan_more(question_key, planned, revision=whispered.revision)
        if not await self._say_shared(question, marker):
            await self._refuse(question, person_id)

    async def _compose(self, question: Question, person_id: str, *, revision: int) -> Message:
        standalone = await self._records.find_standalone(question.key) or question.text
        settings = await self._parts.channels.get(question.place)
        asked = Asked(
            question=standalone,
            question_key=question.key,
            conversation_id=f"private:{question.key}",
            audience=await self._people.audience_of_person(question.place.platform, person_id),
            deadline_s=self._parts.options.answer_deadline_s,
            sources=settings.sources,
        )
        decision = await self._parts.agent.decide(asked)
        if decision.outcome is not Outcome.ANSWERED:
            return Notice(text=wording.NOTHING_MORE)
        share = Button(
            action=Action.SHARE,
            value=value_of(question.key, revision),
            label=wording.SHARE_LABEL,
            confirm=wording.SHARE_CONFIRM,
        )
        return Reply(
            question_key=question.key,
            outcome=decision.outcome,
            text=decision.text,
            citations=decision.citations,
            reference=wording.reference_of(question.key),
            buttons=(share,),
            asks_feedback=False,
        )

    async def _say(self, marker: str, person_id: str) -> None:
        async def revise(outgoing: Outgoing) -> Message:
            message = outgoing.message
            if not isinstance(message, Reply):
                return message
            audience = await self._people.audience_of_person(outgoing.place.platform, person_id)
            return message if await self._truth.stands_for(message, audience) else wording.withdrawn(message)

        if outgoing := await self._records.find_outgoing(marker):
            await self._parts.delivery.say(outgoing, revise=revise)

    async def _say_shared(self, question: Question, marker: str) -> bool:
        """Rights are looked at once more right before it is posted: whether it still may be said then."""
        is_fit = True

        async def revise(outgoing: Outgoing) -> Message | None:
            nonlocal is_fit
            message = outgoing.message
            assert isinstance(message, Reply)  # noqa: S101 -- `share` plans nothing else under this marker
            is_fit = await self._truth.may_be_said(message, question.place, question.person_id)
            return message if is_fit else None

        if outgoing := await self._records.find_outgoing(marker):
            await self._parts.delivery.say(outgoing, revise=revise)
        return is_fit

    async def _refuse(self, question: Question, person_id: str) -> None:
        """Each time anew: who presses again has to hear it again."""
        chat = self._parts.chats[question.place.platform]
        notice = Notice(text=wording.NOT_FOR_HERE)
        await chat.whisper(question.place, person_id, notice, marker=f"not-shared:{question.key}:{uuid4().hex}")


def private_marker(question_key: str) -> str:
    return f"private:{question_key}"


def message_in(question: Question, message: Message, marker: str, person_id: str) -> Planned:
    return Planned(place=question.place, message=message, marker=marker, whisper_to=person_id)
