"""The front door of escalation: what the desk, the jobs and the presses of people ask of it."""

from dataclasses import replace

import structlog

from helpdesk_bot.errors import ChatError
from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.adding import Added, Adding
from helpdesk_bot.escalation.case import Actor, Case, CaseState, Cause, IllegalMove, Move
from helpdesk_bot.escalation.clock import Clock
from helpdesk_bot.escalation.members import Members
from helpdesk_bot.escalation.moves import Moves, Wish
from helpdesk_bot.escalation.opening import Opening
from helpdesk_bot.escalation.packets import Packets
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.escalation.plan import channel_of
from helpdesk_bot.escalation.pressing import Pressing
from helpdesk_bot.escalation.reopening import Reopening
from helpdesk_bot.escalation.unheard import Unheard
from helpdesk_bot.events import Click, Decision, Outcome, Place, Question, Submission
from helpdesk_bot.listening import says_enough
from helpdesk_bot.messages import Form, Message, Notice, Packet, Reply
from helpdesk_bot.records import Outgoing, OutgoingState, Planned
from helpdesk_bot.records.cases import Tried
from helpdesk_bot.records.outgoing import insert_outgoing
from knowledge.postgres import OUTAGES

log = structlog.get_logger()


class Escalations:
    """Cases from their opening to their end."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records = parts.records
        self._cases = parts.cases
        self._delivery = parts.delivery
        self._packets = Packets(parts)
        self._members = Members(parts)
        self._moves = Moves(parts)
        self._opening = Opening(parts, packets=self._packets)
        self._adding = Adding(parts, packets=self._packets, members=self._members)
        self._clock = Clock(parts, moves=self._moves)
        self._unheard = Unheard(parts, packets=self._packets)
        self._reopening = Reopening(parts, moves=self._moves, opening=self._opening, members=self._members)
        self._pressing = Pressing(
            parts,
            moves=self._moves,
            reopening=self._reopening,
            adding=self._adding,
            opening=self._opening,
            members=self._members,
            packets=self._packets,
        )

    # What the desk asks

    async def find_packet(self, question: Question, decision: Decision) -> Planned | None:
        """What the people's channel is told of an unsure decision; None where there is no such channel."""
        return await self._opening.find_packet(question, cause=Cause.UNSURE, tried=_tried(decision))

    async def find_addition(self, question: Question) -> Added | None:
        """What people are told of words that belong to a question they have; None for a matter of its own."""
        return await self._adding.find(question)

    def promise(self, question: Question, *, reached: bool) -> str:
        """What the asker can count on."""
        return self._opening.promise(question, reached=reached)

    def people_place(self, asked_in: Place) -> Place | None:
        """Where the people are on the platform of a place; None where there is no such channel."""
        return channel_of(self._parts.plan.team.channels, asked_in)

    async def open_from_draft(self, question: Question, decision: Decision) -> bool:
        """Make a case of a question whose drafted answer nobody approved; whether people were reached."""
        return await self.open_after_all(question, decision, key=f"draft:{question.key}")

    async def open_after_all(self, question: Question, decision: Decision, *, key: str, missing: str = "") -> bool:
        """Make a case of a question that was answered, once for each key; whether people were reached.

        `missing` is what people are asked for, where that is something else than an answer.
        """
        planned = await self._opening.find_packet(question, cause=Cause.UNSURE, tried=_tried(decision))
        if planned is None or not isinstance(planned.message, Packet):
            return False
        packet = replace(planned.message, missing=missing or planned.message.missing)
        await self._opening.open(question, replace(planned, message=packet), cause=Cause.UNSURE, by="", key=key)
        await self.carry_on(question.key)
        case, told = await self._moves.find(question.key), await self._records.find_outgoing(f"packet:{question.key}")
        is_open = case is not None and not case.is_over
        return is_open and told is not None and told.state is not OutgoingState.REFUSED

    async def person_spoke(self, question: Question) -> None:
        """A person wrote in a thread of ours. If they are one of those who help, that is their answer.

        A kind word after an answer is none: it would take the answer's place.
        """
        row = await self._cases.find_in_thread(question.place)
        case = await self._moves.find(row.question_key) if row else None
        if case is None or question.person_id == case.asked_by:
            return
        if case.state is CaseState.ANSWERED and says_enough(question.text):
            return
        actor = await self._members.actor(question.person_id, case, pressed_in=question.place)
        await self._move_quietly(case, Move.ANSWER, actor, key=f"spoke:{question.key}", answer=question.text)

    async def asker_spoke(self, question: Question) -> None:
        """Whoever asked wrote once more in a thread where the bot keeps silent."""
        await self._adding.tell_holder(question)

    async def question_withdrawn(self, question: Question) -> None:
        """Its author took it back: so is the case."""
        await self._withdraw(question, key=f"withdrawn:{question.key}")

    async def question_changed(self, question: Question, outcome: Outcome) -> None:
        """It was edited and answered anew: people are not needed any more, or see what it says now."""
        case = await self._moves.find(question.key)
        if case is None or case.is_over:
            return
        if outcome is Outcome.ANSWERED and not case.claimed_by:
            await self._withdraw(question, key=f"answered:{question.key}:{case.version}")
        else:
            await self._show(question, case)

    async def open_again(self, question: Question, decision: Decision, packet: Outgoing) -> None:
        """It needs people once more: its packet says why this time, and a case of it that had ended begins anew."""
        fresh = await self.find_packet(question, decision)
        if fresh is not None and packet.state is OutgoingState.SENT:
            await self._bring_up_to_date(packet, fresh.message)
        await self._reopening.open_again(question, by=question.person_id)

    async def click(self, click: Click) -> Form | Notice | None:
        return await self._pressing.click(click)

    async def submit(self, submission: Submission) -> Notice | None:
        return await self._pressing.submit(submission)

    async def ask_person(
        self, question_key: str, *, by: str, place: Place, key: str, cause: Cause, comment: str = ""
    ) -> Notice:
        """Bring in a person; what is given back is for whoever asked for it."""
        return await self._pressing.ask_person(question_key, by=by, place=place, key=key, cause=cause, comment=comment)

    # What jobs do

    async def carry_on(self, question_key: str) -> None:
        """Say what is to be said about a case and show it as it is. Safe at any time; raises to be called again."""
        question = await self._records.find_question(question_key)
        if question is not None:
            await self._reopening.release(question)
        for outgoing in await self._list_ours(question_key):
            await self._delivery.say(outgoing, revise=self._revise)
        case = await self._moves.find(question_key)
        if case is None:
            return
        if question is not None:
            if case.claimed_by and not case.is_over:
                await self._records.hush(question.place, rule="claimed")
            await self._say_if_unreached(question)
            await self._unheard.tell(question, case)
        await self._show(question, case)

    async def look_after(self) -> None:
        """Take the timers' steps that are due, make tickets, and finish what a job left behind."""
        await self._clock.look()
        for question_key in await self._clock.list_left_behind():
            try:
                await self.carry_on(question_key)
            except ChatError as error:
                log.warning("case waits for its platform", question_key=question_key, error=str(error))
            except OUTAGES:
                raise
            except Exception:
                log.exception("case is put off", question_key=question_key)
        if self._parts.tickets is not None:
            await self._parts.tickets.make_due(self._parts.now())

    async def _list_ours(self, question_key: str) -> list[Outgoing]:
        """Packets and notices. The reply is the desk's, and so is a packet's first posting with it."""
        being_answered = await self._records.find_open_question(question_key) is not None
        return [
            outgoing
            for outgoing in await self._records.list_outgoing(question_key)
            if isinstance(outgoing.message, Notice)
            or (isinstance(outgoing.message, Packet) and (outgoing.message_id or not being_answered))
        ]

    async def _revise(self, outgoing: Outgoing) -> Message:
        """A packet without what its channel may not read any more."""
        if isinstance(outgoing.message, Packet):
            return await self._packets.still_readable(outgoing.message, outgoing.place)
        return outgoing.message

    async def _show(self, question: Question | None, case: Case) -> None:
        """Bring the posted packets to where the case stands."""
        tickets = self._parts.tickets
        ticket = await tickets.find_link(case.question_key) if tickets else None
        for outgoing in await self._records.list_outgoing(case.question_key):
            if not isinstance(outgoing.message, Packet) or outgoing.state is not OutgoingState.SENT:
                continue
            platform = outgoing.place.platform
            shown = await self._packets.show(outgoing.message, case, question, on=platform, ticket=ticket)
            if shown != outgoing.message:
                await self._records.replan(outgoing.id, shown)
        for outgoing in await self._list_ours(case.question_key):
            if isinstance(outgoing.message, Packet):
                await self._delivery.say(outgoing, revise=self._revise)
        await self._cases.mark_shown(case.question_key, case.version)

    async def _bring_up_to_date(self, packet: Outgoing, fresh: Message) -> None:
        if isinstance(packet.message, Packet) and isinstance(fresh, Packet):
            shown = replace(packet.message, question=fresh.question, missing=fresh.missing, tried=fresh.tried)
            await self._records.replan(packet.id, shown)

    async def _say_if_unreached(self, question: Question) -> None:
        """Where the people's channel refused the packet after somebody asked for people, the asker hears of it."""
        packet = await self._records.find_outgoing(f"packet:{question.key}")
        reply = await self._records.find_outgoing(f"reply:{question.key}")
        if packet is None or packet.state is not OutgoingState.REFUSED:
            return
        if reply is not None and isinstance(reply.message, Reply) and reply.message.outcome is Outcome.ESCALATED:
            return
        notice = Notice(text=phrases.unreached(self._parts.help_contact), person_id=question.person_id)
        planned = Planned(place=question.place, message=notice, marker=f"unreached:{question.key}")
        async with self._cases.transaction() as connection:
            await insert_outgoing(connection, question.key, planned)
        outgoing = await self._records.find_outgoing(planned.marker)
        if outgoing is not None:
            await self._delivery.say(outgoing)

    async def _withdraw(self, question: Question, *, key: str) -> None:
        case = await self._moves.find(question.key)
        if case is not None:
            asker = Actor(person_id=case.asked_by, is_helper=False)
            await self._move_quietly(case, Move.WITHDRAW, asker, key=key)

    async def _move_quietly(self, case: Case, move: Move, actor: Actor, *, key: str, answer: str = "") -> None:
        """A move that nobody pressed a button for: where it is not allowed, nothing happens."""
        wish = Wish(question_key=case.question_key, key=key, move=move, by=actor, at=self._parts.now(), answer=answer)
        try:
            await self._moves.make(wish, news=lambda _: [])
        except IllegalMove as refused:
            log.info("case stays", question_key=case.question_key, move=move, reason=str(refused))


def _tried(decision: Decision) -> list[Tried]:
    return [Tried(chunk_id=passage.chunk_id, source=passage.source) for passage in decision.tried]
