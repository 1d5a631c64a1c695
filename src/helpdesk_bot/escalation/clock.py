"""The timers of cases: due rows are looked at one by one, each by one worker, whatever the number of workers."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import Case
from helpdesk_bot.escalation.moves import Moves, case_of
from helpdesk_bot.escalation.packets import thread_under
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.escalation.plan import Team, channel_of
from helpdesk_bot.escalation.timers import TimerStep
from helpdesk_bot.events import Question
from helpdesk_bot.messages import Notice, Packet
from helpdesk_bot.records import Outgoing, OutgoingState, Planned
from helpdesk_bot.records.cases import CaseEvent, LockedCase
from knowledge.postgres import OUTAGES

log = structlog.get_logger()

AT_ONCE = 50
"""Cases that one look takes."""
SETTLED_AFTER = timedelta(seconds=60)
"""How long after its last step a case's own job is left to itself."""
UNPOSTED_AGAIN = timedelta(seconds=30)
"""When a case is looked at again whose packet is not posted yet."""
TROUBLED_AGAIN = timedelta(minutes=10)
"""When a case is looked at again that made trouble."""


class Clock:
    def __init__(self, parts: Parts, *, moves: Moves) -> None:
        self._parts = parts
        self._cases = parts.cases
        self._records = parts.records
        self._plan = parts.plan
        self._moves = moves

    async def look(self) -> int:
        """Take every step that is due; how many cases were looked at. One that can't be looked at holds up no other."""
        for looked_at in range(AT_ONCE):
            async with self._cases.locked_due(self._parts.now()) as locked:
                if locked is None:
                    return looked_at
                try:
                    async with locked.connection.transaction():
                        await self._look_at(locked)
                except OUTAGES:
                    raise
                except Exception:
                    log.exception("case is put off", question_key=locked.row.question_key)
                    await locked.look_again(self._parts.now() + TROUBLED_AGAIN)
        return AT_ONCE

    async def list_left_behind(self) -> list[str]:
        """Keys of cases whose job gave up before all was said or shown."""
        stale = await self._cases.list_stale(older_than=SETTLED_AFTER, limit=AT_ONCE)
        unsaid = await self._cases.list_unsaid(older_than=SETTLED_AFTER, limit=AT_ONCE)
        return list(dict.fromkeys((*stale, *unsaid)))

    async def _look_at(self, locked: LockedCase) -> None:
        case, now = case_of(locked.row), self._parts.now()
        if self._parts.tickets is not None and not case.is_over:
            await self._parts.tickets.records.plan_ticket(locked.connection, case.question_key)
        step = self._plan.timer.next_step(case, now)
        if step is None:
            await locked.look_again(self._plan.timer.next_due(case))
            return
        question = await self._records.find_question(case.question_key)
        packet = await self._records.find_outgoing(f"packet:{case.question_key}")
        if question is None or packet is None or packet.state is OutgoingState.REFUSED:
            await locked.look_again(None)
            return
        if packet.message_id is None:
            await locked.look_again(now + UNPOSTED_AGAIN)
            return
        after = replace(case, steps_done=case.steps_done + 1)
        event = CaseEvent(at=now, move=step)
        await self._moves.write(locked, after, event, news=self._news(step, question, case, packet, now))
        log.info("case step", question_key=case.question_key, step=step)

    def _news(self, step: TimerStep, question: Question, case: Case, packet: Outgoing, now: datetime) -> list[Planned]:
        waited = int((now - case.opened_at).total_seconds() // 60)
        marker = f"{step}:{case.question_key}:{case.version}"
        team = self._plan.team_in(packet.place, question.place)
        match step:
            case TimerStep.REMIND:
                notice = Notice(
                    text=phrases.reminder(waited), person_id=team.rota.on_call(now, platform=question.place.platform)
                )
                return [Planned(place=thread_under(packet), message=notice, marker=marker)]
            case TimerStep.CALL_NEXT:
                called = team.rota.on_call(now, platform=question.place.platform, then=1)
                notice = Notice(text=phrases.next_person(waited), person_id=called)
                news = [Planned(place=thread_under(packet), message=notice, marker=marker)] if called else []
                return [*news, *self._second_packet(team, question, packet)]
            case TimerStep.NUDGE_HOLDER:
                notice = Notice(text=phrases.STILL_WAITING, person_id=case.claimed_by)
                return [Planned(place=thread_under(packet), message=notice, marker=marker)]
            case TimerStep.TELL_ASKER:
                notice = Notice(text=phrases.nobody_yet(self._parts.help_contact), person_id=question.person_id)
                return [Planned(place=question.place, message=notice, marker=marker)]

    def _second_packet(self, team: Team, question: Question, packet: Outgoing) -> list[Planned]:
        """What is shown of it is looked at again right before it is posted: another channel reads other pages."""
        place = channel_of(team.second_channels, question.place)
        if place is None or not isinstance(packet.message, Packet):
            return []
        return [Planned(place=place, message=packet.message, marker=f"packet:{question.key}:second")]
