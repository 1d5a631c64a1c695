"""Questions: each is taken in once, follows its author's edits, and ends once for each of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString, TypeAlias

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from helpdesk_bot.events import Addressed, Deletion, Edit, Outcome, PlaceKind, Platform, Question, SharedFile
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.hearing import Verdict
from helpdesk_bot.records.proposals import void_proposals
from helpdesk_bot.records.rows import InTransaction, Table, find_value, with_place
from helpdesk_bot.records.threads import hush_in
from helpdesk_bot.records.versions import (
    INSERT_HEARING,
    SPEAK,
    Heard,
    bring_back,
    find_heard,
    hearing_columns,
    keep_silent,
    mark_deleted,
    move_on,
)
from knowledge.letters import storable

Hear: TypeAlias = Callable[[AsyncConnection, Question], Awaitable[Verdict]]
"""Decides in the transaction whether a message is spoken to."""

_FILES = TypeAdapter(tuple[SharedFile, ...])


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question that is to be brought to its end, in its newest version."""

    question: Question
    revision: int
    """How many edits changed its meaning so far."""
    is_deleted: bool
    is_late: bool = False
    """It was taken in a while ago: in a restored database it may have been answered since the backup."""


@dataclass(frozen=True, kw_only=True)
class PastQuestion:
    """A line of a person's own page."""

    question: Question
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class _Stored:
    question: Question
    revision: int
    is_deleted: bool
    outcome: Outcome | None
    is_late: bool


def _stored(
    *,
    addressed: str,
    files: list[JsonObject],
    revision: int,
    is_deleted: bool,
    outcome: str | None,
    is_late: bool,
    **columns: Any,
) -> _Stored:
    question = Question(addressed=Addressed(addressed), files=_FILES.validate_python(files), **columns)
    ended = Outcome(outcome) if outcome else None
    return _Stored(question=question, revision=revision, is_deleted=is_deleted, outcome=ended, is_late=is_late)


_QUESTIONS: LiteralString = """
select key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at, addressed, tags_people,
  files, continues, revision, deleted_at is not null as is_deleted, outcome,
  accepted_at < now() - interval '1 minute' as is_late
from helpdesk.question
"""


