"""A draft is decided once, and on what the approver saw: the row says so, whatever was read before."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform, Question
from helpdesk_bot.messages import Reply
from helpdesk_bot.records import DraftState, Records
from helpdesk_bot.records.drafts import decide_draft, insert_draft
from knowledge.postgres import Pool

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C", thread="1", kind=PlaceKind.CHANNEL)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
async def records(pool: Pool) -> Records:
    """With a question that waits for an approver."""
    records = Records(pool)
    asked = Question(key="q", place=PLACE, person_id="U", message_id="1", text="how?", asked_at=NOW)
    await records.accept(asked, and_then=lambda _: asyncio.sleep(0))
    await draft(records, "First.", revision=0)
    return records


async def draft(records: Records, text: str, *, revision: int) -> None:
    reply = Reply(question_key="q", outcome=Outcome.ANSWERED, text=text)
    async with records.transaction() as connection:
        await insert_draft(connection, "q", reply, revision=revision, due_at=NOW + timedelta(hours=1))


async def decide(records: Records, by: str, *, revision: int, text: str | None = None) -> bool:
    async with records.transaction() as connection:
        return await decide_draft(connection, "q", DraftState.APPROVED, by=by, revision=revision, text=text)


async def edit(records: Records) -> None:
    async with records.transaction() as connection:
        await connection.execute("update helpdesk.question set revision = revision + 1 where key = 'q'")


async def test_of_those_who_decide_at_once_one_has_decided(records: Records) -> None:
    approvers = [f"U{number}" for number in range(8)]
    decided = await asyncio.gather(*(decide(records, by, revision=0, text=f"Said by {by}.") for by in approvers))
    assert sorted(decided) == [False] * 7 + [True]
    found = await records.find_draft("q")
    assert found is not None
    assert found.decided_by == approvers[decided.index(True)]
    assert found.reply.text == f"Said by {found.decided_by}."


async def test_a_draft_of_a_question_that_was_changed_since_is_not_decided(records: Records) -> None:
    await edit(records)
    assert not await decide(records, "UADA", revision=0)
    await draft(records, "Second.", revision=1)
    assert not await decide(records, "UADA", revision=0)
    assert await decide(records, "UADA", revision=1)
    found = await records.find_draft("q")
    assert found is not None
    assert (found.reply.text, found.state) == ("Second.", DraftState.APPROVED)
