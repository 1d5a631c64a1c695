"""What happened, in Postgres: the only SQL on schema `helpdesk`."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from helpdesk_bot.events import Decision, Outcome, Packet, Place, PlaceKind, Platform, Question, Reply, Vote
from helpdesk_bot.notices import JsonObject, Notices, announce_in
from knowledge.passages import Passage
from knowledge.postgres import Pool

InTransaction: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]

REPLY = TypeAdapter(Reply)
PACKET = TypeAdapter(Packet)


class OutgoingState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Something to be said once, in one place, and how far that got."""

    id: int
    question_key: str
    marker: str
    place: Place
    message: Reply | Packet
    state: OutgoingState


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Something to be said, before it has a row."""

    place: Place
    message: Reply | Packet


@dataclass(frozen=True, kw_only=True)
class BrowserMessage:
    id: int
    body: JsonObject
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How questions ended since a moment, and how many are open."""

    open: int
    answered: int
    clarified: int
    escalated: int
    declined: int
    failed: int
    helpful: int
    not_helpful: int


@dataclass(frozen=True, kw_only=True)
class _QuestionRow:
    key: str
    platform: str
    tenant: str
    channel: str
    thread: str | None
    kind: str
    person_id: str
    message_id: str
    text: str
    asked_at: datetime

    def question(self) -> Question:
        place = _place(self.platform, self.tenant, self.channel, self.thread, self.kind)
        return Question(
            key=self.key,
            place=place,
            person_id=self.person_id,
            message_id=self.message_id,
            text=self.text,
            asked_at=self.asked_at,
        )


@dataclass(frozen=True, kw_only=True)
class _OutgoingRow:
    id: int
    question_key: str
    kind: str
    marker: str
    platform: str
    tenant: str
    channel: str
    thread: str | None
    place_kind: str
    body: JsonObject
    state: str

    def outgoing(self) -> Outgoing:
        adapter = REPLY if self.kind == "reply" else PACKET
        return Outgoing(
            id=self.id,
            question_key=self.question_key,
            marker=self.marker,
            place=_place(self.platform, self.tenant, self.channel, self.thread, self.place_kind),
            message=adapter.validate_python(self.body),
            state=OutgoingState(self.state),
        )


def _place(platform: str, tenant: str, channel: str, thread: str | None, kind: str) -> Place:
    return Place(platform=Platform(platform), tenant=tenant, channel=channel, thread=thread, kind=PlaceKind(kind))


