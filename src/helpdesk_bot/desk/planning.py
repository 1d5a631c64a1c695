"""What is to be said about a question, stored with the intention to say it."""

from dataclasses import replace

import structlog

from helpdesk_bot.agent.phrases import ASK_WHAT, OF_COURSE, OVER_BUDGET
from helpdesk_bot.delivery import Milestone
from helpdesk_bot.desk import wording
from helpdesk_bot.desk.deciding import Deciding, payer_of
from helpdesk_bot.desk.drafts import Drafting
from helpdesk_bot.desk.live import LiveReply
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.private import PrivateAnswers
from helpdesk_bot.desk.proposals import Proposing
from helpdesk_bot.desk.truth import asked_about
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.escalation.case import Cause
from helpdesk_bot.events import (
    Action,
    Addressed,
    AdminCommand,
    Decision,
    Outcome,
    Place,
    PlaceKind,
    Platform,
    Proposal,
    Question,
)
from helpdesk_bot.messages import Button, Link, Notice, Reply
from helpdesk_bot.records import OpenQuestion, Planned, Verdict

log = structlog.get_logger()

_TAKEN_OVER = frozenset({"taken over", "tagged", "stopped"})
"""Why a thread is the people's own, in the words of `hearing`."""

_CAN_ASK_PERSON = frozenset({Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.DECLINED})


