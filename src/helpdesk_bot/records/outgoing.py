"""What is to be said, together with the decision it came from.

    planned -> sending -> sent | refused | withdrawn

A row that is planned and has a message id replaces that message.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from helpdesk_bot.events import Decision, Place
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Message, Packet
from helpdesk_bot.records.bodies import body_of, kind_of, read_body
from helpdesk_bot.records.decisions import insert_decision
from helpdesk_bot.records.rows import InTransaction, Table, find_value, place_columns, with_place


class OutgoingState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Something to be said once, in one place, and how far that got."""

    id: int
    question_key: str
    marker: str
    place: Place
    message: Message
    state: OutgoingState
    message_id: str | None = None
    """The platform's, once it is known. A planned message with one takes that one's place."""
    revision: int = 0
    """Of the question it answers."""
    version: int = 0
    """How often what it says was replaced."""
    posted_version: int = 0
    """What the newest attempt to post said."""
    whisper_to: str | None = None
    """Only this person is to see it."""
    is_begun: bool = False
    """It is shown while it is written, and not planned yet."""
    is_late: bool = False
    """A reply or packet whose question was taken in a while ago: in a restored database it may have been posted since
    the backup."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Something to be said, before it has a row."""

    place: Place
    message: Message
    marker: str = ""
    """Names the message for good; empty for `reply:KEY`, `packet:KEY` or `notice:KEY` of its question."""
    whisper_to: str | None = None


def _outgoing(*, message_kind: str, body: JsonObject, state: str, **columns: Any) -> Outgoing:
    return Outgoing(message=read_body(message_kind, body), state=OutgoingState(state), **columns)


_OUTGOING: LiteralString = """
select outgoing.id, outgoing.question_key, outgoing.kind as message_kind, outgoing.marker, outgoing.platform,
  outgoing.tenant, outgoing.channel, outgoing.thread, outgoing.place_kind as kind, outgoing.body, outgoing.state,
  outgoing.message_id, outgoing.revision, outgoing.version, outgoing.posted_version, outgoing.whisper_to,
  outgoing.is_begun,
  outgoing.kind in ('reply', 'packet') and question.accepted_at < now() - interval '1 minute' as is_late
from helpdesk.outgoing
join helpdesk.question on question.key = outgoing.question_key
"""


class OutgoingMessages(Table):
    async def plan(
        self,
        question_key: str,
        decision: Decision | None,
        planned: list[Planned],
        *,
        revision: int = 0,
        and_then: InTransaction | None = None,
    ) -> bool:
        """Store what was decided together with what is to be said; what was planned for this revision stands.

        False, and nothing is stored, where the question was changed or taken back meanwhile.
        """
        async with self._pool.connection() as connection:
            if not await _is_current(connection, question_key, revision):
                return False
            if decision is not None:
                await insert_decision(connection, question_key, decision, revision=revision)
            for one in planned:
                await insert_outgoing(connection, question_key, one, revision=revision)
            if any(isinstance(one.message, Packet) for one in planned):
                await connection.execute(
                    "insert into helpdesk.escalation (question_key) values (%s) on conflict do nothing", [question_key]
                )
            if and_then is not None:
                await and_then(connection)
            return True

    async def begin_stream(self, question_key: str, planned: Planned, *, revision: int) -> bool:
        """A row, as sending, for what is shown while it is written; False where there is one, or the question changed.

        It counts as planned once `plan` has stored the answer itself.
        """
        async with self._pool.connection() as connection:
            if not await _is_current(connection, question_key, revision):
                return False
            marker = planned.marker or f"reply:{question_key}"
            cursor = await connection.execute(
                "select from helpdesk.outgoing where marker = %s and state <> 'planned'", [marker]
            )
            if await cursor.fetchone() is not None:
                return False
            await insert_outgoing(connection, question_key, planned, revision=revision)
            await connection.execute(
                """
                update helpdesk.outgoing
                set state = 'sending', attempts = attempts + 1, claimed_at = clock_timestamp(), is_begun = true
                where marker = %s
                """,
                [marker],
            )
            return True

    async def note_message(self, marker: str, message_id: str) -> None:
        """The message that is being shown while it is written: after a crash it is edited."""
        await self._execute(
            "update helpdesk.outgoing set message_id = %s where marker = %s and state = 'sending'",
            [message_id, marker],
        )

    async def plan_more(self, question_key: str, planned: Planned, *, revision: int = 0) -> None:
        """Something to be said beside the answer; what has this marker already stands, if it is as new."""
        async with self._pool.connection() as connection:
            await insert_outgoing(connection, question_key, planned, revision=revision)

    async def list_outgoing(self, question_key: str) -> list[Outgoing]:
        """What is to be said about a question; packets first, since the reply says whether people were reached."""
        query = _OUTGOING + " where outgoing.question_key = %s order by outgoing.kind = 'packet' desc, id"
        return await self._list_rows(with_place(_outgoing), query, [question_key])

    async def find_outgoing(self, marker: str) -> Outgoing | None:
        return await self._find_row(with_place(_outgoing), _OUTGOING + " where outgoing.marker = %s", [marker])

    async def list_cited(self, newer_than: timedelta) -> list[Outgoing]:
        """Answers that were posted and cite something, the newest first. Private ones can't be edited: left out."""
        query = """
            where outgoing.kind = 'reply' and outgoing.state = 'sent' and outgoing.whisper_to is null
              and jsonb_array_length(outgoing.body -> 'citations') > 0
              and question.ended_at > now() - %s and question.deleted_at is null
            order by question.ended_at desc
            """
        return await self._list_rows(with_place(_outgoing), _OUTGOING + query, [newer_than])


async def insert_outgoing(
    connection: AsyncConnection, question_key: str, planned: Planned, *, revision: int = 0
) -> None:
    """Plan a message in the caller's transaction. One with this marker keeps its row: a newer revision replaces it."""
    kind = kind_of(planned.message)
    await connection.execute(
        """
        insert into helpdesk.outgoing
          (question_key, kind, marker, platform, tenant, channel, thread, place_kind, body, revision, whisper_to)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (marker) do update
        set body = excluded.body,
            revision = excluded.revision,
            version = outgoing.version + 1,
            is_begun = false,
            state = case outgoing.state when 'sending' then 'sending' else 'planned' end
        where outgoing.revision < excluded.revision or outgoing.is_begun
        """,
        [
            question_key,
            kind,
            planned.marker or f"{kind}:{question_key}",
            *place_columns(planned.place),
            Jsonb(body_of(planned.message)),
            revision,
            planned.whisper_to,
        ],
    )


async def forget_said(connection: AsyncConnection, marker: str) -> None:
    """In the caller's transaction: what was said to one person can be asked for again; platforms don't keep it."""
    await connection.execute(
        """
        delete from helpdesk.outgoing
        where marker = %s and whisper_to is not null and state in ('sent', 'refused', 'withdrawn')
        """,
        [marker],
    )


async def _is_current(connection: AsyncConnection, question_key: str, revision: int) -> bool:
    """Whether the question stands at this revision; it does so until the transaction ends."""
    is_current: bool | None = await find_value(
        connection,
        "select revision = %s and deleted_at is null from helpdesk.question where key = %s for update",
        [revision, question_key],
    )
    return bool(is_current)
