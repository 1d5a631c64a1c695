"""Versions of a message, in whichever order they are heard of: its edits and its deletion may come before itself.

All that is here is on the rows of `helpdesk.hearing`, in the caller's transaction.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from helpdesk_bot.events import Deletion, Edit, Question
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.hearing import Verdict
from helpdesk_bot.records.rows import find_row, place_columns
from knowledge.letters import storable

_QUESTION = TypeAdapter(Question)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What is known of a message before another version of it comes."""

    speaks: bool
    as_of: datetime
    deleted_at: datetime | None
    early: JsonObject | None
    """The newest version of one that was left alone."""

    def early_question(self) -> Question:
        return _QUESTION.validate_python(self.early)


INSERT_HEARING: LiteralString = """
insert into helpdesk.hearing
  (key, platform, tenant, channel, thread, kind, message_id, person_id, speaks, rule, reason, as_of, early)
values
  (%(key)s, %(platform)s, %(tenant)s, %(channel)s, %(thread)s, %(kind)s, %(message_id)s, %(person_id)s, %(speaks)s,
   %(rule)s, %(reason)s, %(as_of)s, %(early)s)
on conflict (key) do nothing
returning key
"""
"""Gives nothing where the message was heard before."""

SPEAK: LiteralString = """
update helpdesk.hearing
set speaks = true, rule = %(rule)s, reason = %(reason)s, as_of = %(as_of)s, early = null
where key = %(key)s
returning key
"""
"""A message that was left alone is a question from this version on."""


def hearing_columns(
    question: Question, verdict: Verdict, *, as_of: datetime, early: Question | None = None
) -> dict[str, object]:
    """What `INSERT_HEARING` and `SPEAK` are to be given."""
    return {
        "key": question.key,
        "platform": question.place.platform,
        "tenant": question.place.tenant,
        "channel": question.place.channel,
        "thread": question.place.thread,
        "kind": question.place.kind,
        "message_id": question.message_id,
        "person_id": question.person_id,
        "speaks": verdict.speaks,
        "rule": verdict.rule,
        "reason": verdict.reason,
        "as_of": as_of,
        "early": Jsonb(_early(early)) if early else None,
    }


def _early(question: Question) -> JsonObject:
    return _QUESTION.dump_python(replace(question, text=storable(question.text)), mode="json")


async def find_heard(connection: AsyncConnection, key: str) -> Heard | None:
    """What is known of the message, locked: versions of it are followed one after the other."""
    return await find_row(
        connection,
        Heard,
        "select speaks, as_of, deleted_at, early from helpdesk.hearing where key = %s for update",
        [key],
    )


async def move_on(connection: AsyncConnection, edit: Edit) -> None:
    """The edit is the newest version of a question."""
    await connection.execute(
        "update helpdesk.hearing set as_of = %s where key = %s", [edit.edited_at, edit.question.key]
    )


async def keep_silent(connection: AsyncConnection, edit: Edit, verdict: Verdict) -> None:
    """The edit is the newest version of a message that is left alone."""
    await connection.execute(
        "update helpdesk.hearing set as_of = %s, rule = %s, reason = %s, early = %s where key = %s",
        [edit.edited_at, verdict.rule, verdict.reason, Jsonb(_early(edit.question)), edit.question.key],
    )


async def mark_deleted(connection: AsyncConnection, deletion: Deletion) -> bool:
    """Whatever else arrives later; False where it was deleted before, or brought back since."""
    cursor = await connection.execute(
        """
        insert into helpdesk.hearing
          (key, platform, tenant, channel, thread, kind, message_id, person_id, speaks, rule, as_of, deleted_at)
        values (%s, %s, %s, %s, %s, %s, %s, '', false, 'deleted', %s, %s)
        on conflict (key) do update
        set deleted_at = excluded.deleted_at, early = null
        where hearing.deleted_at is null
          and (hearing.brought_back_at is null or hearing.brought_back_at < excluded.deleted_at)
        """,
        [deletion.question_key, *place_columns(deletion.place), deletion.message_id, deletion.at, deletion.at],
    )
    return bool(cursor.rowcount)


async def bring_back(connection: AsyncConnection, edit: Edit) -> None:
    """The message is no longer deleted, if it was before this."""
    await connection.execute(
        """
        update helpdesk.hearing
        set deleted_at = null, brought_back_at = %(at)s
        where key = %(key)s and (deleted_at is null or deleted_at < %(at)s)
        """,
        {"key": edit.question.key, "at": edit.edited_at},
    )
