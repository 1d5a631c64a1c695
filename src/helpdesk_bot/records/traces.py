"""What is known of how an answer came about: for admins who ask why."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.events import Platform
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.rows import PlaceRow, Table


@dataclass(frozen=True, kw_only=True)
class Trace(PlaceRow):
    """A question with the decision about it. Where nothing was decided yet, what belongs to a decision is None."""

    key: str
    person_id: str
    asked_at: datetime
    ended_with: str | None
    outcome: str | None
    confidence: float | None
    standalone: str | None
    reason: str | None
    composer: str | None
    model: str | None
    prompt_version: str | None
    input_tokens: int | None
    output_tokens: int | None
    took_ms: dict[str, int] | None
    tried: list[JsonObject] | None
    """Passages without titles and texts, best first: chunk_id, source, key and every score."""
    hidden: int | None
    """How many passages only access kept away from it."""


class Traces(Table):
    async def find_trace(self, question_key: str) -> Trace | None:
        return await self._find_row(
            Trace,
            """
            select question.key, question.platform, question.tenant, question.channel, question.thread,
              question.kind, question.person_id, question.asked_at, question.outcome as ended_with,
              decision.outcome, decision.confidence, decision.standalone, decision.reason, decision.composer,
              decision.model, decision.prompt_version, decision.input_tokens, decision.output_tokens,
              decision.took_ms, decision.tried, decision.hidden
            from helpdesk.question
            left join helpdesk.decision on decision.question_key = question.key
            where question.key = %s
            """,
            [question_key],
        )

    async def find_by_reference(self, digest: bytes) -> str | None:
        """The newest question whose key's SHA-256 begins with these five bytes."""
        return await self._find_value(
            """
            select key
            from helpdesk.question
            where substring(sha256(convert_to(key, 'UTF8')) from 1 for 5) = %s
            order by accepted_at desc
            limit 1
            """,
            [digest],
        )

    async def find_by_message(self, platform: Platform, channel: str, message_id: str) -> str | None:
        """The question that a message is, or that a message of ours is about."""
        return await self._find_value(
            """
            select key
            from helpdesk.question
            where platform = %(platform)s and channel = %(channel)s and message_id = %(message_id)s
            union all
            select question_key
            from helpdesk.outgoing
            where platform = %(platform)s and channel = %(channel)s and message_id = %(message_id)s
            limit 1
            """,
            {"platform": platform, "channel": channel, "message_id": message_id},
        )

    async def count_votes(self, question_key: str) -> tuple[int, int]:
        """Thumbs up and thumbs down on what was said to a question."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                select count(*) filter (where value = 1), count(*) filter (where value = -1)
                from helpdesk.feedback
                join helpdesk.outgoing using (platform, tenant, channel, message_id)
                where question_key = %s
                """,
                [question_key],
            )
            row = await cursor.fetchone()
        assert row is not None  # noqa: S101 -- an aggregate always has one row
        return int(row[0]), int(row[1])

    async def list_known_admins(self, platform: Platform, *, limit: int = 20) -> list[str]:
        """Ids of people who used an admin command there, the latest first. They may be admins no more.

        Approvers and askers, who share and decide without being admins, take nobody's place.
        """
        return await self._list_values(
            """
            select person_id
            from helpdesk.audit
            where platform = %s and allowed and action not in ('share', 'draft')
            group by person_id
            order by max(at) desc
            limit %s
            """,
            [platform, limit],
        )