class Questions(Table):
    async def accept(self, question: Question, *, and_then: InTransaction, hear: Hear | None = None) -> bool:
        """Store a message and what is made of it, and do what belongs to a new question in the same transaction.

        False, and nothing is done, where it was known or is left alone. Without `hear` it is a question.
        """
        async with self._pool.connection() as connection:
            verdict = await hear(connection, question) if hear else _ADDRESSED
            if not verdict.speaks:
                await _leave_alone(connection, question, verdict, as_of=question.asked_at)
                return False
            is_new, is_asked = await _make_question(
                connection, INSERT_HEARING, question, verdict, as_of=question.asked_at
            )
            if not is_new:
                return await _take_late(connection, question, verdict, and_then)
            if is_asked:
                await and_then(connection)
            return is_asked

    async def take_edit(self, edit: Edit, *, and_then: InTransaction, hear: Hear) -> bool:
        """Follow an edit; whether there is something to do. Older versions, and mere white space, change nothing."""
        question = edit.question
        async with self._pool.connection() as connection:
            if edit.brings_back:
                await bring_back(connection, edit)  # if it was heard of before
            heard = await find_heard(connection, question.key)
            if heard is None:
                verdict = await hear(connection, question)
                if verdict.speaks:
                    is_new, is_due = await _make_question(
                        connection, INSERT_HEARING, question, verdict, as_of=edit.edited_at
                    )
                else:
                    is_due = False
                    is_new = await _leave_alone(connection, question, verdict, as_of=edit.edited_at, early=question)
                if is_new and edit.brings_back:
                    await bring_back(connection, edit)
            elif heard.deleted_at:
                return False
            elif heard.as_of >= edit.edited_at:
                return await _take_late(connection, question, await hear(connection, question), and_then)
            else:
                is_due = await _follow(connection, edit, heard, hear)
            if is_due:
                await and_then(connection)
            return is_due

    async def take_deletion(self, deletion: Deletion, *, and_then: InTransaction) -> bool:
        """Take the question back, whatever else arrives later; whether there is something to do."""
        async with self._pool.connection() as connection:
            if not await mark_deleted(connection, deletion):
                return False
            taken_back = await connection.execute(
                """
                update helpdesk.question
                set deleted_at = %s, text = '', files = '[]', revision = revision + 1, outcome = null, ended_at = null
                where key = %s
                """,
                [deletion.at, deletion.question_key],
            )
            if taken_back.rowcount:
                await void_proposals(connection, deletion.question_key)
                await and_then(connection)
            return bool(taken_back.rowcount)

    async def find_open_question(self, key: str) -> OpenQuestion | None:
        """The question, unless it has ended."""
        stored = await self._find_by_key(key)
        if stored is None or stored.outcome is not None:
            return None
        return OpenQuestion(
            question=stored.question,
            revision=stored.revision,
            is_deleted=stored.is_deleted,
            is_late=stored.is_late,
        )

    async def find_question(self, key: str) -> Question | None:
        """The question in its newest version, ended or not; None where it is not known or was taken back."""
        stored = await self._find_by_key(key)
        return stored.question if stored and not stored.is_deleted else None

    async def is_current(self, key: str, *, revision: int) -> bool:
        """Whether the question still stands as it did at this revision."""
        return await self.find_revision(key) == revision

    async def find_revision(self, key: str) -> int | None:
        """How many edits changed its meaning so far; None where it is not known or was taken back."""
        stored = await self._find_by_key(key)
        return stored.revision if stored and not stored.is_deleted else None

    async def end_question(self, key: str, outcome: Outcome, *, revision: int = 0) -> bool:
        """Write the outcome of this revision, once: the first one stands. False where there is another revision."""
        return await self._changes(
            """
            update helpdesk.question
            set outcome = %s, ended_at = now()
            where key = %s and revision = %s and ended_at is null
            """,
            [outcome, key, revision],
        )

    async def change_outcome(self, key: str, outcome: Outcome) -> None:
        """What a question that had ended came to after all, as when a person approved its answer."""
        await self._execute(
            "update helpdesk.question set outcome = %s where key = %s and ended_at is not null", [outcome, key]
        )

    async def list_questions_of(
        self, platform: Platform, tenant: str, person_id: str, *, limit: int
    ) -> list[PastQuestion]:
        """What this person asked, the newest first."""
        query = """
            where platform = %s and tenant = %s and person_id = %s and deleted_at is null
            order by accepted_at desc
            limit %s
            """
        found = await self._list_rows(with_place(_stored), _QUESTIONS + query, [platform, tenant, person_id, limit])
        return [PastQuestion(question=one.question, outcome=one.outcome) for one in found]

    async def _find_by_key(self, key: str) -> _Stored | None:
        return await self._find_row(with_place(_stored), _QUESTIONS + " where key = %s", [key])


_ADDRESSED = Verdict(speaks=True, rule="addressed")


async def _take_late(
    connection: AsyncConnection, question: Question, verdict: Verdict, and_then: InTransaction
) -> bool:
    """A version that is not the newest, of a message that was left alone: if it is spoken to, so is the newest."""
    heard = await find_heard(connection, question.key)
    if heard is None or heard.early is None or heard.deleted_at or not verdict.speaks:
        return False
    early = heard.early_question()
    newest = replace(question, text=early.text, files=early.files)
    _, is_asked = await _make_question(connection, SPEAK, newest, verdict, as_of=heard.as_of)
    if is_asked:
        await and_then(connection)
    return is_asked


