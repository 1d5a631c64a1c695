"""Calls of chat models, for whoever looks at them: what they cost, and what was asked for a question."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Calls of one model in one place on one day."""

    day: date
    model: str
    platform: str
    channel: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    unpriced: int
    estimated: int


@dataclass(frozen=True, kw_only=True)
class Call:
    role: str
    model: str
    answered_as: str
    outcome: str
    reason: str
    input_tokens: int
    output_tokens: int
    is_estimated: bool
    cost_usd: Decimal
    is_unpriced: bool
    took_ms: int


class ModelCalls(Table):
    async def list_costs(self, *, since: date) -> list[Cost]:
        """By day, model and place, the newest day first and the dearest first."""
        return await self._list_rows(
            Cost,
            """
            select day, model, platform, channel, count(*) as calls,
              count(*) filter (where outcome in ('failed', 'lost')) as failed,
              sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
              sum(cost_usd) as cost_usd, count(*) filter (where is_unpriced) as unpriced,
              count(*) filter (where is_estimated) as estimated
            from helpdesk.model_call
            where day >= %s and outcome <> 'running'
            group by day, model, platform, channel
            order by day desc, cost_usd desc, model, platform, channel
            """,
            [since],
        )

    async def list_calls(self, question_key: str) -> list[Call]:
        """Everything that was asked of models for a question, in order."""
        return await self._list_rows(
            Call,
            """
            select role, model, answered_as, outcome, reason, input_tokens, output_tokens, is_estimated, cost_usd,
              is_unpriced, took_ms
            from helpdesk.model_call
            where question_key = %s
            order by id
            """,
            [question_key],
        )
