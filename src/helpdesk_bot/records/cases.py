"""Cases: the questions that people have taken over, with their history. One row, locked while it changes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg import AsyncConnection

from helpdesk_bot.events import Place, Question
from helpdesk_bot.records.rows import PlaceRow, Table, find_row
from knowledge.letters import storable

CASE: LiteralString = """
select escalation.question_key, escalation.state, escalation.cause, escalation.opened_at, escalation.claimed_by,
  escalation.claimed_at, escalation.answered_by, escalation.answer, escalation.closed_by, escalation.closed_at,
  escalation.steps_done, escalation.version, question.person_id as asked_by
from helpdesk.escalation
join helpdesk.question on question.key = escalation.question_key
"""


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case as it is stored; `helpdesk_bot.escalation.case` knows what its words mean."""

    question_key: str
    state: str
    cause: str
    opened_at: datetime
    claimed_by: str
    claimed_at: datetime | None
    answered_by: str
    answer: str
    closed_by: str
    closed_at: datetime | None
    steps_done: int
    version: int
    asked_by: str


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """One step of a case's history."""

    at: datetime
    move: str
    person_id: str = ""
    to_person_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A passage that was looked at; neither its title nor its text is kept."""

    chunk_id: int
    source: str


@dataclass(frozen=True, kw_only=True)
class LockedCase:
    """A case that nobody else can change until its transaction ends."""

    row: CaseRow
    connection: AsyncConnection

    async def save(self, row: CaseRow, event: CaseEvent, *, due_at: datetime | None) -> None:
        """Write the case as it is now, what led there, and when the timer looks again (None: never)."""
        await self.connection.execute(
            """
            update helpdesk.escalation
            set state = %(state)s, opened_at = %(opened_at)s, claimed_by = %(claimed_by)s, claimed_at = %(claimed_at)s,
              answered_by = %(answered_by)s, answer = %(answer)s, closed_by = %(closed_by)s,
              closed_at = %(closed_at)s, steps_done = %(steps_done)s, version = %(version)s, due_at = %(due_at)s
            where question_key = %(question_key)s
            """,
            {**vars(row), "answer": storable(row.answer), "due_at": due_at},
        )
        await _add_event(self.connection, row.question_key, event)

    async def look_again(self, due_at: datetime | None) -> None:
        """Only set when the timer looks again."""
        await self.connection.execute(
            "update helpdesk.escalation set due_at = %s where question_key = %s", [due_at, self.row.question_key]
        )


class CaseRecords(Table):
    async def find(self, question_key: str) -> CaseRow | None:
        return await self._find_row(CaseRow, CASE + " where escalation.question_key = %s", [question_key])

    async def find_in_thread(self, place: Place) -> CaseRow | None:
        """The newest case of this thread that is not at its end."""
        query = """
            where question.platform = %s and question.tenant = %s and question.channel = %s
              and question.thread is not distinct from %s
              and escalation.state in ('open', 'claimed', 'answered')
            order by escalation.opened_at desc
            limit 1
            """
        return await self._find_row(CaseRow, CASE + query, [place.platform, place.tenant, place.channel, place.thread])

    async def find_in_conversation(self, question: Question, *, since: datetime) -> CaseRow | None:
        """The newest case of another question of the same person there that is not at its end, and was opened or taken
        since then.
        """
        place = question.place
        query = """
            where question.platform = %s and question.tenant = %s and question.channel = %s
              and coalesce(question.continues, question.thread) is not distinct from %s
              and question.person_id = %s and question.key <> %s
              and escalation.state in ('open', 'claimed', 'answered')
              and greatest(escalation.opened_at, escalation.claimed_at) >= %s
            order by escalation.opened_at desc
            limit 1
            """
        thread = question.continues or place.thread
        of = [place.platform, place.tenant, place.channel, thread, question.person_id, question.key, since]
        return await self._find_row(CaseRow, CASE + query, of)

    async def open(self, connection: AsyncConnection, question_key: str, *, cause: str, at: datetime) -> bool:
        """In the caller's transaction; False where there is a case for this question."""
        cursor = await connection.execute(
            """
            insert into helpdesk.escalation (question_key, cause, opened_at)
            values (%s, %s, %s)
            on conflict do nothing
            """,
            [question_key, cause, at],
        )
        return bool(cursor.rowcount)

    async def add_event(self, connection: AsyncConnection, question_key: str, event: CaseEvent) -> None:
        """In the caller's transaction."""
        await _add_event(connection, question_key, event)

    @asynccontextmanager
    async def locked(self, question_key: str) -> AsyncGenerator[LockedCase | None]:
        """The case inside a transaction of its own; whoever else wants it waits. None where there is none."""
        async with self._pool.connection() as connection:
            query = CASE + " where escalation.question_key = %s for update of escalation"
            row = await find_row(connection, CaseRow, query, [question_key])
            yield LockedCase(row=row, connection=connection) if row else None

    @asynccontextmanager
    async def locked_due(self, now: datetime) -> AsyncGenerator[LockedCase | None]:
        """The case whose timer waits longest, of those that no other process is looking at."""
        query = """
            where escalation.due_at <= %s
            order by escalation.due_at
            limit 1
            for update of escalation skip locked
            """
        async with self._pool.connection() as connection:
            row = await find_row(connection, CaseRow, CASE + query, [now])
            yield LockedCase(row=row, connection=connection) if row else None

    async def list_events(self, question_key: str) -> list[CaseEvent]:
        """Oldest first."""
        return await self._list_rows(
            CaseEvent,
            """
            select at, move, person_id, to_person_id
            from helpdesk.case_event
            where question_key = %s
            order by id
            """,
            [question_key],
        )

    async def list_stale(self, *, older_than: timedelta, limit: int) -> list[str]:
        """Keys of cases whose packet does not show them as they have been for so long, though it was posted."""
        return await self._list_values(
            """
            select escalation.question_key
            from helpdesk.escalation
            where shown_version < version
              and exists (select 1 from helpdesk.outgoing
                          where outgoing.question_key = escalation.question_key and kind = 'packet' and state = 'sent')
              and (select max(at) from helpdesk.case_event
                   where case_event.question_key = escalation.question_key) < now() - %s
            order by opened_at desc
            limit %s
            """,
            [older_than, limit],
        )

    async def list_unsaid(self, *, older_than: timedelta, limit: int) -> list[str]:
        """Keys of cases with something left to say since their last step: the job that was to say it gave up."""
        return await self._list_values(
            """
            select distinct question_key
            from helpdesk.outgoing
            join helpdesk.escalation using (question_key)
            join helpdesk.question on question.key = question_key
            where outgoing.state in ('planned', 'sending')
              and outgoing.kind = 'notice'
              and question.ended_at is not null
              and (select max(at) from helpdesk.case_event
                   where case_event.question_key = outgoing.question_key) < now() - %s
            limit %s
            """,
            [older_than, limit],
        )

    async def mark_shown(self, question_key: str, version: int) -> None:
        """The packet shows the case as it was in this version."""
        await self._execute(
            "update helpdesk.escalation set shown_version = greatest(shown_version, %s) where question_key = %s",
            [version, question_key],
        )

    async def count_asked(self, question: Question, *, since: datetime) -> int:
        """Questions of this person in this channel or conversation since a moment."""
        return await self._find_value(
            """
            select count(*)
            from helpdesk.question
            where platform = %s and tenant = %s and channel = %s and person_id = %s and asked_at >= %s
            """,
            [question.place.platform, question.place.tenant, question.place.channel, question.person_id, since],
        )

    async def list_tried(self, question_key: str) -> list[Tried]:
        """What the question's decision looked at, best first."""
        return await self._list_rows(
            Tried,
            """
            select (passage ->> 'chunk_id')::bigint as chunk_id, passage ->> 'source' as source
            from helpdesk.decision, jsonb_array_elements(tried) with ordinality as traces (passage, place)
            where question_key = %s
            order by place
            """,
            [question_key],
        )

    async def find_packet_place(self, question_key: str) -> Place | None:
        """Where the case's first packet stands, or shall stand."""
        row = await self._find_row(
            PlaceRow,
            """
            select platform, tenant, channel, thread, place_kind as kind
            from helpdesk.outgoing
            where question_key = %s and kind = 'packet'
            order by id
            limit 1
            """,
            [question_key],
        )
        return row.place if row else None


async def _add_event(connection: AsyncConnection, question_key: str, event: CaseEvent) -> None:
    await connection.execute(
        """
        insert into helpdesk.case_event (question_key, at, move, person_id, to_person_id)
        values (%s, %s, %s, %s, %s)
        """,
        [question_key, event.at, event.move, event.person_id, event.to_person_id],
    )
