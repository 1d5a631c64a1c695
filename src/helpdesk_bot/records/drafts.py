"""Answers that wait for an approver: each is decided once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Reply
from helpdesk_bot.records.bodies import REPLY, body_of
from helpdesk_bot.records.rows import Table
from knowledge.letters import storable


class DraftState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    OVERDUE = "overdue"
    """Nobody decided in time."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said once somebody approves. Passages are kept without their text."""

    question_key: str
    revision: int
    """The question's."""
    reply: Reply
    state: DraftState
    decided_by: str
    """The platform's id of a person."""


def _draft(*, reply: JsonObject, state: str, **columns: Any) -> Draft:
    return Draft(reply=REPLY.validate_python(reply), state=DraftState(state), **columns)


class Drafts(Table):
    async def find_draft(self, question_key: str) -> Draft | None:
        """Of the question as it stands now; None also where it was changed or taken back since."""
        return await self._find_row(
            _draft,
            """
            select draft.question_key, draft.revision, draft.reply, draft.state, draft.decided_by
            from helpdesk.draft
            join helpdesk.question on question.key = draft.question_key
            where draft.question_key = %s and draft.revision = question.revision and question.deleted_at is null
            """,
            [question_key],
        )

    async def list_due_drafts(self) -> list[str]:
        """The questions whose drafts nobody decided in time."""
        return await self._list_values(
            "select question_key from helpdesk.draft where state = 'waiting' and due_at <= now() order by due_at"
        )


async def insert_draft(
    connection: AsyncConnection, question_key: str, reply: Reply, *, revision: int, due_at: datetime
) -> None:
    """In the caller's transaction; a newer revision's draft takes the place of an older one's."""
    await connection.execute(
        """
        insert into helpdesk.draft (question_key, revision, reply, due_at) values (%s, %s, %s, %s)
        on conflict (question_key) do update
        set revision = excluded.revision,
            reply = excluded.reply,
            due_at = excluded.due_at,
            state = 'waiting',
            decided_by = ''
        where draft.revision < excluded.revision
        """,
        [question_key, revision, Jsonb(body_of(reply)), due_at],
    )


async def decide_draft(
    connection: AsyncConnection,
    question_key: str,
    state: DraftState,
    *,
    by: str,
    revision: int | None = None,
    text: str | None = None,
) -> bool:
    """In the caller's transaction; False where it was decided before, or the question is at another `revision`.

    With `text` the draft says that instead.
    """
    cursor = await connection.execute(
        """
        update helpdesk.draft
        set state = %s,
            decided_by = %s,
            reply = case when %s::text is null then reply else jsonb_set(reply, '{text}', to_jsonb(%s::text)) end
        from helpdesk.question
        where draft.question_key = %s
          and draft.state = 'waiting'
          and question.key = draft.question_key
          and (%s::integer is null or (draft.revision = %s and question.revision = draft.revision))
        """,
        [state, by, text, None if text is None else storable(text), question_key, revision, revision],
    )
    return bool(cursor.rowcount)
