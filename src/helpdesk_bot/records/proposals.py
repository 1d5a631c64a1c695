"""Changes that wait for a person's word: each is decided once, and made at most once.

waiting -> agreed -> running -> done | failed | unclear
waiting -> declined | expired,  waiting | agreed -> void
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString, TypeAlias, cast
from uuid import uuid4

from psycopg import AsyncConnection

from helpdesk_bot.events import Place, Proposal, Question
from helpdesk_bot.records.rows import Table, list_rows, list_values, with_place
from knowledge.letters import storable

Argument: TypeAlias = str | int | float | bool


class ProposalState(StrEnum):
    WAITING = "waiting"
    AGREED = "agreed"
    RUNNING = "running"
    """It is being made, or a process died while it made it: then nobody knows."""
    DONE = "done"
    FAILED = "failed"
    """It is known that nothing was done."""
    UNCLEAR = "unclear"
    """It may have been done."""
    DECLINED = "declined"
    EXPIRED = "expired"
    VOID = "void"
    """The question was changed or taken back before anything was done."""


ENDINGS = frozenset({ProposalState.DONE, ProposalState.FAILED, ProposalState.UNCLEAR})
"""Of what was begun."""


@dataclass(frozen=True, kw_only=True)
class StoredProposal:
    id: str
    """The key, too, under which the other system is told."""
    question_key: str
    tool: str
    title: str
    arguments: Mapping[str, Argument]
    is_whole: bool
    """What is stored is what was proposed: its digest says so."""
    digest: str
    approvers: frozenset[str]
    """E-mail addresses, casefolded; empty for the asker."""
    state: ProposalState
    due_at: datetime
    decided_by: str
    """The platform's id of a person."""
    result: str
    """What came back, cleaned; of what failed, why."""
    link: str
    ended_at: datetime | None
    place: Place
    asked_by: str
    is_current: bool
    """The question stands as it did."""
    is_newest: bool
    """It was not proposed again since."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What became of a change that was begun."""

    state: ProposalState
    result: str = ""
    link: str = ""


def _proposal(
    *, tool: str, arguments: str, digest: bytes, approvers: list[str], state: str, **columns: Any
) -> StoredProposal:
    return StoredProposal(
        tool=tool,
        arguments=_read(arguments),
        is_whole=digest_of(tool, arguments) == digest,
        digest=digest.hex(),
        approvers=frozenset(approvers),
        state=ProposalState(state),
        **columns,
    )


class Proposals(Table):
    async def find_proposal(self, proposal_id: str) -> StoredProposal | None:
        query: LiteralString = _PROPOSALS + "where proposal.id = %s"
        return await self._find_row(with_place(_proposal), query, [storable(proposal_id)])

    async def list_proposals(self, question_key: str) -> list[StoredProposal]:
        """Of every version of a question, oldest first."""
        query: LiteralString = _PROPOSALS + "where proposal.question_key = %s order by made_at, id"
        return await self._list_rows(with_place(_proposal), query, [question_key])

    async def start_proposal(self, proposal_id: str) -> bool:
        """From here on it may have been done; False where it is not agreed any more."""
        return await self._changes(
            """
            update helpdesk.proposal
            set state = 'running', touched_at = now()
            where id = %s and state = 'agreed'
            """,
            [proposal_id],
        )

    async def end_proposal(self, proposal_id: str, ending: Ending) -> bool:
        """False where it has ended: the first end stands."""
        return await self._changes(
            """
            update helpdesk.proposal
            set state = %s, result = %s, link = %s, ended_at = now(), touched_at = now()
            where id = %s and state in ('agreed', 'running')
            """,
            [ending.state, storable(ending.result), ending.link, proposal_id],
        )

    async def mark_proposal_shown(self, proposal_id: str, state: ProposalState) -> None:
        await self._execute("update helpdesk.proposal set shown = %s where id = %s", [state, proposal_id])

    async def list_due_proposals(self) -> list[StoredProposal]:
        query: LiteralString = _PROPOSALS + "where proposal.state = 'waiting' and due_at <= now()"
        return await self._list_rows(with_place(_proposal), query)


def new_proposal(question: Question, proposal: Proposal, *, due_at: datetime) -> StoredProposal:
    """As it will be stored, under a new id."""
    arguments = as_text(proposal.arguments)
    return StoredProposal(
        id=uuid4().hex,
        question_key=question.key,
        tool=proposal.tool,
        title=storable(proposal.title),
        arguments=_read(arguments),
        is_whole=True,
        digest=digest_of(proposal.tool, arguments).hex(),
        approvers=frozenset(email.casefold() for email in proposal.approvers),
        state=ProposalState.WAITING,
        due_at=due_at,
        decided_by="",
        result="",
        link="",
        ended_at=None,
        place=question.place,
        asked_by=question.person_id,
        is_current=True,
        is_newest=True,
    )


