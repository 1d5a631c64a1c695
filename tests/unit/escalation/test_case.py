"""The state machine of a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.escalation.case import Actor, Case, CaseState, IllegalMove, Move, TakenAlready, move

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPEN = Case(question_key="q", state=CaseState.OPEN, asked_by="asker", opened_at=AT)
BO = Actor(person_id="bo", is_helper=True)
CY = Actor(person_id="cy", is_helper=True)
ASKER = Actor(person_id="asker", is_helper=False)
STRANGER = Actor(person_id="stranger", is_helper=False)
ADMIN = Actor(person_id="admin", is_helper=False, is_admin=True)


def test_a_case_is_claimed_answered_and_resolved() -> None:
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    assert (claimed.state, claimed.claimed_by, claimed.claimed_at) == (CaseState.CLAIMED, "bo", AT)
    answered = move(claimed, Move.ANSWER, by=BO, at=AT, answer="Restart it.")
    assert (answered.state, answered.answer, answered.answered_by) == (CaseState.ANSWERED, "Restart it.", "bo")
    resolved = move(answered, Move.RESOLVE, by=BO, at=AT)
    assert (resolved.state, resolved.closed_by, resolved.claimed_by) == (CaseState.RESOLVED, "bo", "bo")
    assert [case.version for case in (OPEN, claimed, answered, resolved)] == [0, 1, 2, 3]


def test_who_comes_second_is_told_who_has_it() -> None:
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    with pytest.raises(TakenAlready) as refused:
        move(claimed, Move.CLAIM, by=CY, at=AT)
    assert refused.value.holder == "bo"


def test_an_answer_claims_what_nobody_has_and_leaves_it_with_whoever_has_it() -> None:
    assert move(OPEN, Move.ANSWER, by=CY, at=AT, answer="So.").claimed_by == "cy"
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    answered = move(claimed, Move.ANSWER, by=CY, at=AT, answer="So.")
    assert (answered.claimed_by, answered.answered_by) == ("bo", "cy")


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(IllegalMove, match="empty"):
        move(OPEN, Move.ANSWER, by=BO, at=AT, answer=" \n")


def test_reassigning_gives_it_to_somebody_else_and_to_nobody_twice() -> None:
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    given_on = move(claimed, Move.REASSIGN, by=BO, at=AT + timedelta(minutes=1), to="cy")
    assert (given_on.claimed_by, given_on.claimed_at) == ("cy", AT + timedelta(minutes=1))
    for to in ("cy", "asker", ""):
        with pytest.raises(IllegalMove):
            move(given_on, Move.REASSIGN, by=CY, at=AT, to=to)


@pytest.mark.parametrize("wanted", [Move.CLAIM, Move.ANSWER, Move.REASSIGN])
def test_only_those_who_read_the_peoples_channel_take_part(wanted: Move) -> None:
    for actor in (STRANGER, ASKER):
        with pytest.raises(IllegalMove, match="for the people in the channel"):
            move(OPEN, wanted, by=actor, at=AT, to="cy", answer="x")
    assert move(OPEN, wanted, by=ADMIN, at=AT, to="cy", answer="x").claimed_by


def test_only_whoever_has_it_the_asker_and_admins_resolve() -> None:
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    for actor in (CY, STRANGER):
        with pytest.raises(IllegalMove, match="can resolve"):
            move(claimed, Move.RESOLVE, by=actor, at=AT)
    for actor in (BO, ASKER, ADMIN):
        assert move(claimed, Move.RESOLVE, by=actor, at=AT).state is CaseState.RESOLVED


def test_only_the_asker_takes_a_question_back() -> None:
    assert move(OPEN, Move.WITHDRAW, by=ASKER, at=AT).state is CaseState.WITHDRAWN
    with pytest.raises(IllegalMove):
        move(OPEN, Move.WITHDRAW, by=BO, at=AT)


@pytest.mark.parametrize("end", [Move.RESOLVE, Move.WITHDRAW])
def test_a_case_that_ended_begins_anew(end: Move) -> None:
    claimed = move(OPEN, Move.CLAIM, by=BO, at=AT)
    later = AT + timedelta(days=1)
    again = move(move(claimed, end, by=ADMIN, at=AT), Move.REOPEN, by=ASKER, at=later)
    assert again == replace(OPEN, opened_at=later, version=3)
    with pytest.raises(IllegalMove, match="know of this already"):
        move(again, Move.REOPEN, by=ASKER, at=later)


def test_a_case_whose_holder_left_begins_anew() -> None:
    later = AT + timedelta(days=1)
    nobody = Actor(person_id="", is_helper=False)
    released = move(move(OPEN, Move.CLAIM, by=BO, at=AT), Move.RELEASE, by=nobody, at=later)
    assert released == replace(OPEN, opened_at=later, version=2)
    with pytest.raises(IllegalMove, match="Nobody has"):
        move(released, Move.RELEASE, by=nobody, at=later)


MOVES = st.tuples(
    st.sampled_from(Move),
    st.sampled_from([BO, CY, ASKER, STRANGER, ADMIN]),
    st.sampled_from(["", "bo", "cy"]),
    st.sampled_from(["", "an answer"]),
)


@given(st.lists(MOVES, max_size=12))
def test_whatever_is_pressed_a_case_stays_whole(presses: list[tuple[Move, Actor, str, str]]) -> None:
    case, told = OPEN, list[str]()
    for wanted, actor, to, answer in presses:
        before = case
        try:
            case = move(case, wanted, by=actor, at=AT, to=to, answer=answer)
        except IllegalMove as refused:
            told.append(str(refused))
            continue
        assert before.is_over == (wanted is Move.REOPEN)
        assert case.version == before.version + 1
        assert replace(case, version=0) != replace(before, version=0) or wanted is Move.ANSWER
    assert all(sentence.endswith(".") for sentence in told)
    assert (case.state in {CaseState.CLAIMED, CaseState.ANSWERED}) <= bool(case.claimed_by)
    assert case.is_over == (case.closed_at is not None)