class Records:
    """Each method is one transaction, or runs in the one it is handed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    # Questions

    async def accept(self, question: Question, *, and_then: InTransaction) -> bool:
        """Store a question and do what belongs to the same transaction; False, and nothing, if it was known."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                insert into helpdesk.question
                  (key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                on conflict (key) do nothing
                """,
                [
                    question.key,
                    *_place_columns(question.place),
                    question.person_id,
                    question.message_id,
                    _storable(question.text),
                    question.asked_at,
                ],
            )
            if not cursor.rowcount:
                return False
            await and_then(connection)
            return True

    async def find_open_question(self, key: str) -> Question | None:
        """The question, unless it has ended."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(_QuestionRow)) as cursor,
        ):
            await cursor.execute(
                """
                select key, platform, tenant, channel, thread, kind, person_id, message_id, text, asked_at
                from helpdesk.question
                where key = %s and ended_at is null
                """,
                [key],
            )
            row = await cursor.fetchone()
        return row.question() if row else None

    async def end_question(self, key: str, outcome: Outcome) -> None:
        """Write the outcome, once: the first one stands."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.question set outcome = %s, ended_at = now() where key = %s and ended_at is null",
                [outcome, key],
            )

    # Decisions and what is to be said

    async def plan(self, question_key: str, decision: Decision | None, planned: list[Planned]) -> None:
        """Store what was decided together with what is to be said; what was planned before stands."""
        async with self._pool.connection() as connection:
            if decision is not None:
                await _insert_decision(connection, question_key, decision)
            for one in planned:
                await _insert_outgoing(connection, question_key, one)
            if any(isinstance(one.message, Packet) for one in planned):
                await connection.execute(
                    "insert into helpdesk.escalation (question_key) values (%s) on conflict do nothing", [question_key]
                )

    async def list_outgoing(self, question_key: str) -> list[Outgoing]:
        """What is to be said about a question; the packet first, since the reply says whether people were reached."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(_OutgoingRow)) as cursor,
        ):
            await cursor.execute(
                """
                select id, question_key, kind, marker, platform, tenant, channel, thread, place_kind, body, state
                from helpdesk.outgoing
                where question_key = %s
                order by kind
                """,
                [question_key],
            )
            return [row.outgoing() for row in await cursor.fetchall()]

    async def claim_sending(self, outgoing_id: int, *, patience_s: float) -> bool:
        """Whether this process may post it now: it is planned, or another's attempt is older than `patience_s`."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                update helpdesk.outgoing
                set state = 'sending', attempts = attempts + 1, claimed_at = clock_timestamp()
                where id = %s
                  and (state = 'planned'
                       or state = 'sending'
                          and (claimed_at is null or claimed_at < clock_timestamp() - make_interval(secs => %s)))
                """,
                [outgoing_id, patience_s],
            )
            return bool(cursor.rowcount)

    async def let_go(self, outgoing_id: int) -> None:
        """Our attempt ended, and whether the platform took it is not known: the next one looks first."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.outgoing set claimed_at = null where id = %s and state = 'sending'", [outgoing_id]
            )

    async def put_back(self, outgoing_id: int) -> None:
        """The platform is known not to have taken it: the next attempt posts without a look."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.outgoing set state = 'planned', claimed_at = null where id = %s and state = 'sending'",
                [outgoing_id],
            )

    async def mark_sent(self, outgoing_id: int, message_id: str) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.outgoing set state = 'sent', message_id = %s where id = %s", [message_id, outgoing_id]
            )

    async def mark_refused(self, outgoing_id: int, reason: str) -> None:
        """The platform will never take it; `reason` is the platform's word."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.outgoing set state = 'refused', refusal = %s where id = %s", [reason, outgoing_id]
            )

    async def replace_message(self, outgoing_id: int, message: Reply | Packet) -> None:
        """Say something else instead, as long as nothing was posted."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "update helpdesk.outgoing set body = %s where id = %s and state = 'planned'",
                [Jsonb(_body(message)), outgoing_id],
            )

    # Feedback

    async def record_vote(self, vote: Vote) -> None:
        """Keep the newest opinion; a removal takes back only the opinion that it names."""
        async with self._pool.connection() as connection:
            await connection.execute(
                """
                insert into helpdesk.feedback
                  (platform, tenant, channel, message_id, person_id, value, via, voted_at)
                values
                  (%(platform)s, %(tenant)s, %(channel)s, %(message_id)s, %(person_id)s, %(value)s, %(via)s, %(at)s)
                on conflict (platform, tenant, channel, message_id, person_id) do update
                set value = excluded.value, via = excluded.via, voted_at = excluded.voted_at
                where feedback.voted_at <= excluded.voted_at
                  and (%(takes_back)s::smallint is null or feedback.value in (%(takes_back)s, 0))
                """,
                {
                    "platform": vote.place.platform,
                    "tenant": vote.place.tenant,
                    "channel": vote.place.channel,
                    "message_id": vote.message_id,
                    "person_id": vote.person_id,
                    "value": vote.value,
                    "via": vote.via,
                    "at": vote.at,
                    "takes_back": vote.takes_back,
                },
            )

    # Commands and figures

    async def audit(self, *, platform: Platform, person_id: str, action: str, allowed: bool) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "insert into helpdesk.audit (platform, person_id, action, allowed) values (%s, %s, %s, %s)",
                [platform, person_id, action, allowed],
            )

    async def count_since(self, moment: datetime) -> Counts:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Counts)) as cursor:
            await cursor.execute(
                """
                select
                  count(*) filter (where ended_at is null) as open,
                  count(*) filter (where outcome = 'answered') as answered,
                  count(*) filter (where outcome = 'clarified') as clarified,
                  count(*) filter (where outcome = 'escalated') as escalated,
                  count(*) filter (where outcome = 'declined') as declined,
                  count(*) filter (where outcome = 'failed') as failed,
                  (select count(*) from helpdesk.feedback where value = 1 and voted_at >= %(moment)s) as helpful,
                  (select count(*) from helpdesk.feedback where value = -1 and voted_at >= %(moment)s) as not_helpful
                from helpdesk.question
                where accepted_at >= %(moment)s
                """,
                {"moment": moment},
            )
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 -- an aggregate always has one row
        return row

    async def claim_schedule(self, schedule: str, logical_at: datetime, *, and_then: InTransaction) -> bool:
        """Do something for this schedule and wall-clock time unless it was done; both are one transaction."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "insert into helpdesk.schedule_run (schedule, logical_at) values (%s, %s) on conflict do nothing",
                [schedule, logical_at],
            )
            if not cursor.rowcount:
                return False
            await and_then(connection)
            return True


class BrowserMessages:
    """What was said in the browser chat: the platform whose messages are ours to keep."""

    def __init__(self, pool: Pool, notices: Notices) -> None:
        self._pool = pool
        self.announce = notices.announce
        self.listen = notices.listen

    async def add_browser_message(self, conversation: str, *, marker: str, body: JsonObject) -> int:
        """Keep a message and wake whoever listens; the same marker is the same message, and its first body stays.

        The lock makes ids ascend in the order in which messages become visible.
        """
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [conversation])
            await cursor.execute(
                """
                insert into helpdesk.browser_message (conversation, marker, body) values (%s, %s, %s)
                on conflict (marker) do update set marker = excluded.marker
                returning id
                """,
                [conversation, marker, Jsonb(body)],
            )
            message_id: int = await cursor.fetchone()  # pyright: ignore[reportAssignmentType]
            await announce_in(connection, conversation, {"kind": "message"})
            return message_id

    async def find_browser_message(self, conversation: str, *, marker: str) -> int | None:
        async with self._pool.connection() as connection, connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(
                "select id from helpdesk.browser_message where conversation = %s and marker = %s",
                [conversation, marker],
            )
            return await cursor.fetchone()

    async def list_browser_messages(self, conversation: str, *, after: int = 0) -> list[BrowserMessage]:
        """The messages with a higher id, oldest first."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(BrowserMessage)) as cursor,
        ):
            await cursor.execute(
                """
                select id, body, posted_at as at
                from helpdesk.browser_message
                where conversation = %s and id > %s
                order by id
                """,
                [conversation, after],
            )
            return await cursor.fetchall()


