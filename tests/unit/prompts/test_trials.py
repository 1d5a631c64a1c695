"""Who gets which version, and what is made of the results."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.events import Outcome
from helpdesk_bot.prompts.trials import compare, difference, is_tried_in, mean_of, wilson
from helpdesk_bot.records.prompts import PromptTrial, TrialAnswer


def trial(*, number: int = 1, share: float = 50) -> PromptTrial:
    began_at = datetime(2026, 11, 28, tzinfo=UTC)
    return PromptTrial(id=number, name="answer", version="answer-3-x", share=share, began_at=began_at)


@given(st.text(), st.floats(0.1, 99))
def test_a_conversation_that_is_in_stays_in_at_a_greater_share(conversation: str, share: float):
    if is_tried_in(trial(share=share), conversation):
        assert is_tried_in(trial(share=share + 1), conversation)
    assert is_tried_in(trial(share=100), conversation)


@pytest.mark.parametrize("share", [5, 50, 90])
def test_the_share_is_the_share(share: float):
    got = sum(is_tried_in(trial(share=share), f"slack:T:C:{number}") for number in range(5000))
    assert got / 50 == pytest.approx(share, abs=2)


def test_another_trial_divides_the_conversations_anew():
    both = sum(
        is_tried_in(trial(number=1), f"c{number}") and is_tried_in(trial(number=2), f"c{number}")
        for number in range(4000)
    )
    assert both / 40 == pytest.approx(25, abs=3)


def test_wilsons_interval_is_the_published_one():
    """Newcombe, Statistics in Medicine 1998, table I: 81 of 263."""
    rate = wilson(81, 263)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.2553, 0.3662)


def test_nothing_counted_says_nothing():
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_every_decision_counts_for_what_its_conversation_was_given():
    answers = [
        TrialAnswer(
            conversation_id=f"c{number}",
            outcome=Outcome.ANSWERED if is_tried_in(trial(), f"c{number}") else Outcome.ESCALATED,
            tokens=100,
            cost_usd=Decimal("0.002") if is_tried_in(trial(), f"c{number}") else Decimal("0.001"),
            unpriced=0,
            up=1,
            down=0,
        )
        for number in range(200)
    ]
    others, tried = compare(trial(), answers, production="answer-2-y")
    assert others.decisions + tried.decisions == 200
    assert tried.outcomes == {"answered": tried.decisions}
    assert others.outcomes == {"escalated": others.decisions}
    assert (tried.tokens.value, tried.helpful.value, others.answered.value) == (100, 1, 0)
    assert (tried.cost_usd.value, others.cost_usd.value) == pytest.approx((0.002, 0.001))
    more = difference(tried.cost_usd, others.cost_usd)
    assert more is not None
    assert more.value == pytest.approx(0.001)


def answered(cost_usd: str, *, unpriced: int = 0) -> TrialAnswer:
    return TrialAnswer(
        conversation_id="c",
        outcome=Outcome.ANSWERED,
        tokens=9,
        cost_usd=Decimal(cost_usd),
        unpriced=unpriced,
        up=0,
        down=0,
    )


def test_what_has_no_price_is_counted_apart_and_never_as_free():
    """With a share of 100 % the one conversation is tried."""
    _, tried = compare(
        trial(share=100), [answered("0.03"), answered("0.01"), answered("0", unpriced=1)], production="p"
    )
    assert (tried.cost_usd.value, tried.cost_usd.count, tried.unpriced) == (pytest.approx(0.02), 2, 1)


def test_a_difference_has_the_interval_of_two_samples():
    """Standard errors of 1 and 1 from two values each: 1.96 * sqrt(2)."""
    more = difference(mean_of([9.0, 11.0]), mean_of([4.0, 6.0]))
    assert more is not None
    assert (more.value, more.high - more.value) == (5, pytest.approx(1.96 * 2**0.5))


def test_from_one_answer_nothing_is_known_of_a_difference():
    assert difference(mean_of([1.0]), mean_of([1.0, 2.0])) is None
