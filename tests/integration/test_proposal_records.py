"""Whatever happens to a change in whatever order: it is decided once, begun once, and ends once."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection

from helpdesk_bot.events import Addressed, Place, PlaceKind, Platform, Proposal, Question
from helpdesk_bot.records import Ending, ProposalState, Records, StoredProposal
from helpdesk_bot.records.proposals import (
    decide_proposal,
    expire_proposal,
    insert_proposal,
    new_proposal,
    repeat_proposal,
    take_left_behind,
    void_proposals,
)
from knowledge.postgres import Pool

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C", thread=None, kind=PlaceKind.CHANNEL)
W, A, R = ProposalState.WAITING, ProposalState.AGREED, ProposalState.RUNNING
ENDS = (ProposalState.DONE, ProposalState.FAILED, ProposalState.UNCLEAR)
NEXT = {
    W: {A, ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.VOID},
    A: {R, ProposalState.VOID, *ENDS},
    R: set(ENDS),
}
"""Every other state is an end."""
SEQUENCES, STEPS = 100, 12


async def propose(records: Records, number: int, *, wait: timedelta = timedelta(minutes=15)) -> StoredProposal:
    question = Question(
        key=f"slack:T:C:{number}",
        place=PLACE,
        person_id="UBO",
        message_id=str(number),
        text="order a laptop",
        asked_at=datetime.now(UTC),
        addressed=Addressed.MENTION,
    )

    async def nothing_more(_: AsyncConnection) -> None:
        """The question alone."""

    await records.accept(question, and_then=nothing_more)
    wanted = Proposal(tool="order", title="Order", arguments={"model": "x1", "count": 2, "price": 1.0, "gift": True})
    new = new_proposal(question, wanted, due_at=datetime.now(UTC) + wait)
    async with records.transaction() as connection:
        await insert_proposal(connection, new, revision=0)
    return new


class Life:
    """One change, and what a person who watched it would say of it."""

    def __init__(self, records: Records, proposal: StoredProposal) -> None:
        self._records = records
        self._proposal = proposal
        self._state = W
        self._is_due = False

    async def step(self, chance: random.Random) -> None:
        act = chance.choice((self.decide, self.decide, self.make_due, self.expire, self.start, self.end, self.void))
        took = await act(chance)
        found = await self._records.find_proposal(self._proposal.id)
        assert found is not None
        assert (found.state != self._state) == took, (self._state, found.state, act.__name__)
        if took:
            assert found.state in NEXT.get(self._state, set()), (self._state, found.state, act.__name__)
        self._state = found.state
        assert found.arguments == self._proposal.arguments
        assert found.is_whole

    async def decide(self, chance: random.Random) -> bool:
        state = chance.choice((A, ProposalState.DECLINED))
        async with self._records.transaction() as connection:
            took = await decide_proposal(connection, self._proposal.id, state, by=chance.choice(("UBO", "UADA")))
        assert took == (self._state is W and not self._is_due)
        return took

    async def make_due(self, _: random.Random) -> bool:
        self._is_due = True
        async with self._records.transaction() as connection:
            await connection.execute("update helpdesk.proposal set due_at = now() where id = %s", [self._proposal.id])
        return False

    async def expire(self, _: random.Random) -> bool:
        async with self._records.transaction() as connection:
            took = await expire_proposal(connection, self._proposal.id)
        assert took == (self._state is W and self._is_due)
        return took

    async def start(self, _: random.Random) -> bool:
        took = await self._records.start_proposal(self._proposal.id)
        assert took == (self._state is A)
        return took

    async def end(self, chance: random.Random) -> bool:
        took = await self._records.end_proposal(self._proposal.id, Ending(state=chance.choice(ENDS), result="said"))
        assert took == (self._state in {A, R})
        return took

    async def void(self, _: random.Random) -> bool:
        async with self._records.transaction() as connection:
            await void_proposals(connection, self._proposal.question_key)
        return self._state in {W, A}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_change_goes_one_way_only_whatever_happens(pool: Pool, seed: int) -> None:
    chance, records = random.Random(seed), Records(pool)
    met: set[ProposalState] = set()
    for number in range(SEQUENCES):
        life = Life(records, await propose(records, number))
        for _ in range(STEPS):
            await life.step(chance)
            met.add(life._state)
    assert met == set(ProposalState), "every state was reached"


async def test_of_all_who_decide_at_once_one_does(pool: Pool) -> None:
    records = Records(pool)
    proposal = await propose(records, 1)

    async def decide(number: int) -> bool:
        state = A if number % 2 else ProposalState.DECLINED
        async with records.transaction() as connection:
            return await decide_proposal(connection, proposal.id, state, by=f"U{number}")

    assert sum(await asyncio.gather(*map(decide, range(20)))) == 1
    found = await records.find_proposal(proposal.id)
    assert found is not None
    started = await asyncio.gather(*(records.start_proposal(proposal.id) for _ in range(10)))
    assert sum(started) == (1 if found.state is A else 0)


async def test_only_what_failed_is_proposed_again_and_once(pool: Pool) -> None:
    records = Records(pool)
    proposal = await propose(records, 1)

    async def repeat(new_id: str) -> bool:
        async with records.transaction() as connection:
            due_at = datetime.now(UTC) + timedelta(minutes=1)
            return await repeat_proposal(connection, proposal.id, new_id=new_id, due_at=due_at)

    assert not await repeat("early")
    async with records.transaction() as connection:
        await decide_proposal(connection, proposal.id, A, by="UBO")
    await records.end_proposal(proposal.id, Ending(state=ProposalState.FAILED))
    assert sum(await asyncio.gather(*(repeat(f"again-{number}") for number in range(5)))) == 1
    first, second = await records.list_proposals(proposal.question_key)
    assert (first.is_newest, second.is_newest) == (False, True)
    assert (second.state, second.arguments, second.digest) == (W, first.arguments, first.digest)


async def test_what_lost_its_job_is_found_by_one(pool: Pool) -> None:
    records = Records(pool)
    proposals = [await propose(records, number) for number in range(4)]
    async with records.transaction() as connection:
        for one in proposals[1:]:
            await decide_proposal(connection, one.id, A, by="UBO")
        await connection.execute(
            "update helpdesk.proposal set touched_at = now() - interval '1 hour' where id <> %s", [proposals[3].id]
        )
    await records.end_proposal(proposals[2].id, Ending(state=ProposalState.DONE))
    await records.mark_proposal_shown(proposals[2].id, ProposalState.DONE)

    async def take() -> list[str]:
        async with records.transaction() as connection:
            return [one.id for one in await take_left_behind(connection, after=timedelta(minutes=2))]

    taken = await asyncio.gather(take(), take())
    assert [one for ids in taken for one in ids] == [proposals[1].id]