def _place_columns(place: Place) -> tuple[str, str, str, str | None, str]:
    return place.platform, place.tenant, place.channel, place.thread, place.kind


async def _insert_decision(connection: AsyncConnection, question_key: str, decision: Decision) -> None:
    await connection.execute(
        """
        insert into helpdesk.decision
          (question_key, outcome, confidence, standalone, reason, composer, model, prompt_version,
           input_tokens, output_tokens, took_ms, tried)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (question_key) do nothing
        """,
        [
            question_key,
            decision.outcome,
            decision.confidence,
            _storable(decision.standalone),
            decision.reason,
            decision.composer,
            decision.model,
            decision.prompt_version,
            decision.input_tokens,
            decision.output_tokens,
            Jsonb(decision.took_ms),
            Jsonb([_trace(passage) for passage in decision.tried]),
        ],
    )


async def _insert_outgoing(connection: AsyncConnection, question_key: str, planned: Planned) -> None:
    kind = "reply" if isinstance(planned.message, Reply) else "packet"
    await connection.execute(
        """
        insert into helpdesk.outgoing
          (question_key, kind, marker, platform, tenant, channel, thread, place_kind, body)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (question_key, kind) do nothing
        """,
        [question_key, kind, f"{kind}:{question_key}", *_place_columns(planned.place), Jsonb(_body(planned.message))],
    )


def _body(message: Reply | Packet) -> JsonObject:
    """A message as JSON, its passages without their text: rights may shrink, records stay."""
    if isinstance(message, Packet):
        return PACKET.dump_python(replace(message, tried=tuple(map(_without_text, message.tried))), mode="json")
    citations = tuple(replace(one, passage=_without_text(one.passage)) for one in message.citations)
    return REPLY.dump_python(replace(message, text=_storable(message.text), citations=citations), mode="json")


def _without_text(passage: Passage) -> Passage:
    return replace(passage, text="")


def _trace(passage: Passage) -> JsonObject:
    """Which passage and with which scores; neither its title nor its text."""
    return {"chunk_id": passage.chunk_id, "source": passage.source, "key": passage.key, **asdict(passage.scores)}


def _storable(text: str) -> str:
    """Text that Postgres takes: no NUL, no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