class Planning:
    def __init__(
        self, parts: Parts, *, deciding: Deciding, private: PrivateAnswers, drafting: Drafting, proposing: Proposing
    ) -> None:
        self._records = parts.records
        self._chats = parts.chats
        self._channels = parts.channels
        self._escalations = parts.escalations
        self._commands = parts.commands
        self._find_pause = parts.find_pause
        self._is_command_of = parts.is_command
        self._is_nearly_used = parts.is_nearly_used
        self._observe = parts.observe
        self._deciding = deciding
        self._private = private
        self._drafting = drafting
        self._proposing = proposing

    async def plan(self, asked: OpenQuestion, live: LiveReply | None = None) -> bool:
        """Whether there is something to say: not where the bot keeps silent, nor where the question changed again."""
        question = asked.question
        if silence := await self._find_silence(asked):
            await self._records.leave_alone(question.key, silence)
            return False
        if self._is_command(question):
            return await self._plan_command(asked)
        if await self._find_pause(question.place):
            return await self._store(asked, None, [_plain(question, wording.PAUSED)])
        decision = await self._private.with_what_is_hidden(question, await self._deciding.decide(question, live))
        is_idle = _is_idle(question, decision)
        silence = Verdict(speaks=False, rule="nothing to say") if is_idle else await self._find_take_over(asked)
        if silence:
            await self._records.leave_alone(question.key, silence)
            return False
        return await self._plan_decision(asked, decision)

    async def _plan_decision(self, asked: OpenQuestion, decision: Decision) -> bool:
        if decision.proposal is not None:
            return await self._plan_proposal(asked, decision, decision.proposal)
        if self._drafting.must_wait(asked.question, decision, await self._channels.get(asked.question.place)):
            return await self._plan_draft(asked, decision)
        return await self._store(asked, decision, await self._messages(asked.question, decision))

    async def _plan_draft(self, asked: OpenQuestion, decision: Decision) -> bool:
        """An answer that waits for an approver; where no approver may read it, people are asked instead."""
        reply = await self._reply(asked.question, decision, reached=False)
        is_stored = await self._drafting.plan(asked, decision, reply)
        if is_stored is not None:
            self._observe(asked.question.key, Milestone.PLANNED)
            return is_stored
        unsaid = replace(decision, outcome=Outcome.ESCALATED, text="", citations=(), reason="sensitive, no approver")
        return await self._store(asked, unsaid, await self._messages(asked.question, unsaid))

    async def _plan_proposal(self, asked: OpenQuestion, decision: Decision, proposal: Proposal) -> bool:
        """A change that waits for a person's word; where nobody could give it, people are asked instead."""
        if objection := await self._proposing.find_objection(asked.question, proposal):
            unsaid = replace(
                decision, outcome=Outcome.ESCALATED, text=objection, citations=(), reason="can't be proposed here"
            )
            return await self._store(asked, unsaid, await self._messages(asked.question, unsaid))
        is_stored = await self._proposing.plan(asked, decision, proposal)
        if is_stored:
            self._observe(asked.question.key, Milestone.PLANNED)
        return is_stored

    async def _messages(self, question: Question, decision: Decision) -> list[Planned]:
        """The packet, where people are to be brought in and none was sent before, and the reply."""
        if passed_on := await self._pass_on_earlier(question, decision) or await self._add_to_case(question, decision):
            return passed_on
        packet, reached = None, False
        if decision.outcome is Outcome.ESCALATED:
            before = await self._records.find_outgoing(f"packet:{question.key}")
            packet = None if before else await self._escalations.find_packet(question, decision)
            if before is not None:
                await self._escalations.open_again(question, decision, before)
            reached = packet is not None or before is not None
        reply = await self._reply(question, decision, reached=reached)
        return [*([packet] if packet else []), Planned(place=question.place, message=reply)]

    async def _pass_on_earlier(self, question: Question, decision: Decision) -> list[Planned]:
        """Who asks for a person, and says nothing about what, means the question before: people get that one."""
        is_asked_for = decision.outcome is Outcome.ESCALATED and decision.text.startswith(OF_COURSE)
        if not is_asked_for or decision.standalone in {"", question.text}:
            return []
        earlier = await self._records.find_earlier(question, standalone=decision.standalone)
        if earlier is None:
            return []
        notice = await self._escalations.ask_person(
            earlier, by=question.person_id, place=question.place, key=f"person:{question.key}", cause=Cause.ASKED
        )
        reply = await self._reply(question, decision, reached=True)
        said = replace(reply, text=f"{OF_COURSE} {notice.text}", asks_feedback=False)
        return [Planned(place=question.place, message=said)]

    async def _add_to_case(self, question: Question, decision: Decision) -> list[Planned]:
        """What has no answer and belongs to a question that people have is told to them: it is no second case."""
        is_vague = decision.outcome is Outcome.CLARIFIED and decision.text.startswith(ASK_WHAT)
        if not (is_vague or decision.outcome is Outcome.ESCALATED) or decision.proposal is not None:
            return []
        if await self._records.find_outgoing(f"packet:{question.key}") is not None:
            return []
        added = await self._escalations.find_addition(question)
        if added is None:
            return []
        passed_on = replace(decision, outcome=Outcome.ESCALATED, text="")
        reply = await self._reply(question, passed_on, reached=True)
        said = replace(reply, text=added.promise, asks_feedback=False)
        return [added.planned, Planned(place=question.place, message=said)]

    async def _reply(self, question: Question, decision: Decision, *, reached: bool) -> Reply:
        is_unsure = decision.outcome is Outcome.ESCALATED
        promise = self._escalations.promise(question, reached=reached) if is_unsure else ""
        is_nearly_used = not decision.is_over_budget and await self._is_nearly_used(payer_of(question))
        return Reply(
            question_key=question.key,
            outcome=decision.outcome,
            text="\n\n".join(filter(None, (decision.text, promise))),
            citations=decision.citations,
            asks_about=asked_about(decision),
            reference="" if _is_small_talk(decision) else wording.reference_of(question.key),
            note=_note(decision, is_nearly_used=is_nearly_used),
            buttons=_buttons(question, decision),
            asks_feedback=bool(decision.tried),
        )

    async def _store(self, asked: OpenQuestion, decision: Decision | None, planned: list[Planned]) -> bool:
        is_stored = await self._records.plan(asked.question.key, decision, planned, revision=asked.revision)
        if is_stored:
            self._observe(asked.question.key, Milestone.PLANNED)
        return is_stored

    async def _find_silence(self, asked: OpenQuestion) -> Verdict | None:
        """Why to keep silent after all, where nobody asked the bot and it said nothing yet."""
        question = asked.question
        if question.addressed is not Addressed.OVERHEARD or await self._records.list_outgoing(question.key):
            return None
        if take_over := await self._find_take_over(asked):
            return take_over
        if await self._find_pause(question.place):
            return Verdict(speaks=False, rule="paused")
        settings = await self._channels.get(question.place)
        if settings.unasked_in_shared:
            return None
        is_shared = await self._chats[question.place.platform].is_shared(question.place)
        return Verdict(speaks=False, rule="shared channel") if is_shared else None

    async def _find_take_over(self, asked: OpenQuestion) -> Verdict | None:
        """Where nobody asked the bot, and people went on among themselves before it said anything."""
        question = asked.question
        if question.addressed is not Addressed.OVERHEARD or await self._records.list_outgoing(question.key):
            return None
        thread = await self._records.find_thread(question.place)
        if thread is None or thread.hushed_by not in _TAKEN_OVER:
            return None
        return Verdict(speaks=False, rule=thread.hushed_by)

    def _is_command(self, question: Question) -> bool:
        """The words of one, said to the bot. Slack has `/helpdesk` besides, but not in threads."""
        is_said_to_us = question.addressed is not Addressed.OVERHEARD
        return is_said_to_us and self._is_command_of(tuple(question.text.split()))

    async def _plan_command(self, asked: OpenQuestion) -> bool:
        """Its answer is for its author only."""
        question = asked.question
        command = AdminCommand(
            place=question.place,
            person_id=question.person_id,
            words=tuple(question.text.split()),
            at=question.asked_at,
            key=question.key,
        )
        place = await self._find_private_place(question)
        if place is None:
            return await self._store(asked, None, [_plain(question, wording.UNREACHABLE)])
        told = await self._commands.run(command)
        planned = _plain(question, told.text, place=place, link=told.link, is_kept=False)
        if question.place.platform is Platform.SLACK and place != question.place:
            planned = replace(planned, place=question.place, whisper_to=question.person_id)
        if await self._store(asked, None, [planned]):
            return True
        if await self._records.find_question(question.key) is None:
            await self._say_unwritten(question, place, told)
        return False

    async def _find_private_place(self, question: Question) -> Place | None:
        """Where its author alone reads it; None where the platform lets the bot write to them nowhere."""
        if question.place.kind is PlaceKind.DIRECT:
            return question.place
        try:
            return await self._chats[question.place.platform].get_direct_place(question.person_id)
        except ChatRefused:
            return None

    async def _say_unwritten(self, question: Question, place: Place, told: Notice) -> None:
        """The command had everything of its author erased, itself too: its answer is said once and kept nowhere."""
        try:
            await self._chats[place.platform].post(place, told, marker=f"erased:{question.key}")
        except ChatError as error:
            log.warning("nobody could be told", platform=place.platform, error=type(error).__name__)


