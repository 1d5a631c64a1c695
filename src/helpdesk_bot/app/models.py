"""The chat models of each role, with their money and their health."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from helpdesk_bot.models.effort import thinking_tokens
from helpdesk_bot.models.gateway import Candidate, Gateway, OnRest, tell_nobody_of
from helpdesk_bot.models.open_model import check_chat_model, open_chat_model
from helpdesk_bot.models.prices import Price
from helpdesk_bot.models.purse import Purse
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.spending import Limits, Spending, Tell, tell_nobody
from helpdesk_bot.settings import Settings
from helpdesk_bot.settings.models import MAIN, Role
from knowledge.postgres import Pool

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_ANSWER_TOKENS = 1_200


@dataclass(frozen=True, kw_only=True)
class Models:
    """A role without a model is None."""

    answer: Gateway | None = None
    rewrite: Gateway | None = None

    async def warm(self) -> None:
        for gateway in filter(None, (self.answer, self.rewrite)):
            await gateway.warm()


def models_of(settings: Settings, pool: Pool, *, tell: Tell = tell_nobody, on_rest: OnRest = tell_nobody_of) -> Models:
    """Raises `ModelNotConfigured` where a name or a key is missing. No provider is imported yet."""
    purse, health = purse_of(settings, pool, tell=tell), ModelHealth(pool)

    def gateway(role: Role) -> Gateway | None:
        candidates = candidates_of(settings, role)
        if not candidates:
            return None
        return Gateway(role=role, candidates=candidates, purse=purse, health=health, on_rest=on_rest)

    return Models(answer=gateway("answer"), rewrite=gateway("rewrite"))


def candidates_of(settings: Settings, role: Role | None = None) -> list[Candidate]:
    """In order; of one role, or all."""
    weights = settings.model_weights or {MAIN: 1.0}
    return [
        Candidate(name=name, spec=spec, open=_opener(settings, name, spec), weight=weights.get(name, 0.0))
        for name, spec in _specs(settings).items()
        if role is None or settings.model_roles.get(name, role) == role
    ]


def purse_of(settings: Settings, pool: Pool, *, tell: Tell = tell_nobody) -> Purse:
    return Purse(
        spending=Spending(pool),
        limits=Limits(
            request_tokens=settings.budget_request_tokens,
            person_day_tokens=settings.budget_person_day_tokens,
            day_usd=settings.budget_day_usd,
            month_usd=settings.budget_month_usd,
            channel_day_usd=settings.budget_channel_day_usd,
            channel_month_usd=settings.budget_channel_month_usd,
        ),
        prices={
            spec: Price(input_usd=input_usd, output_usd=output_usd)
            for spec, (input_usd, output_usd) in settings.model_prices.items()
        },
        today=settings.today,
        max_output_tokens=MAX_ANSWER_TOKENS,
        tell=tell,
    )


def _specs(settings: Settings) -> Mapping[str, str]:
    return {MAIN: settings.model, **settings.model_fallbacks} if settings.model else {}


def _opener(settings: Settings, name: str, spec: str) -> "Callable[[], BaseChatModel]":
    key = settings.model_keys.get(name) or (settings.model_api_key if name == MAIN else None)
    api_key = key if key and key.get_secret_value() else None
    base_url = settings.model_base_urls.get(name) or (settings.model_base_url if name == MAIN else "")
    check_chat_model(spec, api_key=api_key, base_url=base_url or None)
    return partial(
        open_chat_model,
        spec,
        api_key=api_key,
        base_url=base_url or None,
        timeout_s=settings.model_timeout_s,
        max_tokens=MAX_ANSWER_TOKENS + thinking_tokens(spec),
        way_out=settings.way_out,
    )
