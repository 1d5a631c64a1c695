"""Money for calls of chat models: set aside before each, settled after it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from helpdesk_bot.models.effort import thinking_tokens
from helpdesk_bot.models.errors import ModelFailed, OverBudget
from helpdesk_bot.models.prices import Price, estimate_tokens, find_cost
from helpdesk_bot.records.spending import (
    Estimate,
    Limits,
    Payer,
    Refused,
    Spending,
    Tell,
    Used,
    accounts_of,
    tell_nobody,
)
from helpdesk_bot.telemetry import BUDGET_REFUSALS, MODEL_CALLS, MODEL_COST, MODEL_TOKENS

OVERHEAD_TOKENS = 50
"""Of a request beside its texts: roles, and what a provider puts in."""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One call that was paid in advance."""

    call_id: int
    model: str
    role: str
    payer: Payer
    prompt_tokens: int
    """Estimated."""


@dataclass(frozen=True, kw_only=True)
class Purse:
    spending: Spending
    limits: Limits = field(default_factory=Limits)
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    """By provider:name, before any table."""
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    """Where the organisation is."""
    max_output_tokens: int = 1_200
    """Of a reply, without what the model thinks."""
    tell: Tell = tell_nobody

    async def open(self, model: str, *, role: str, payer: Payer, texts: tuple[str, ...]) -> Tab:
        """Raises `OverBudget`; for a model without a price too, where there is a budget of money."""
        prompt_tokens = OVERHEAD_TOKENS + sum(map(estimate_tokens, texts))
        output_tokens = self.max_output_tokens + thinking_tokens(model)
        cost_usd = await self._cost(model, prompt_tokens, output_tokens)
        if cost_usd is None and self.limits.has_money:
            BUDGET_REFUSALS.labels("unpriced").inc()
            raise OverBudget("no price known", is_about_one_model=True)
        call_id = await self.spending.reserve(
            payer,
            self.limits,
            role=role,
            model=model,
            day=self.today(),
            estimate=Estimate(tokens=prompt_tokens + output_tokens, cost_usd=cost_usd or Decimal(0)),
        )
        if isinstance(call_id, Refused):
            BUDGET_REFUSALS.labels(call_id.budget).inc()
            raise OverBudget(call_id.budget)
        return Tab(call_id=call_id, model=model, role=role, payer=payer, prompt_tokens=prompt_tokens)

    async def answered(self, tab: Tab, *, text: str, model: str, tokens: tuple[int, int], took_s: float) -> None:
        """`tokens` in and out as the provider counts them; zeros where it doesn't."""
        await self._settle(tab, "answered", text=text, tokens=tokens, took_s=took_s, answered_as=model)

    async def stopped(self, tab: Tab, *, text: str, took_s: float) -> None:
        await self._settle(tab, "stopped", text=text, tokens=(0, 0), took_s=took_s)

    async def failed(self, tab: Tab, error: ModelFailed, *, took_s: float) -> None:
        """What was refused at once cost nothing; whatever else failed cost its prompt and what came of it."""
        is_free = error.is_refusal and not error.input_tokens
        await self._settle(
            tab,
            "failed",
            text=error.written,
            tokens=(error.input_tokens, error.output_tokens),
            took_s=took_s,
            reason=error.reason,
            is_free=is_free,
        )

    async def is_nearly_used(self, payer: Payer) -> bool:
        """Whether the answer to this question says that most of its asker's day is used: one answer a day does."""
        accounts = accounts_of(payer, self.limits, self.today())
        own = next((one for one in accounts if one.kind == "person" and one.limit_tokens), None)
        return own is not None and await self.spending.take_word(own, payer.question_key)

    async def _settle(
        self,
        tab: Tab,
        outcome: Literal["answered", "failed", "stopped"],
        *,
        text: str,
        tokens: tuple[int, int],
        took_s: float,
        answered_as: str = "",
        reason: str = "",
        is_free: bool = False,
    ) -> None:
        input_tokens, output_tokens = tokens
        if not is_free:
            input_tokens, output_tokens = input_tokens or tab.prompt_tokens, output_tokens or estimate_tokens(text)
        cost_usd = await self._cost(tab.model, input_tokens, output_tokens, answered_as)
        used = Used(
            outcome=outcome,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            is_estimated=(input_tokens, output_tokens) != tokens,
            cost_usd=cost_usd or Decimal(0),
            is_unpriced=cost_usd is None,
            took_ms=round(took_s * 1000),
            answered_as=answered_as,
            reason=reason,
        )
        _measure(tab, used)
        await self.spending.settle(tab.call_id, tab.payer, self.limits, used, tell=self.tell)

    async def _cost(self, model: str, input_tokens: int, output_tokens: int, answered_as: str = "") -> Decimal | None:
        return await asyncio.to_thread(
            find_cost,
            model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            own=self.prices,
            answered_as=answered_as,
        )


def _measure(tab: Tab, used: Used) -> None:
    MODEL_CALLS.labels(tab.model, tab.role, used.outcome).inc()
    MODEL_COST.labels(tab.model, "unpriced" if used.is_unpriced else "priced").inc(float(used.cost_usd))
    MODEL_TOKENS.labels(tab.model, "in").inc(used.input_tokens)
    MODEL_TOKENS.labels(tab.model, "out").inc(used.output_tokens)