def _plain(
    question: Question, text: str, *, place: Place | None = None, link: Link | None = None, is_kept: bool = True
) -> Planned:
    reply = Reply(
        question_key=question.key, outcome=Outcome.ANSWERED, text=text, asks_feedback=False, link=link, is_kept=is_kept
    )
    return Planned(place=place or question.place, message=reply)


def _is_idle(question: Question, decision: Decision) -> bool:
    """Unasked, nobody wants to hear a greeting or that something is out of scope."""
    is_idle = _is_small_talk(decision) or decision.outcome is Outcome.DECLINED
    return question.addressed is Addressed.OVERHEARD and is_idle


def _is_small_talk(decision: Decision) -> bool:
    return decision.outcome is Outcome.ANSWERED and not decision.citations


def _note(decision: Decision, *, is_nearly_used: bool) -> str:
    quotes = decision.is_over_budget and decision.outcome is Outcome.ANSWERED
    notes = {OVER_BUDGET: quotes, wording.NEARLY_USED: is_nearly_used, wording.OFFER: decision.is_better_alone}
    return " ".join(note for note, is_said in notes.items() if is_said)


def _buttons(question: Question, decision: Decision) -> tuple[Button, ...]:
    buttons: list[Button] = []
    if decision.is_better_alone:
        buttons.append(Button(action=Action.PRIVATE_ANSWER, value=question.key, label=wording.OFFER_LABEL))
    if decision.outcome in _CAN_ASK_PERSON and decision.tried:
        buttons.append(Button(action=Action.ASK_PERSON, value=question.key, label=wording.ASK_PERSON_LABEL))
    return tuple(buttons)
