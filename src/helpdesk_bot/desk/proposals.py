"""Changes by tools: shown whole, agreed to by the right person, made once, and told where they were asked for."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from psycopg import AsyncConnection

from helpdesk_bot import telemetry
from helpdesk_bot.desk import proposed, wording
from helpdesk_bot.desk.agreeing import Agreeing
from helpdesk_bot.desk.calling import Calling
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.truth import Truth
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Action, Click, Decision, Outcome, Proposal, Question, Turn
from helpdesk_bot.messages import Message, Notice, Reply
from helpdesk_bot.records import OpenQuestion, Outgoing, Planned, ProposalState, StoredProposal
from helpdesk_bot.records.audit import write_audit
from helpdesk_bot.records.conversations import get_conversation_id_in
from helpdesk_bot.records.presses import take_press
from helpdesk_bot.records.proposals import (
    ENDINGS,
    decide_proposal,
    expire_proposal,
    insert_proposal,
    new_proposal,
    repeat_proposal,
    take_left_behind,
    void_proposals,
)
from helpdesk_bot.tools.tool import ToolSpec

log = structlog.get_logger()

LEFT_BEHIND_AFTER = timedelta(minutes=2)
"""Longer than a job takes: what is not seen to by then has lost its job."""
_ACTIONS = frozenset({Action.AGREE, Action.REFUSE, Action.AGAIN})
_BEGUN = frozenset({ProposalState.AGREED, ProposalState.RUNNING})
_DECISIONS = {Action.AGREE: ProposalState.AGREED, Action.REFUSE: ProposalState.DECLINED}


class Proposing:
    def __init__(self, parts: Parts, *, truth: Truth) -> None:
        self._parts = parts
        self._records = parts.records
        self._truth = truth
        self._agreeing = Agreeing(parts)
        self._calling = Calling(tools=parts.tools, guard=parts.guard, records=parts.records, observe=parts.observe)

    async def find_objection(self, question: Question, proposal: Proposal) -> str:
        """Why it can't be proposed here; empty where it can."""
        tool = self._parts.tools.get(proposal.tool)
        if tool is None or not tool.spec.changes:
            return proposed.NO_SUCH_TOOL
        whole = _configured(proposal, tool.spec)
        if len(proposed.shown(whole.title, whole.arguments)) > proposed.MAX_SHOWN_CHARACTERS:
            return proposed.TOO_LONG
        return await self._agreeing.find_objection(question, proposal)

    async def plan(self, asked: OpenQuestion, decision: Decision, proposal: Proposal) -> bool:
        """Store the change with the reply that shows it, in no words but ours: all else is the configuration's."""
        question, spec = asked.question, self._parts.tools[proposal.tool].spec
        new = new_proposal(question, _configured(proposal, spec), due_at=self._due_at())

        async def keep(connection: AsyncConnection) -> None:
            await insert_proposal(connection, new, revision=asked.revision)

        reply = replace(await self._waiting_reply(new), citations=decision.citations)
        planned = [Planned(place=question.place, message=reply)]
        is_stored = await self._records.plan(question.key, decision, planned, revision=asked.revision, and_then=keep)
        if is_stored:
            telemetry.PROPOSALS.labels(proposal.tool, ProposalState.WAITING).inc()
        return is_stored

    async def revise(self, question: Question, outgoing: Outgoing) -> Message:
        """What is proposed from pages that may not be read here any more is not shown, and waits for nobody."""
        reply = outgoing.message
        if not isinstance(reply, Reply) or await self._truth.may_be_said(reply, question.place, question.person_id):
            return reply
        async with self._records.transaction() as connection:
            await void_proposals(connection, question.key)
        return wording.withdrawn(reply)

    async def click(self, click: Click) -> Notice | None:
        """Take the press in and write it down, whether it has an effect or not; what it asks for is a job's."""
        found = await self._records.find_proposal(click.value)
        refusal = await self._agreeing.find_refusal(click, found)
        async with self._records.transaction() as connection:
            if not await take_press(connection, click.key):
                return None
            is_taken = found is not None and not refusal and await self._take(connection, click, found)
            await _write_down(connection, click, found, allowed=not refusal)
        telemetry.PROPOSAL_PRESSES.labels(click.action, str(not refusal).lower()).inc()
        return Notice(text=refusal or (_TAKEN[click.action] if is_taken else proposed.TOO_LATE))

    async def carry_out(self, proposal_id: str) -> None:
        """Make what was agreed to, and say what became of it. Safe to call again after dying at any point."""
        found = await self._records.find_proposal(proposal_id)
        if found is not None and found.state in _BEGUN:
            await self._calling.make(found)
            found = await self._records.find_proposal(proposal_id)
        if found is None or found.state in {ProposalState.VOID, *_BEGUN}:
            return
        await self._remember(found)
        await self._tell(found)
        await self._records.mark_proposal_shown(found.id, found.state)

    async def tell_of_older(self, asked: OpenQuestion) -> None:
        """What was begun before the question was changed stays told, beside the new answer in its place."""
        if asked.revision:
            for older in await self._records.list_proposals(asked.question.key):
                await self._tell_beside(older)

    async def look_after(self) -> None:
        """End what nobody agreed to in time, and give a job to what has lost its own."""
        for due in await self._records.list_due_proposals():
            async with self._records.transaction() as connection:
                if await expire_proposal(connection, due.id):
                    telemetry.PROPOSALS.labels(due.tool, ProposalState.EXPIRED).inc()
                    await self._defer(connection, due, by="")
        async with self._records.transaction() as connection:
            for behind in await take_left_behind(connection, after=LEFT_BEHIND_AFTER):
                log.warning("change taken up again", proposal_id=behind.id, state=behind.state)
                await self._defer(connection, behind, by="")

    async def _take(self, connection: AsyncConnection, click: Click, found: StoredProposal) -> bool:
        """Whether the press was in time, and the first one."""
        if click.action is Action.AGAIN:
            anew = replace(found, id=uuid4().hex, state=ProposalState.WAITING, due_at=self._due_at())
            is_taken = await repeat_proposal(connection, found.id, new_id=anew.id, due_at=anew.due_at)
        else:
            anew = replace(found, state=_DECISIONS[click.action])
            is_taken = await decide_proposal(connection, anew.id, anew.state, by=click.person_id)
        if is_taken:
            telemetry.PROPOSALS.labels(anew.tool, anew.state).inc()
            await self._defer(connection, anew, by=click.person_id)
        return is_taken

    async def _defer(self, connection: AsyncConnection, proposal: StoredProposal, *, by: str) -> None:
        """In the order of the conversation's other work."""
        lock = f"conversation:{await get_conversation_id_in(connection, proposal.question_key)}"
        await self._parts.jobs.defer_press(connection, action=Action.AGREE, value=proposal.id, person_id=by, lock=lock)

    async def _remember(self, ended: StoredProposal) -> None:
        """The conversation goes on from what became of it."""
        if not (ended.is_current and ended.is_newest) or ended.state is ProposalState.WAITING:
            return
        understood = await self._records.find_standalone(ended.question_key) or ended.title
        turn = Turn(
            question_key=ended.question_key,
            question=understood,
            answer=proposed.turn_text(ended),
            outcome=Outcome.ANSWERED,
        )
        conversation_id = await self._records.get_conversation_id(ended.question_key)
        await self._parts.agent.remember([turn], conversation_id=conversation_id)

    async def _tell(self, found: StoredProposal) -> None:
        """Where it was proposed; beside that, if the question reads differently now."""
        if found.is_current and found.is_newest:
            await self._put_in_place(found, await self._reply(found))
        else:
            await self._tell_beside(found)

    async def _tell_beside(self, found: StoredProposal) -> None:
        if found.is_current or found.state not in ENDINGS:
            return
        reply, marker = await self._reply(found), f"proposal:{found.id}"
        notice = Notice(text=reply.text, reference=reply.reference)
        await self._records.plan_more(found.question_key, Planned(place=found.place, message=notice, marker=marker))
        await self._say(marker)

    async def _put_in_place(self, found: StoredProposal, reply: Reply) -> None:
        marker = f"reply:{found.question_key}"
        outgoing = await self._records.find_outgoing(marker)
        if outgoing is not None and outgoing.message != reply:
            await self._records.replan(outgoing.id, reply)
        await self._say(marker)
        if found.state in ENDINGS:
            await self._records.change_outcome(found.question_key, reply.outcome)

    async def _say(self, marker: str) -> None:
        if outgoing := await self._records.find_outgoing(marker):
            await self._parts.delivery.say(outgoing)

    async def _reply(self, found: StoredProposal) -> Reply:
        if found.state is ProposalState.WAITING:
            return await self._waiting_reply(found)
        promise = await self._bring_in_people(found) if found.state is ProposalState.UNCLEAR else ""
        reply = proposed.ended_reply(found, by=await self._name_of(found), promise=promise)
        if await self._truth.may_be_said(reply, found.place, found.asked_by):
            return reply
        return proposed.untold_reply(found, by=await self._name_of(found))

    async def _waiting_reply(self, waiting: StoredProposal) -> Reply:
        who = await self._agreeing.describe(waiting)
        return proposed.waiting_reply(waiting, who=who, wait_s=self._parts.options.proposal_wait_s)

    async def _bring_in_people(self, unclear: StoredProposal) -> str:
        """Somebody looks whether it was done; what the asker can count on."""
        question = await self._records.find_question(unclear.question_key)
        if question is None:
            return ""
        decision = Decision(outcome=Outcome.ESCALATED, text="", reason="a change that may have been made")
        missing = f"A change may have been made, or not: {unclear.title}. Please look. Its key is {unclear.id}."
        reached = await self._parts.escalations.open_after_all(
            question, decision, key=f"proposal:{unclear.id}", missing=missing
        )
        return self._parts.escalations.promise(question, reached=reached)

    async def _name_of(self, decided: StoredProposal) -> str:
        name = ""
        if decided.decided_by:
            with suppress(ChatError):
                name = (await self._parts.chats[decided.place.platform].get_person(decided.decided_by)).name
        return self._parts.guard.clean_title(name) or "Somebody"

    def _due_at(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._parts.options.proposal_wait_s)


def _configured(proposal: Proposal, spec: ToolSpec) -> Proposal:
    """With what the configuration says of it, fixed arguments last: a person agrees to them too."""
    arguments = {**proposal.arguments, **spec.fixed}
    return replace(proposal, title=spec.title, arguments=arguments, approvers=spec.approvers)


def is_proposal(message: Message) -> bool:
    return isinstance(message, Reply) and any(button.action in _ACTIONS for button in message.buttons)


_TAKEN = {Action.AGREE: proposed.ON_IT, Action.REFUSE: proposed.LEFT, Action.AGAIN: proposed.ASKED_AGAIN}


async def _write_down(
    connection: AsyncConnection, click: Click, found: StoredProposal | None, *, allowed: bool
) -> None:
    """With the digest of what was agreed to, so that the chain holds what it was."""
    about = f" {found.tool} {found.digest[:16]}" if found else ""
    await write_audit(
        connection,
        platform=click.place.platform,
        person_id=click.person_id,
        action="proposal",
        allowed=allowed,
        words=f"{click.action.value}{about}",
    )
