"""What was decided about a question, and what it cost."""

from dataclasses import asdict

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from helpdesk_bot.events import Decision
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.rows import Table
from knowledge.letters import storable
from knowledge.passages import Passage


class Decisions(Table):
    async def find_standalone(self, question_key: str) -> str | None:
        """The question as it was understood without its thread."""
        return await self._find_value(
            "select standalone from helpdesk.decision where question_key = %s", [question_key]
        )


async def insert_decision(connection: AsyncConnection, question_key: str, decision: Decision, *, revision: int) -> None:
    """In the caller's transaction. What an earlier revision cost is added up."""
    await connection.execute(
        """
        insert into helpdesk.decision
          (question_key, outcome, confidence, standalone, reason, composer, model, prompt_version,
           input_tokens, output_tokens, took_ms, tried, hidden, cached_id, revision)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (question_key) do update
        set outcome = excluded.outcome,
            confidence = excluded.confidence,
            standalone = excluded.standalone,
            reason = excluded.reason,
            composer = excluded.composer,
            model = excluded.model,
            prompt_version = excluded.prompt_version,
            input_tokens = decision.input_tokens + excluded.input_tokens,
            output_tokens = decision.output_tokens + excluded.output_tokens,
            took_ms = excluded.took_ms,
            tried = excluded.tried,
            hidden = excluded.hidden,
            cached_id = excluded.cached_id,
            revision = excluded.revision,
            decided_at = now()
        where decision.revision < excluded.revision
        """,
        [
            question_key,
            decision.outcome,
            decision.confidence,
            storable(decision.standalone),
            decision.reason,
            decision.composer,
            decision.model,
            decision.prompt_version,
            decision.input_tokens,
            decision.output_tokens,
            Jsonb(decision.took_ms),
            Jsonb([_trace(passage) for passage in decision.tried]),
            decision.hidden,
            decision.cached_id,
            revision,
        ],
    )


def _trace(passage: Passage) -> JsonObject:
    """Which passage and with which scores; neither its title nor its text."""
    return {"chunk_id": passage.chunk_id, "source": passage.source, "key": passage.key, **asdict(passage.scores)}
