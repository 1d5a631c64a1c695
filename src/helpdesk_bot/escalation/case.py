"""A case as a state machine: a question that people have taken over from the bot. Pure.

    open -> claimed -> answered -> resolved
    open, claimed, answered -> withdrawn
    resolved, withdrawn -> open, where its question needs people again
    claimed -> open, where whoever has it is no colleague any more

A case is its question: there is one at most, and its id is the question's key. `reassign` leads to claimed from
wherever the case is not at its end; `answer` claims a case that nobody had.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class CaseState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


AT_ITS_END = frozenset({CaseState.RESOLVED, CaseState.WITHDRAWN})


class Move(StrEnum):
    CLAIM = "claim"
    ANSWER = "answer"
    REASSIGN = "reassign"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RELEASE = "release"


class Cause(StrEnum):
    """Why people were brought in."""

    UNSURE = "unsure"
    ASKED = "asked"
    NOT_HELPFUL = "not_helpful"


class IllegalMove(Exception):
    """A move that the case or the person does not allow. The message is a sentence for that person."""


class TakenAlready(IllegalMove):
    """Somebody else was quicker: `holder`, a person's id."""

    def __init__(self, holder: str) -> None:
        super().__init__("Somebody else has it already. Use Reassign to take it over.")
        self.holder = holder


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who wants to move a case."""

    person_id: str
    is_helper: bool
    """Reads the people's channel."""
    is_admin: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    question_key: str
    state: CaseState
    asked_by: str
    opened_at: datetime
    cause: Cause = Cause.UNSURE
    claimed_by: str = ""
    """A person's id; empty while nobody has it."""
    claimed_at: datetime | None = None
    answered_by: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None
    answer: str = ""
    """What was answered last, as its author wrote it."""
    steps_done: int = 0
    """How many of the timer's steps were taken."""
    version: int = 0
    """Grows with every change that the packet shows."""

    @property
    def is_over(self) -> bool:
        return self.state in AT_ITS_END


def move(  # noqa: PLR0911 - one line for each move
    case: Case, wanted: Move, *, by: Actor, at: datetime, to: str = "", answer: str = ""
) -> Case:
    """The case after the move. `to` is whom a case is reassigned to. Raises `IllegalMove`."""
    if wanted is Move.REOPEN:
        return _reopen(case, at)
    _refuse_at_its_end(case)
    match wanted:
        case Move.CLAIM:
            return _claim(case, by, at)
        case Move.ANSWER:
            return _answer(case, by, at, answer)
        case Move.REASSIGN:
            return _reassign(case, by, at, to)
        case Move.RESOLVE:
            return _resolve(case, by, at)
        case Move.WITHDRAW:
            return _withdraw(case, by, at)
        case Move.RELEASE:
            return _release(case, at)


def _refuse_at_its_end(case: Case) -> None:
    if case.state is CaseState.RESOLVED:
        raise IllegalMove("This is resolved already; nothing was changed.")
    if case.state is CaseState.WITHDRAWN:
        raise IllegalMove("The question was taken back, so there is nothing left to do here.")


def _claim(case: Case, by: Actor, at: datetime) -> Case:
    _only_helpers(by)
    if case.claimed_by == by.person_id:
        raise IllegalMove("You have it already.")
    if case.claimed_by:
        raise TakenAlready(case.claimed_by)
    return _give(case, by.person_id, at)


def _answer(case: Case, by: Actor, at: datetime, answer: str) -> Case:
    """Anybody who may claim may also answer; whoever has it keeps it."""
    _only_helpers(by)
    if not answer.strip():
        raise IllegalMove("The answer is empty; nothing was sent.")
    return replace(
        case,
        version=case.version + 1,
        state=CaseState.ANSWERED,
        answered_by=by.person_id,
        answer=answer,
        claimed_by=case.claimed_by or by.person_id,
        claimed_at=case.claimed_at or at,
    )


def _reassign(case: Case, by: Actor, at: datetime, to: str) -> Case:
    _only_helpers(by)
    if not to:
        raise IllegalMove("Please say who shall have it.")
    if to == case.claimed_by:
        raise IllegalMove("That person has it already.")
    if to == case.asked_by:
        raise IllegalMove("That person asked the question.")
    return _give(case, to, at)


def _give(case: Case, to: str, at: datetime) -> Case:
    """Its timer begins anew."""
    given = {"claimed_by": to, "claimed_at": at, "steps_done": 0}
    return replace(case, version=case.version + 1, state=CaseState.CLAIMED, **given)


def _resolve(case: Case, by: Actor, at: datetime) -> Case:
    if not (by.is_admin or by.person_id in {case.claimed_by, case.asked_by}):
        raise IllegalMove("Only whoever has it, whoever asked, or an admin can resolve it.")
    return replace(case, version=case.version + 1, state=CaseState.RESOLVED, closed_by=by.person_id, closed_at=at)


def _withdraw(case: Case, by: Actor, at: datetime) -> Case:
    if not (by.is_admin or by.person_id == case.asked_by):
        raise IllegalMove("Only whoever asked, or an admin, can take a question back.")
    return replace(case, version=case.version + 1, state=CaseState.WITHDRAWN, closed_by=by.person_id, closed_at=at)


def _reopen(case: Case, at: datetime) -> Case:
    if not case.is_over:
        raise IllegalMove("People know of this already.")
    return _begin_anew(case, at)


def _release(case: Case, at: datetime) -> Case:
    if case.state is not CaseState.CLAIMED:
        raise IllegalMove("Nobody has to give it back.")
    return _begin_anew(case, at)


def _begin_anew(case: Case, at: datetime) -> Case:
    """As if it were new, timers and all; who had it before may be away by now."""
    return Case(
        question_key=case.question_key,
        state=CaseState.OPEN,
        asked_by=case.asked_by,
        opened_at=at,
        cause=case.cause,
        version=case.version + 1,
    )


def _only_helpers(by: Actor) -> None:
    if not (by.is_helper or by.is_admin):
        raise IllegalMove("That is for the people in the channel where this was asked for help.")
