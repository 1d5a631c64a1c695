"""Answers on sensitive matters wait for an approver: drafted where approvers are, decided once, late ones to people."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from psycopg import AsyncConnection

from helpdesk_bot.channels import ChannelSettings
from helpdesk_bot.desk import wording
from helpdesk_bot.desk.approvals import Approvals
from helpdesk_bot.desk.live import LiveReply
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.seen import Seen, value_of
from helpdesk_bot.desk.truth import Truth
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Action, Click, Decision, FormName, Outcome, Place, Question, Submission
from helpdesk_bot.messages import Button, Field, FieldKind, Form, Message, Notice, Reply, Style
from helpdesk_bot.records import Draft, DraftState, OpenQuestion, Outgoing, Planned
from helpdesk_bot.records.drafts import decide_draft, insert_draft
from helpdesk_bot.records.presses import take_press


class Drafting:
    def __init__(self, parts: Parts, *, approvals: Approvals, truth: Truth) -> None:
        self._parts = parts
        self._records = parts.records
        self._approvals = approvals
        self._truth = truth

    def live_reply(self, asked: OpenQuestion) -> LiveReply | None:
        """None where nothing may be shown before all is checked, or where it may be shown already."""
        return None if self._approvals.are_needed or asked.is_late else LiveReply(self._parts, asked)

    def must_wait(self, question: Question, decision: Decision, settings: ChannelSettings) -> bool:
        is_answer = decision.outcome is Outcome.ANSWERED and bool(decision.citations)
        return is_answer and (
            settings.draft or decision.needs_approval or self._approvals.is_sensitive(question, decision)
        )

    async def plan(self, asked: OpenQuestion, decision: Decision, reply: Reply) -> bool | None:
        """Store the draft, the approvers' notice and a word to the asker; None where no approver may read it."""
        question = asked.question
        place = self._approvals.find_place(question)
        if place is None or not await self._truth.may_be_said(reply, place, question.person_id):
            return None
        due_at = datetime.now(UTC) + timedelta(seconds=self._approvals.wait_s)

        async def keep(connection: AsyncConnection) -> None:
            await insert_draft(connection, question.key, reply, revision=asked.revision, due_at=due_at)

        planned = [
            Planned(place=place, message=_notice(asked, reply), marker=marker_of(question.key)),
            Planned(place=question.place, message=_waiting(reply)),
        ]
        return await self._records.plan(question.key, decision, planned, revision=asked.revision, and_then=keep)

    async def revise(self, question: Question, outgoing: Outgoing) -> Message:
        """The approvers' notice, without the answer where they may not read it any more."""
        draft = await self._records.find_draft(question.key)
        if draft is None or await self._truth.may_be_said(draft.reply, outgoing.place, question.person_id):
            return outgoing.message
        return Notice(text=wording.DRAFT_UNREADABLE, reference=wording.reference_of(question.key))

    async def click(self, click: Click) -> Form | Notice | None:
        seen = _read_seen(click.value)
        draft = await self._records.find_draft(seen.question_key)
        refusal = await self._refusal(draft, seen, click.place, click.person_id)
        await self._write_down(click.action, by=click.person_id, place=click.place, allowed=refusal is None)
        if refusal:
            return refusal
        assert draft is not None  # noqa: S101 -- refused above
        if click.action is Action.REVISE:
            return _revision_form(draft)
        state = DraftState.APPROVED if click.action is Action.APPROVE else DraftState.DECLINED
        return await self._take(seen, state, key=click.key, place=click.place, by=click.person_id)

    async def submit(self, submission: Submission) -> Notice | None:
        seen = _read_seen(submission.value)
        draft = await self._records.find_draft(seen.question_key)
        refusal = await self._refusal(draft, seen, submission.place, submission.person_id)
        await self._write_down(Action.REVISE, by=submission.person_id, place=submission.place, allowed=refusal is None)
        if refusal:
            return refusal
        text = submission.fields.get("text", "").strip()
        if not text:
            return Notice(text=wording.NOTHING_WRITTEN)
        return await self._take(
            seen,
            DraftState.APPROVED,
            key=submission.key,
            place=submission.place,
            by=submission.person_id,
            text=text,
        )

    async def carry_out(self, question_key: str) -> None:
        """Do what was decided about a draft. Safe to call again after dying at any point."""
        draft = await self._records.find_draft(question_key)
        question = await self._records.find_question(question_key)
        if draft is None or question is None or draft.state is DraftState.WAITING:
            return
        if draft.state is DraftState.APPROVED and await self._truth.may_be_said(
            draft.reply, question.place, question.person_id
        ):
            await self._say(question, draft.reply)
        else:
            await self._hand_on(question, draft)
        await self._close_notice(question, draft)

    async def look_after(self) -> None:
        """Hand on what waited too long."""
        for question_key in await self._records.list_due_drafts():
            await self._decide(Seen(question_key=question_key), DraftState.OVERDUE, key="", by="")

    async def _take(
        self, seen: Seen, state: DraftState, *, key: str, place: Place, by: str, text: str | None = None
    ) -> Notice | None:
        """An approver's decision; why it is none, where another or an edit came first meanwhile."""
        if await self._decide(seen, state, key=key, by=by, text=text):
            return None
        return await self._refusal(await self._records.find_draft(seen.question_key), seen, place, by)

    async def _decide(self, seen: Seen, state: DraftState, *, key: str, by: str, text: str | None = None) -> bool:
        """Write the decision down together with the job that carries it out: the first one counts, on what was seen."""
        question = await self._records.find_question(seen.question_key)
        if question is None:
            return False
        async with self._records.transaction() as connection:
            if not await take_press(connection, key):
                return False
            if not await decide_draft(connection, seen.question_key, state, by=by, revision=seen.revision, text=text):
                return False
            await self._parts.jobs.defer_press(
                connection,
                action=Action.APPROVE,
                value=seen.question_key,
                person_id=by,
                lock=f"conversation:{question.conversation_id}",
            )
        return True

    async def _say(self, question: Question, reply: Reply) -> None:
        async def revise(outgoing: Outgoing) -> Message:
            is_fit = await self._truth.may_be_said(reply, question.place, question.person_id)
            return outgoing.message if is_fit else wording.withdrawn(reply)

        await self._replace(f"reply:{question.key}", reply)
        if outgoing := await self._records.find_outgoing(f"reply:{question.key}"):
            await self._parts.delivery.say(outgoing, revise=revise)
        await self._records.change_outcome(question.key, reply.outcome)

    async def _hand_on(self, question: Question, draft: Draft) -> None:
        """A person answers instead."""
        standalone = await self._records.find_standalone(question.key) or ""
        decision = Decision(
            outcome=Outcome.ESCALATED,
            text="",
            standalone=standalone,
            tried=tuple(one.passage for one in draft.reply.citations),
            reason=f"draft {draft.state}",
        )
        reached = await self._parts.escalations.open_from_draft(question, decision)
        promise = self._parts.escalations.promise(question, reached=reached)
        reply = replace(_waiting(draft.reply), text=promise)
        await self._replace(f"reply:{question.key}", reply)
        if outgoing := await self._records.find_outgoing(f"reply:{question.key}"):
            await self._parts.delivery.say(outgoing)

    async def _close_notice(self, question: Question, draft: Draft) -> None:
        text = await self._decided(draft, question.place)
        await self._replace(marker_of(question.key), Notice(text=text, reference=wording.reference_of(question.key)))
        if outgoing := await self._records.find_outgoing(marker_of(question.key)):
            await self._parts.delivery.say(outgoing)

    async def _replace(self, marker: str, message: Message) -> None:
        outgoing = await self._records.find_outgoing(marker)
        if outgoing is not None and outgoing.message != message:
            await self._records.replan(outgoing.id, message)

    async def _decided(self, draft: Draft, place: Place) -> str:
        """What became of it, with the name of whoever decided."""
        name = "somebody"
        if draft.decided_by:
            with suppress(ChatError):
                name = (await self._parts.chats[place.platform].get_person(draft.decided_by)).name or name
        return wording.draft_decided(draft.state, name)

    async def _write_down(self, action: Action, *, by: str, place: Place, allowed: bool) -> None:
        await self._records.audit(
            platform=place.platform, person_id=by, action="draft", allowed=allowed, words=action.value
        )

    async def _refusal(self, draft: Draft | None, seen: Seen, place: Place, person_id: str) -> Notice | None:
        """Only where approvers are, by a colleague, and only while what they saw waits."""
        if self._approvals.channels.get(place.platform) != place.channel:
            return Notice(text=wording.NOT_AN_APPROVER)
        if not await self._is_approver(place, person_id):
            return Notice(text=wording.NOT_AN_APPROVER)
        if draft is None or draft.revision != seen.revision:
            return await self._changed(seen.question_key, draft, place)
        if draft.state is not DraftState.WAITING:
            return Notice(text=await self._decided(draft, place))
        return None

    async def _changed(self, question_key: str, draft: Draft | None, place: Place) -> Notice:
        """That what was seen is not what is asked any more; with what waits now, where approvers may read it."""
        question = await self._records.find_question(question_key)
        if question is None:
            return Notice(text=wording.GONE)
        waits = draft is not None and draft.state is DraftState.WAITING
        if draft is None or not waits or not await self._truth.may_be_said(draft.reply, place, question.person_id):
            return Notice(text=wording.DRAFT_CHANGED)
        return Notice(text=f"{wording.DRAFT_CHANGED} {wording.NEW_DRAFT}\n\n{_shown(question, draft.reply)}")

    async def _is_approver(self, place: Place, person_id: str) -> bool:
        """A colleague who is in the approvers' channel: a guest there, or somebody who looks in, approves nothing."""
        chat = self._parts.chats[place.platform]
        try:
            is_guest = (await chat.get_person(person_id)).is_guest
            readers = await chat.list_readers(place)
        except ChatError:
            return False
        return not is_guest and (readers is None or any(reader.id == person_id for reader in readers))


