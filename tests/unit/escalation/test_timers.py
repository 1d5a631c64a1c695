"""What happens when to a case that nobody takes, or that somebody took and does not answer."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from helpdesk_bot.escalation.case import Case, CaseState
from helpdesk_bot.escalation.office_hours import OfficeHours, Span
from helpdesk_bot.escalation.timers import Timer, TimerStep

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPEN = Case(question_key="q", state=CaseState.OPEN, asked_by="asker", opened_at=AT)
TIMER = Timer()


def after(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


def test_the_steps_come_one_after_the_other() -> None:
    assert TIMER.next_step(OPEN, after(14)) is None
    assert TIMER.next_step(OPEN, after(15)) is TimerStep.REMIND
    assert TIMER.next_step(replace(OPEN, steps_done=1), after(15)) is None
    assert TIMER.next_step(replace(OPEN, steps_done=1), after(30)) is TimerStep.CALL_NEXT
    assert TIMER.next_step(replace(OPEN, steps_done=2), after(600)) is TimerStep.TELL_ASKER
    assert TIMER.next_due(replace(OPEN, steps_done=3)) is None


def test_who_took_it_is_reminded_once_from_then_on() -> None:
    claimed = replace(OPEN, state=CaseState.CLAIMED, claimed_by="bo", claimed_at=after(60))
    assert TIMER.next_step(claimed, after(539)) is None
    assert TIMER.next_step(claimed, after(540)) is TimerStep.NUDGE_HOLDER
    assert TIMER.next_due(replace(claimed, steps_done=1)) is None
    assert Timer(nudge_holder_after=None).next_due(claimed) is None


def test_what_is_answered_or_over_waits_for_nobody() -> None:
    for state in set(CaseState) - {CaseState.OPEN, CaseState.CLAIMED}:
        assert TIMER.next_due(replace(OPEN, state=state)) is None
        assert TIMER.next_step(replace(OPEN, state=state), after(600)) is None


def test_a_step_can_be_left_out() -> None:
    timer = Timer(remind_after=None, call_next_after=timedelta(minutes=5), tell_asker_after=None)
    assert timer.next_step(OPEN, after(5)) is TimerStep.CALL_NEXT
    assert timer.next_due(replace(OPEN, steps_done=1)) is None


def test_outside_office_hours_the_timer_stands() -> None:
    hours = OfficeHours(week={day: (Span(start=time(8), end=time(17)),) for day in range(5)})
    evening = replace(OPEN, opened_at=datetime(2026, 11, 20, 20, tzinfo=UTC))  # a Friday
    assert Timer(hours=hours).next_due(evening) == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
