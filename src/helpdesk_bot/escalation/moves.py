"""Moving a case: the state machine on its locked row, together with what is said about it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from helpdesk_bot.escalation.case import Actor, Case, CaseState, Cause, Move, move
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.records import Planned
from helpdesk_bot.records.cases import CaseEvent, CaseRow, LockedCase
from helpdesk_bot.records.outgoing import insert_outgoing
from helpdesk_bot.records.presses import take_press

News = Callable[[Case], list[Planned]]
"""What is to be said, given the case as it is after the move."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A move that somebody wants, once: `key` names the press."""

    question_key: str
    key: str
    move: Move
    by: Actor
    at: datetime
    to: str = ""
    answer: str = ""


class Moves:
    def __init__(self, parts: Parts) -> None:
        self._cases = parts.cases
        self._jobs = parts.jobs
        self._plan = parts.plan

    async def find(self, question_key: str) -> Case | None:
        row = await self._cases.find(question_key)
        return case_of(row) if row else None

    async def make(self, wish: Wish, *, news: News) -> Case | None:
        """The case after the move; None where there is none, or where this press had its effect before.

        State, history, what is to be said and the job that says it are one transaction. Raises `IllegalMove`.
        """
        async with self._cases.locked(wish.question_key) as locked:
            if locked is None or not await take_press(locked.connection, wish.key):
                return None
            after = move(case_of(locked.row), wish.move, by=wish.by, at=wish.at, to=wish.to, answer=wish.answer)
            event = CaseEvent(at=wish.at, move=wish.move, person_id=wish.by.person_id, to_person_id=wish.to)
            await self.write(locked, after, event, news=news(after))
            return after

    async def write(self, locked: LockedCase, after: Case, event: CaseEvent, *, news: list[Planned]) -> None:
        """In the case's own transaction: the case, its history, what is to be said, and the job that says it."""
        await locked.save(row_of(after), event, due_at=self._plan.timer.next_due(after))
        for planned in news:
            await insert_outgoing(locked.connection, after.question_key, planned)
        await self._jobs.defer_case(locked.connection, question_key=after.question_key)


def case_of(row: CaseRow) -> Case:
    return Case(
        question_key=row.question_key,
        state=CaseState(row.state),
        asked_by=row.asked_by,
        opened_at=row.opened_at,
        cause=Cause(row.cause),
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        answered_by=row.answered_by,
        answer=row.answer,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        steps_done=row.steps_done,
        version=row.version,
    )


def row_of(case: Case) -> CaseRow:
    return CaseRow(**asdict(case))
