"""What tokens cost. A model that no table knows is unpriced: counted as such, never as free."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

BYTES_A_TOKEN = 3
"""Rather too few than too many: English has about 4, German 3.5, code 3 (tiktoken's cl100k_base)."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """Dollars for a million tokens."""

    input_usd: Decimal
    output_usd: Decimal

    def of(self, *, input_tokens: int, output_tokens: int) -> Decimal:
        return (self.input_usd * input_tokens + self.output_usd * output_tokens) / 1_000_000


def find_cost(
    model: str, *, input_tokens: int, output_tokens: int, own: Mapping[str, Price], answered_as: str = ""
) -> Decimal | None:
    """In dollars; None where neither `own` prices nor genai-prices' table know the model.

    `model` reads provider:name as it is set; `answered_as` is what the provider called it, which may be more exact.
    The table comes with its package and is never fetched. The first call imports it: about a second.
    """
    if price := own.get(model):
        return price.of(input_tokens=input_tokens, output_tokens=output_tokens)
    from genai_prices import Usage, calc_price

    provider, _, name = model.partition(":")
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    for named in dict.fromkeys(filter(None, (answered_as, name))):
        try:
            return calc_price(usage, model_ref=named, provider_id=provider).total_price
        except LookupError:
            continue
    return None


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, rounded up."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN)
