"""Settings of chat models, and of what may be spent on them."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode

from helpdesk_bot.settings.reading import NO_SECRET, PAIRS, SECRET_PAIRS, Pairs, Url, UrlPairs

MAIN = "main"
"""The name of MODEL in settings that name models."""

Role = Literal["answer", "rewrite"]
Dollars = Annotated[Decimal, Field(ge=0)]
Tokens = Annotated[int, Field(ge=0)]


def _price(text: object) -> object:
    """`0.40/1.60`: dollars for a million tokens in, and out."""
    if not isinstance(text, str):
        return text
    try:
        prices = tuple(Decimal(part) for part in text.split("/"))
    except InvalidOperation:
        prices = ()
    if len(prices) != 2 or not all(price.is_finite() and price >= 0 for price in prices):
        raise ValueError(f"{text!r} is not IN/OUT, dollars for a million tokens, such as 0.40/1.60")
    return prices


Prices = Annotated[tuple[Decimal, Decimal], BeforeValidator(_price)]


class ModelSettings(BaseSettings):
    model: str = ""
    model_api_key: SecretStr = NO_SECRET
    model_base_url: Url = ""
    model_timeout_s: float = Field(default=25.0, gt=0)
    model_asked_at: float = Field(default=0.2, ge=0, le=1)

    # More than one model
    model_fallbacks: Pairs = Field(default_factory=dict[str, str])
    model_keys: Annotated[dict[str, SecretStr], NoDecode, SECRET_PAIRS] = Field(default_factory=dict[str, SecretStr])
    model_base_urls: UrlPairs = Field(default_factory=dict[str, str])
    model_weights: Annotated[dict[str, Annotated[float, Field(ge=0)]], NoDecode, PAIRS] = Field(
        default_factory=dict[str, float]
    )
    model_roles: Annotated[dict[str, Role], NoDecode, PAIRS] = Field(default_factory=dict[str, Role])

    # What may be spent
    model_prices: Annotated[dict[str, Prices], NoDecode, PAIRS] = Field(
        default_factory=dict[str, tuple[Decimal, Decimal]]
    )
    budget_request_tokens: Tokens = 40_000
    budget_person_day_tokens: Tokens = 500_000
    budget_day_usd: Dollars = Decimal(0)
    budget_month_usd: Dollars = Decimal(0)
    budget_channel_day_usd: Dollars = Decimal(0)
    budget_channel_month_usd: Dollars = Decimal(0)

    @model_validator(mode="after")
    def _models_are_named_as_they_are_listed(self) -> "ModelSettings":
        if MAIN in self.model_fallbacks:
            raise ValueError("MODEL_FALLBACKS can't have a model named main: that is MODEL")
        if self.model_fallbacks and not self.model:
            raise ValueError("MODEL_FALLBACKS needs MODEL, which it stands in for")
        named = {
            "MODEL_KEYS": self.model_keys,
            "MODEL_BASE_URLS": self.model_base_urls,
            "MODEL_WEIGHTS": self.model_weights,
            "MODEL_ROLES": self.model_roles,
        }
        for setting, names in named.items():
            if unknown := sorted(set(names) - {MAIN, *self.model_fallbacks}):
                raise ValueError(f"{setting} names {', '.join(unknown)}, which MODEL_FALLBACKS doesn't")
        return self
