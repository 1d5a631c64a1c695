"""What tokens cost, by our own prices and by the packaged table."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.models.prices import Price, estimate_tokens, find_cost

OWN = {"openai:our-llama": Price(input_usd=Decimal("0.20"), output_usd=Decimal("0.80"))}


def test_a_known_model_costs_what_the_table_says():
    cost = find_cost("openai:gpt-4.1-mini", input_tokens=1000, output_tokens=100, own={})
    assert cost == Decimal("0.00056")


def test_the_name_a_provider_gives_is_looked_up_first():
    cost = find_cost("openai:ours", input_tokens=1000, output_tokens=100, own={}, answered_as="gpt-4.1-mini-2025-04-14")
    assert cost == Decimal("0.00056")


def test_an_unknown_model_is_unpriced_not_free():
    for model in ("openai:our-llama", "nobody:nothing"):
        assert find_cost(model, input_tokens=1000, output_tokens=100, own={}) is None


def test_our_own_price_goes_before_the_table():
    assert find_cost("openai:our-llama", input_tokens=1_000_000, output_tokens=500_000, own=OWN) == Decimal("0.60")


@given(st.text(alphabet=st.characters(), max_size=200), st.text(max_size=50))
def test_more_text_is_never_fewer_tokens(text: str, more: str):
    assert 0 <= estimate_tokens(text) <= estimate_tokens(text + more)
    assert estimate_tokens(text) > 0 or not text