def _notice(asked: OpenQuestion, reply: Reply) -> Notice:
    value = value_of(asked.question.key, asked.revision)
    return Notice(
        text=_shown(asked.question, reply),
        reference=wording.reference_of(asked.question.key),
        buttons=(
            Button(action=Action.APPROVE, value=value, label="Send it", style=Style.PRIMARY),
            Button(action=Action.REVISE, value=value, label="Change it"),
            Button(action=Action.DECLINE, value=value, label="Don't send it", style=Style.DANGER),
        ),
    )


def _shown(question: Question, reply: Reply) -> str:
    titles = list(dict.fromkeys(one.passage.title for one in reply.citations))
    return wording.draft_for_approval(question.text, reply.text, titles)


def _read_seen(value: str) -> Seen:
    """A button from before November 30, 2026 names no revision: it counts where the question was never changed."""
    seen = Seen.read(value)
    return seen if seen.revision is not None else replace(seen, revision=0)


def marker_of(question_key: str) -> str:
    return f"draft:{question_key}"


def _waiting(reply: Reply) -> Reply:
    return replace(
        reply,
        outcome=Outcome.ESCALATED,
        text=wording.WAITS_FOR_APPROVAL,
        citations=(),
        note="",
        buttons=(),
        asks_feedback=False,
    )


def _revision_form(draft: Draft) -> Form:
    text = Field(name="text", label="What the asker will read", kind=FieldKind.TEXT, value=draft.reply.text)
    value = value_of(draft.question_key, draft.revision)
    return Form(name=FormName.REVISE, value=value, title="Change the answer", fields=(text,))
