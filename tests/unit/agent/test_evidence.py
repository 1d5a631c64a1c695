from dataclasses import astuple, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.agent.evidence import Case, Features, Weights, features, fit, probability
from knowledge.passages import Passage, Scores
from tests.fakes.shelf import passage

QUESTION = "How do I reset my Okta password?"
ANSWER = passage("Choose Forgot password to reset your Okta password.", title="Passwords", dense=0.7)
NOISE = passage("The canteen opens at noon.", title="Canteen", dense=0.1)


def scored(one: Passage, **scores: float | None) -> Passage:
    return replace(one, scores=Scores(**scores))  # pyright: ignore[reportArgumentType]


def test_a_passage_that_answers_is_enough_and_noise_is_not():
    assert probability(features(QUESTION, [ANSWER, NOISE]), Weights()) > 0.5
    assert probability(features(QUESTION, [NOISE]), Weights()) < 0.1
    assert probability(features(QUESTION, []), Weights()) < 0.01


def test_a_word_that_no_passage_holds_makes_it_less_likely():
    asked = features("How do I reset my Okta password?", [ANSWER])
    other = features("How do I reset my Zendesk password?", [ANSWER])
    assert other.coverage < asked.coverage
    assert other.specifics < asked.specifics


def test_a_number_that_no_passage_holds_makes_it_less_likely():
    error = passage("Error 420 means too many sessions.")
    assert features("what does error 420 mean", [error]).specifics == 1.0
    assert features("what does error 619 mean", [error]).specifics == 0.0
    assert features("what does it mean", [error]).specifics == 0.5


def test_one_word_found_says_less_than_four():
    four = passage("reset okta account password")
    assert features("password", [four]).coverage < features("reset okta account password", [four]).coverage < 1


def test_a_passage_high_in_both_rankings_counts():
    both = scored(ANSWER, dense=0.6, dense_rank=1, bm25=5.0, bm25_rank=1)
    apart = [scored(ANSWER, dense=0.6, dense_rank=1), scored(NOISE, bm25=5.0, bm25_rank=1)]
    assert features(QUESTION, [both]).agreement == 1.0
    assert features(QUESTION, apart).agreement == 0.0


def test_a_figure_that_says_how_much_is_not_looked_for_and_one_that_names_something_is():
    limits = passage("Screens up to 1,000 euros are approved by your manager.")
    assert features("who approves a screen for 700 euros", [limits]).specifics == 0.5
    assert features("who approves screen 700", [limits]).specifics == 0.0


def test_without_any_cosine_words_stand_for_meaning():
    found = features(QUESTION, [scored(ANSWER, bm25=5.0, bm25_rank=1)])
    assert 0 < found.likeness < found.coverage


@settings(deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(max_size=60), st.none() | st.floats(-1, 1)), max_size=5),
)
def test_features_are_shares_and_the_result_a_probability(question: str, texts: list[tuple[str, float | None]]):
    found = features(question, [passage(text, dense=dense) for text, dense in texts])
    assert all(0 <= value <= 1 for value in astuple(found))
    assert 0 < probability(found, Weights()) < 1


def synthetic(count: int, *, seed: int = 7) -> list[Case]:
    """Cases whose label was drawn with the probability that known weights give."""
    draw = np.random.default_rng(seed)
    truth = Weights(
        likeness=5, likeness_together=0, coverage=3, coverage_together=0, agreement=0, specifics=0, intercept=-4
    )
    found = [
        Features(**dict(zip(Features.__dataclass_fields__, draw.random(len(fields(Features))).tolist(), strict=True)))
        for _ in range(count)
    ]
    return [Case(features=one, is_answered=bool(draw.random() < probability(one, truth))) for one in found]


def test_fitting_finds_what_matters():
    weights = fit(synthetic(4_000), penalty=1.0)
    assert weights.likeness == pytest.approx(5, abs=0.8)
    assert weights.coverage == pytest.approx(3, abs=0.8)
    assert abs(weights.agreement) < 0.6
    assert weights.intercept == pytest.approx(-4, abs=0.8)


def test_fitted_probabilities_are_calibrated():
    weights, held_out = fit(synthetic(4_000)), synthetic(4_000, seed=8)
    sure = [case.is_answered for case in held_out if 0.6 < probability(case.features, weights) < 0.8]
    assert np.mean(sure) == pytest.approx(0.7, abs=0.07)


def test_fitting_is_deterministic_and_order_does_not_matter():
    cases = synthetic(200)
    assert astuple(fit(cases)) == pytest.approx(astuple(fit(cases[::-1])))


def test_a_stronger_penalty_makes_smaller_weights():
    cases = synthetic(300)
    assert abs(fit(cases, penalty=30).likeness) < abs(fit(cases, penalty=0.1).likeness)


def test_separable_cases_still_give_finite_weights():
    good = replace(features(QUESTION, [ANSWER]), likeness=0.9)
    cases = [Case(features=good, is_answered=True), Case(features=replace(good, likeness=0.1), is_answered=False)] * 5
    assert all(np.isfinite(astuple(fit(cases))))


def test_fitting_needs_both_kinds_of_cases():
    with pytest.raises(ValueError, match="both"):
        fit([Case(features=features(QUESTION, [ANSWER]), is_answered=True)])
