"""What happens to a case that nobody takes: a reminder, the next person, and an honest word to the asker. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk_bot.escalation.case import Case, CaseState
from helpdesk_bot.escalation.office_hours import OfficeHours


class TimerStep(StrEnum):
    REMIND = "remind"
    CALL_NEXT = "call_next"
    TELL_ASKER = "tell_asker"


@dataclass(frozen=True, kw_only=True)
class Timer:
    """How long a case may stay unclaimed, in time at which people are there. A wait of None leaves its step out."""

    remind_after: timedelta | None = timedelta(minutes=15)
    call_next_after: timedelta | None = timedelta(minutes=30)
    tell_asker_after: timedelta | None = timedelta(minutes=60)
    hours: OfficeHours = field(default_factory=OfficeHours)

    @property
    def steps(self) -> list[tuple[timedelta, TimerStep]]:
        """With their waits, the shortest first."""
        waits = {
            TimerStep.REMIND: self.remind_after,
            TimerStep.CALL_NEXT: self.call_next_after,
            TimerStep.TELL_ASKER: self.tell_asker_after,
        }
        return sorted(((wait, step) for step, wait in waits.items() if wait is not None), key=lambda one: one[0])

    def next_due(self, case: Case) -> datetime | None:
        """When its next step is due; None where no step is left, or where somebody has it."""
        if case.state is not CaseState.OPEN or case.steps_done >= len(self.steps):
            return None
        return self.hours.after(case.opened_at, self.steps[case.steps_done][0])

    def next_step(self, case: Case, now: datetime) -> TimerStep | None:
        """The step that is due now."""
        due = self.next_due(case)
        return self.steps[case.steps_done][1] if due is not None and due <= now else None
