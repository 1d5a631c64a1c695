"""Curated answers: written by people, approved by people, and knowledge until they expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from helpdesk_bot.events import Place
from helpdesk_bot.records.rows import PlaceRow, Table, place_columns
from knowledge.letters import storable

CURATED: LiteralString = """
select id, question_key, state, question, answer, owner, all_of, platform, tenant, channel, thread,
  place_kind as kind, drafted_by, drafted_at, decided_by, decided_at, expires_on
from helpdesk.curated
"""


@dataclass(frozen=True, kw_only=True)
class NewCurated:
    """A draft before it has a row."""

    question_key: str | None
    question: str
    answer: str
    owner: str
    """Who keeps it true: a name or an address, for people to read."""
    all_of: Sequence[Sequence[str]]
    """The access rule: a conjunction of any-of sets of principals."""
    place: Place
    """Where it was asked."""
    drafted_by: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class CuratedAnswer(PlaceRow):
    id: int
    question_key: str | None
    state: str
    """`draft`, `approved`, `declined` or `expired`."""
    question: str
    answer: str
    owner: str
    all_of: list[list[str]]
    drafted_by: str
    drafted_at: datetime
    decided_by: str
    decided_at: datetime | None
    expires_on: date


class CuratedRecords(Table):
    async def add_draft(self, connection: AsyncConnection, draft: NewCurated) -> int:
        """In the caller's transaction; the id."""
        cursor = await connection.execute(
            """
            insert into helpdesk.curated
              (question_key, question, answer, owner, all_of, platform, tenant, channel, thread, place_kind,
               drafted_by, expires_on)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            returning id
            """,
            [
                draft.question_key,
                storable(draft.question),
                storable(draft.answer),
                storable(draft.owner),
                Jsonb([sorted(one_of) for one_of in draft.all_of]),
                *place_columns(draft.place),
                draft.drafted_by,
                draft.expires_on,
            ],
        )
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 -- an insert returns its row
        return int(row[0])

    async def decide(self, connection: AsyncConnection, curated_id: int, *, state: str, by: str) -> bool:
        """In the caller's transaction: approve or decline a draft; False where that was decided before."""
        cursor = await connection.execute(
            """
            update helpdesk.curated set state = %s, decided_by = %s, decided_at = now()
            where id = %s and state = 'draft'
            """,
            [state, by, curated_id],
        )
        return bool(cursor.rowcount)

    async def expire(self, connection: AsyncConnection, curated_id: int, *, by: str) -> bool:
        """In the caller's transaction: take an approved answer out of the knowledge now; False where it is out."""
        cursor = await connection.execute(
            "update helpdesk.curated set state = 'expired', decided_by = %s where id = %s and state = 'approved'",
            [by, curated_id],
        )
        return bool(cursor.rowcount)

    async def find(self, curated_id: int) -> CuratedAnswer | None:
        return await self._find_row(CuratedAnswer, CURATED + " where id = %s", [curated_id])

    async def list_valid(self, today: date) -> list[CuratedAnswer]:
        """Those that are knowledge on this day."""
        return await self._list(" where state = 'approved' and expires_on >= %s order by id", [today])

    async def list_newest(self, *, limit: int) -> list[CuratedAnswer]:
        return await self._list(" where state in ('draft', 'approved') order by id desc limit %s", [limit])

    async def _list(self, rest: LiteralString, parameters: list[object]) -> list[CuratedAnswer]:
        return await self._list_rows(CuratedAnswer, CURATED + rest, parameters)
