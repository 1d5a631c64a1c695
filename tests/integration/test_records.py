"""The book of what happened: each question once, each vote the newest, each message claimed by one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform, Question, Vote
from helpdesk_bot.messages import Reply
from helpdesk_bot.records import OutgoingState, Planned, Records
from knowledge.postgres import Pool, open_pool

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C", thread="1", kind=PlaceKind.CHANNEL)
START = datetime(2026, 11, 22, tzinfo=UTC)


def question(key: str = "q", text: str = "how?") -> Question:
    return Question(key=key, place=PLACE, person_id="U", message_id="1", text=text, asked_at=START)


def vote(value: int, second: int, *, takes_back: int | None = None) -> Vote:
    at = START + timedelta(seconds=second)
    return Vote(place=PLACE, person_id="U", message_id="m", value=value, at=at, via="reaction", takes_back=takes_back)


async def nothing(_: AsyncConnection) -> None:
    """What belongs to no transaction."""


@pytest.fixture
def records(pool: Pool) -> Records:
    return Records(pool)


async def test_a_question_is_taken_in_once_however_many_ask_at_once(records: Records) -> None:
    accepted = await asyncio.gather(*(records.accept(question(), and_then=nothing) for _ in range(12)))
    assert sorted(accepted) == [False] * 11 + [True]


async def test_a_question_is_taken_in_by_one_statement(database_url: str, tmp_path: Path) -> None:
    """A platform waits meanwhile, and each statement is a way to the database and back."""
    async with open_pool(database_url, max_size=1) as pool:
        with (tmp_path / "said").open("wb") as file:
            async with pool.connection() as connection:
                connection.pgconn.trace(file.fileno())
            assert await Records(pool).accept(question(), and_then=nothing)
            async with pool.connection() as connection:
                connection.pgconn.untrace()
    begin_statement_commit = 3
    assert (tmp_path / "said").read_text().count("ReadyForQuery") == begin_statement_commit


async def test_what_belongs_to_accepting_fails_with_it(records: Records) -> None:
    async def fail(_: AsyncConnection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await records.accept(question(), and_then=fail)
    assert await records.accept(question(), and_then=nothing)


@pytest.mark.parametrize("text", ["nul \0 inside", "half a pair \ud83d", "👩‍👩‍👧 عربي ﷽ \u200b", "x" * 40_000])
async def test_any_text_is_kept(records: Records, text: str) -> None:
    await records.accept(question(text=text), and_then=nothing)
    opened = await records.find_open_question("q")
    assert opened is not None
    assert opened.question.text == text.replace("\0", "").replace("\ud83d", "\ufffd")


async def test_the_first_outcome_stands(records: Records) -> None:
    await records.accept(question(), and_then=nothing)
    await records.end_question("q", Outcome.CLARIFIED)
    await records.end_question("q", Outcome.FAILED)
    assert await records.find_open_question("q") is None
    counts = await records.count_since(START - timedelta(days=1))
    assert (counts.clarified, counts.failed) == (1, 0)


async def test_one_process_at_a_time_may_post(records: Records) -> None:
    await records.accept(question(), and_then=nothing)
    reply = Reply(question_key="q", outcome=Outcome.ANSWERED, text="so")
    await records.plan("q", None, [Planned(place=PLACE, message=reply)])
    (outgoing,) = await records.list_outgoing("q")
    claims = await asyncio.gather(*(records.claim_sending(outgoing.id, patience_s=60) for _ in range(8)))
    assert sum(claims) == 1
    assert await records.claim_sending(outgoing.id, patience_s=0), "a claim that is old enough passes on"
    await records.let_go(outgoing.id)
    assert await records.claim_sending(outgoing.id, patience_s=60), "so does one that was given up"
    await records.mark_sent(outgoing.id, "m1", version=outgoing.version)
    assert not await records.claim_sending(outgoing.id, patience_s=0)
    (outgoing,) = await records.list_outgoing("q")
    assert outgoing.state is OutgoingState.SENT
    assert outgoing.message == reply


async def test_what_was_replaced_while_it_was_posted_is_put_right(records: Records) -> None:
    """One process posts a message while another learns that it should say something else."""
    await records.accept(question(), and_then=nothing)
    reply = Reply(question_key="q", outcome=Outcome.ANSWERED, text="old")
    await records.plan("q", None, [Planned(place=PLACE, message=reply)])
    (posted,) = await records.list_outgoing("q")
    await records.claim_sending(posted.id, patience_s=60)
    await records.replan(posted.id, replace(reply, text="new"))
    await records.mark_sent(posted.id, "m1", version=posted.version)
    (outgoing,) = await records.list_outgoing("q")
    assert (outgoing.state, outgoing.message_id) == (OutgoingState.PLANNED, "m1")
    assert outgoing.message == replace(reply, text="new")
    await records.claim_sending(posted.id, patience_s=60)
    await records.mark_sent(posted.id, "m1", version=outgoing.version)
    (outgoing,) = await records.list_outgoing("q")
    assert outgoing.state is OutgoingState.SENT


async def test_what_was_planned_first_stands(records: Records) -> None:
    await records.accept(question(), and_then=nothing)
    for text in ("first", "second"):
        reply = Reply(question_key="q", outcome=Outcome.ANSWERED, text=text)
        await records.plan("q", None, [Planned(place=PLACE, message=reply)])
    (outgoing,) = await records.list_outgoing("q")
    assert isinstance(outgoing.message, Reply)
    assert outgoing.message.text == "first"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.lists(st.sampled_from([-1, 1]), min_size=5, max_size=5))
async def test_in_whatever_order_votes_arrive_the_newest_counts(
    pool: Pool, order: Sequence[int], values: list[int]
) -> None:
    records = Records(pool)
    async with pool.connection() as connection:
        await connection.execute("truncate helpdesk.feedback")
    for second in order:
        await records.record_vote(vote(values[second], second))
    assert await opinion(pool) == values[-1]


async def test_a_removal_takes_back_only_the_vote_it_names(records: Records, pool: Pool) -> None:
    await records.record_vote(vote(1, 1))
    await records.record_vote(vote(-1, 2))
    await records.record_vote(vote(0, 3, takes_back=1))
    assert await opinion(pool) == -1
    await records.record_vote(vote(0, 4, takes_back=-1))
    assert await opinion(pool) == 0


async def test_a_removal_that_arrives_before_its_vote_wins(records: Records, pool: Pool) -> None:
    await records.record_vote(vote(0, 2, takes_back=1))
    await records.record_vote(vote(1, 1))
    assert await opinion(pool) == 0


async def test_a_schedule_fires_once_for_each_time_over_all_processes(records: Records) -> None:
    at = datetime(2026, 11, 1, 1, 30)
    fired = await asyncio.gather(*(records.claim_schedule("sync:s", at, and_then=nothing) for _ in range(20)))
    assert sum(fired) == 1
    assert await records.claim_schedule("sync:s", at + timedelta(days=1), and_then=nothing)


async def opinion(pool: Pool) -> int:
    async with pool.connection() as connection:
        (row,) = await (await connection.execute("select value from helpdesk.feedback")).fetchall()
    return row[0]
