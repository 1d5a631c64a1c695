"""Gateways over loopback models, with real money records."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row
from pydantic import SecretStr

from helpdesk_bot.models.gateway import Candidate, Gateway, Patience
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.models.prices import Price
from helpdesk_bot.models.purse import Purse
from helpdesk_bot.records.calls import Call
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.spending import Limits, Spending
from knowledge.postgres import Pool
from tests.fakes.model_server import ModelServer

SPEC = "openai:test-model"
PRICE = Price(input_usd=Decimal(1000), output_usd=Decimal(2000))
"""A tenth of a cent a token in, two out."""


def candidate(name: str, server: ModelServer, *, spec: str = SPEC, weight: float = 0.0) -> Candidate:
    """Opened already: importing its provider takes no question's time."""
    model = open_chat_model(
        spec, api_key=SecretStr(f"sk-{name}"), base_url=server.base_url, timeout_s=60, max_tokens=100
    )
    return Candidate(name=name, spec=spec, open=lambda: model, weight=weight)


def purse_on(pool: Pool, *, prices: Mapping[str, Price] | None = None, **options: Any) -> Purse:
    """`options` are limits or the purse's own."""
    limits = {name: options.pop(name) for name in list(options) if name in Limits.__dataclass_fields__}
    prices = {SPEC: PRICE} if prices is None else prices
    return Purse(spending=Spending(pool), limits=Limits(**limits), prices=prices, max_output_tokens=100, **options)


def gateway_on(pool: Pool, *candidates: Candidate, patience: Patience | None = None, **options: Any) -> Gateway:
    return Gateway(
        role="answer",
        candidates=candidates,
        purse=purse_on(pool, **options),
        health=ModelHealth(pool),
        patience=patience or Patience(pause_s=0.01),
    )


async def calls_of(pool: Pool) -> list[Call]:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Call)) as cursor:
        await cursor.execute(
            "select role, model, answered_as, outcome, reason, input_tokens, output_tokens, is_estimated, cost_usd, "
            "is_unpriced, took_ms from helpdesk.model_call order by id"
        )
        return await cursor.fetchall()