async def insert_proposal(connection: AsyncConnection, new: StoredProposal, *, revision: int) -> None:
    """In the caller's transaction; what was proposed for this revision stands."""
    await connection.execute(
        """
        insert into helpdesk.proposal
          (id, question_key, revision, tool, title, arguments, digest, approvers, due_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (question_key, revision, attempt) do nothing
        """,
        [
            new.id,
            new.question_key,
            revision,
            new.tool,
            new.title,
            as_text(new.arguments),
            bytes.fromhex(new.digest),
            sorted(new.approvers),
            new.due_at,
        ],
    )


async def decide_proposal(connection: AsyncConnection, proposal_id: str, state: ProposalState, *, by: str) -> bool:
    """In the caller's transaction; False where it was decided before, or is past its time."""
    cursor = await connection.execute(
        """
        update helpdesk.proposal
        set state = %s, decided_by = %s, decided_at = now(), touched_at = now()
        where id = %s and state = 'waiting' and due_at > now()
        """,
        [state, by, proposal_id],
    )
    return bool(cursor.rowcount)


async def expire_proposal(connection: AsyncConnection, proposal_id: str) -> bool:
    """In the caller's transaction; False where it was decided in time."""
    cursor = await connection.execute(
        """
        update helpdesk.proposal
        set state = 'expired', touched_at = now()
        where id = %s and state = 'waiting' and due_at <= now()
        """,
        [proposal_id],
    )
    return bool(cursor.rowcount)


async def repeat_proposal(connection: AsyncConnection, proposal_id: str, *, new_id: str, due_at: datetime) -> bool:
    """In the caller's transaction: the same change anew, to be agreed to again; False where it did not just fail."""
    cursor = await connection.execute(
        """
        insert into helpdesk.proposal
          (id, question_key, revision, attempt, tool, title, arguments, digest, approvers, due_at, shown)
        select %s, question_key, revision, attempt + 1, tool, title, arguments, digest, approvers, %s, 'failed'
        from helpdesk.proposal
        where id = %s and state = 'failed'
        on conflict (question_key, revision, attempt) do nothing
        """,
        [new_id, due_at, proposal_id],
    )
    return bool(cursor.rowcount)


async def take_left_behind(connection: AsyncConnection, *, after: timedelta) -> list[StoredProposal]:
    """In the caller's transaction: what no job went on with for so long, and is now for this caller to see to."""
    ids = await list_values(
        connection,
        """
        update helpdesk.proposal
        set touched_at = now()
        where id in (
          select id
          from helpdesk.proposal
          where (state in ('agreed', 'running') or shown <> state) and touched_at < now() - %s
          for update skip locked
        )
        returning id
        """,
        [after],
    )
    query: LiteralString = _PROPOSALS + "where proposal.id = any(%s)"
    return await list_rows(connection, with_place(_proposal), query, [ids]) if ids else []


async def void_proposals(connection: AsyncConnection, question_key: str) -> None:
    """In the transaction that changes the question or takes it back. What is being made can't be stopped."""
    await connection.execute(
        """
        update helpdesk.proposal
        set state = 'void', shown = 'void'
        where question_key = %s and state in ('waiting', 'agreed')
        """,
        [question_key],
    )


def as_text(arguments: Mapping[str, Argument]) -> str:
    """The one way in which they are written."""
    return storable(json.dumps(dict(arguments), ensure_ascii=False))


def _read(arguments: str) -> Mapping[str, Argument]:
    return cast("Mapping[str, Argument]", json.loads(arguments))


def digest_of(tool: str, arguments: str) -> bytes:
    return hashlib.sha256(json.dumps([tool, arguments]).encode()).digest()


_PROPOSALS: LiteralString = """
select proposal.id, proposal.question_key, proposal.tool, proposal.title, proposal.arguments, proposal.digest,
  proposal.approvers, proposal.state, proposal.due_at, proposal.decided_by, proposal.result, proposal.link,
  proposal.ended_at, question.platform, question.tenant, question.channel, question.thread, question.kind,
  question.person_id as asked_by,
  question.revision = proposal.revision and question.deleted_at is null as is_current,
  not exists (
    select
    from helpdesk.proposal as later
    where later.question_key = proposal.question_key
      and (later.revision, later.attempt) > (proposal.revision, proposal.attempt)
  ) as is_newest
from helpdesk.proposal
join helpdesk.question on question.key = proposal.question_key
"""
