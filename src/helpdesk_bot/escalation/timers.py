"""What happens to a case that nobody takes, or that somebody took and did not answer. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk_bot.escalation.case import Case, CaseState
from helpdesk_bot.escalation.office_hours import OfficeHours


class TimerStep(StrEnum):
    REMIND = "remind"
    CALL_NEXT = "call_next"
    TELL_ASKER = "tell_asker"
    NUDGE_HOLDER = "nudge_holder"


@dataclass(frozen=True, kw_only=True)
class Timer:
    """How long a case may stay unclaimed, or claimed without an answer, in time at which people are there.

    A wait of None leaves its step out.
    """

    remind_after: timedelta | None = timedelta(minutes=15)
    call_next_after: timedelta | None = timedelta(minutes=30)
    tell_asker_after: timedelta | None = timedelta(minutes=60)
    nudge_holder_after: timedelta | None = timedelta(hours=8)
    hours: OfficeHours = field(default_factory=OfficeHours)

    def steps_of(self, case: Case) -> list[tuple[timedelta, TimerStep]]:
        """With their waits, the shortest first."""
        waits: dict[TimerStep, timedelta | None] = {}
        if case.state is CaseState.OPEN:
            waits = {
                TimerStep.REMIND: self.remind_after,
                TimerStep.CALL_NEXT: self.call_next_after,
                TimerStep.TELL_ASKER: self.tell_asker_after,
            }
        elif case.state is CaseState.CLAIMED:
            waits = {TimerStep.NUDGE_HOLDER: self.nudge_holder_after}
        return sorted(((wait, step) for step, wait in waits.items() if wait is not None), key=lambda one: one[0])

    def next_due(self, case: Case) -> datetime | None:
        """When its next step is due; None where no step is left."""
        steps = self.steps_of(case)
        if case.steps_done >= len(steps):
            return None
        since = case.claimed_at if case.state is CaseState.CLAIMED else None
        return self.hours.after(since or case.opened_at, steps[case.steps_done][0])

    def next_step(self, case: Case, now: datetime) -> TimerStep | None:
        """The step that is due now."""
        due = self.next_due(case)
        return self.steps_of(case)[case.steps_done][1] if due is not None and due <= now else None
