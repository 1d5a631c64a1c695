"""Bringing in people: where a question goes, what they are shown, and what the asker can count on."""

from collections.abc import Sequence
from datetime import timedelta

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import CaseState, Cause
from helpdesk_bot.escalation.missing import describe_missing
from helpdesk_bot.escalation.packets import Packets, buttons_of
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.escalation.plan import Team, channel_of
from helpdesk_bot.escalation.urgency import find_urgency
from helpdesk_bot.events import PlaceKind, Question
from helpdesk_bot.messages import Packet
from helpdesk_bot.records import Planned
from helpdesk_bot.records.cases import CaseEvent, Tried
from helpdesk_bot.records.outgoing import insert_outgoing
from helpdesk_bot.records.presses import take_press

LATELY = timedelta(minutes=30)


class Opening:
    def __init__(self, parts: Parts, *, packets: Packets) -> None:
        self._parts = parts
        self._plan = parts.plan
        self._cases = parts.cases
        self._packets = packets

    def promise(self, question: Question, *, reached: bool) -> str:
        """What the asker can count on."""
        if not reached:
            return phrases.ask_instead(self._parts.help_contact)
        is_direct = question.place.kind is PlaceKind.DIRECT
        return phrases.passed_on(self._plan.hours, self._parts.now(), is_direct=is_direct)

    async def find_packet(
        self, question: Question, *, cause: Cause, tried: Sequence[Tried], comment: str = ""
    ) -> Planned | None:
        """What the people's channel is told, as far as that channel may read it; None where there is no channel."""
        team = self._plan.team_for(question, [one.source for one in tried])
        place = channel_of(team.channels, question.place)
        if place is None:
            return None
        readable = await self._packets.list_tried(place, question.person_id, [one.chunk_id for one in tried])
        missing = describe_missing(cause, question.text, readable)
        packet = Packet(
            question_key=question.key,
            question=phrases.quoted(question.text),
            asked_by=question.person_id,
            link=await self._packets.find_link(question),
            tried=readable,
            missing=" ".join(filter(None, (missing, comment))),
            urgency=await self._urgency(question),
            people_ids=await self.list_called(team, question),
            buttons=buttons_of(question.key, CaseState.OPEN),
        )
        return Planned(place=place, message=packet)

    async def open(self, question: Question, planned: Planned, *, cause: Cause, by: str, key: str) -> bool:
        """Open a case, with its packet and the job that posts it; False where there is one, or for a repeated press."""
        at = self._parts.now()
        async with self._cases.transaction() as connection:
            if not await take_press(connection, key):
                return False
            if not await self._cases.open(connection, question.key, cause=cause, at=at):
                return False
            await self._cases.add_event(connection, question.key, CaseEvent(at=at, move=cause, person_id=by))
            await insert_outgoing(connection, question.key, planned)
            await self._parts.jobs.defer_case(connection, question_key=question.key)
        return True

    async def _urgency(self, question: Question) -> str:
        asked = await self._cases.count_asked(question, since=self._parts.now() - LATELY)
        return find_urgency(question.text, asked_lately=asked)

    async def list_called(self, team: Team, question: Question) -> tuple[str, ...]:
        """The channel's own people, or who is on call. Nobody is called outside office hours."""
        now = self._parts.now()
        if not self._plan.hours.is_open(now):
            return ()
        if called := await self._parts.find_called(question.place):
            return called
        on_call = team.rota.on_call(now, platform=question.place.platform)
        return (on_call,) if on_call else ()