async def _follow(connection: AsyncConnection, edit: Edit, heard: Heard, hear: Hear) -> bool:
    """The newest version so far. A question stays one; what was left alone may become one."""
    question = edit.question
    if heard.speaks:
        await move_on(connection, edit)
        return await _change_question(connection, question)
    verdict = await hear(connection, question)
    if not verdict.speaks:
        await keep_silent(connection, edit, verdict)
        return False
    _, is_asked = await _make_question(connection, SPEAK, question, verdict, as_of=edit.edited_at)
    return is_asked


async def _leave_alone(
    connection: AsyncConnection, question: Question, verdict: Verdict, *, as_of: datetime, early: Question | None = None
) -> bool:
    """False where the message was heard before. One that hushes its thread does so once."""
    cursor = await connection.execute(INSERT_HEARING, hearing_columns(question, verdict, as_of=as_of, early=early))
    if cursor.rowcount and verdict.hushes and question.place.kind is not PlaceKind.DIRECT:
        await hush_in(connection, question.place, rule=verdict.hushes)
    return bool(cursor.rowcount)


# In one way to the server and back: a platform waits. An answer to come makes the bot part of a channel's thread, and
# it listens there unless it is hushed at once.
_ASKED: LiteralString = """
joined as (
  insert into helpdesk.thread (conversation_id, asker_ids, hushed_by)
  select %(conversation_id)s, array[%(person_id)s], %(hushed_by)s
  from heard
  where %(kind)s <> 'direct'
  on conflict (conversation_id) do update
  set asker_ids = array(select distinct unnest(thread.asker_ids || excluded.asker_ids)),
      hushed_by = excluded.hushed_by,
      changed_at = now()
), asked as (
  insert into helpdesk.question
    (key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at,
     addressed, tags_people, files, continues)
  select
    %(key)s, %(platform)s, %(tenant)s, %(channel)s, %(thread)s, %(kind)s, %(person_id)s, %(message_id)s, %(text)s,
    %(asked_at)s, %(addressed)s, %(tags_people)s, %(files)s, %(continues)s
  from heard
  on conflict (key) do nothing
  returning key
)
select exists (select from heard), exists (select from asked)
"""


async def _make_question(
    connection: AsyncConnection, heard: LiteralString, question: Question, verdict: Verdict, *, as_of: datetime
) -> tuple[bool, bool]:
    """Make a question of a message by this statement on its hearing: whether that wrote anything, and whether the
    question is new.
    """
    cursor = await connection.execute(
        "with heard as (" + heard + "), " + _ASKED,
        hearing_columns(question, verdict, as_of=as_of)
        | {
            "conversation_id": question.place.conversation_id,
            "hushed_by": verdict.hushes or None,
            "text": storable(question.text),
            "asked_at": question.asked_at,
            "addressed": question.addressed,
            "tags_people": question.tags_people,
            "files": Jsonb(_FILES.dump_python(question.files, mode="json")),
            "continues": verdict.continues,
        },
    )
    ((is_heard, is_asked),) = await cursor.fetchall()
    return is_heard, is_asked


async def _change_question(connection: AsyncConnection, question: Question) -> bool:
    """Put the newest version in the question's place, and open it again; False where it means the same.

    One that was taken back, and came back, is always new.
    """
    before = await find_value(
        connection,
        "select text from helpdesk.question where key = %s and deleted_at is null for update",
        [question.key],
    )
    if before is not None and before.split() == storable(question.text).split():
        return False
    changed = await connection.execute(
        """
        update helpdesk.question
        set text = %s, tags_people = %s, files = %s, revision = revision + 1, outcome = null, ended_at = null,
            deleted_at = null
        where key = %s
        """,
        [
            storable(question.text),
            question.tags_people,
            Jsonb(_FILES.dump_python(question.files, mode="json")),
            question.key,
        ],
    )
    if changed.rowcount:
        await void_proposals(connection, question.key)
    return bool(changed.rowcount)
