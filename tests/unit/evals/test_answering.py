"""What an evaluation of answers counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.evals.answer_cases import AnswerCase
from helpdesk_bot.evals.answering import AnswerReport, AskedCase, area_under_curve, risk_coverage
from helpdesk_bot.events import Citation, Decision, Outcome
from tests.fakes.shelf import passage


def asked(text: str, confidence: float, *, answerable: str = "ANSWERABLE", answer: str = "") -> AskedCase:
    cited = (Citation(number=1, passage=passage("A quotation.")),)
    decision = Decision(outcome=Outcome.ANSWERED, text=text, confidence=confidence, citations=cited)
    return AskedCase(
        case=AnswerCase(id="q", text="?", answerable=answerable, answer=answer), decision=decision, took_ms=5
    )


def test_an_answer_below_the_threshold_counts_as_escalated():
    one = asked("30 days", 0.4)
    assert one.outcome_at(0.3) is Outcome.ANSWERED
    assert one.outcome_at(0.5) is Outcome.ESCALATED


def test_an_answer_of_a_model_counts_from_where_a_model_is_asked():
    quoted = replace(asked("30 days", 0.3), model_asked_at=0.2)
    written = replace(quoted, decision=replace(quoted.decision, model="some-model"))
    assert quoted.outcome_at(0.4) is Outcome.ESCALATED
    assert written.outcome_at(0.4) is Outcome.ANSWERED
    assert written.outcome_at(0.1) is Outcome.ANSWERED
    assert replace(written, model_asked_at=0.35).outcome_at(0.4) is Outcome.ESCALATED


def test_an_exact_answer_is_found_through_emphasis_and_case():
    assert asked("You have **30  Days** [1].", 0.9, answer="30 days").holds_answer
    assert asked("You have 13 days [1].", 0.9, answer="30 days").holds_answer is False
    assert asked("You have 30 days [1].", 0.9).holds_answer is None


def test_a_report_counts_by_label_and_tells_what_always_answering_would_hold():
    report = AnswerReport(
        asked=[
            asked("30 days", 0.9, answer="30 days"),
            asked("30 days", 0.2, answer="30 days"),
            asked("something", 0.8, answerable="UNANSWERABLE"),
            asked("something", 0.1, answerable="UNANSWERABLE"),
        ],
        answer_at=0.5,
    ).as_json()
    assert report["outcomes"] == {
        "ANSWERABLE": {"answered": 1, "escalated": 1},
        "UNANSWERABLE": {"answered": 1, "escalated": 1},
    }
    assert report["exact_answer"] == {"given": 0.5, "if always answered": 1.0}
    assert (report["answered_of_answerable"], report["false_answers"]) == (0.5, 0.5)
    assert report["auroc"]["mean"] == 0.75


def test_the_area_is_the_share_of_pairs_in_order_with_ties_half():
    assert area_under_curve([0.9, 0.8, 0.1], [True, True, False]).mean == 1.0
    assert area_under_curve([0.5, 0.5], [True, False]).mean == 0.5
    assert area_under_curve([0.9, 0.2, 0.5], [True, True, False]).mean == 0.5


scored = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
    lambda pairs: len({label for _, label in pairs}) == 2
)


@given(scored)
def test_covering_more_never_risks_less(pairs: list[tuple[float, bool]]):
    scores, labels = zip(*pairs, strict=True)
    curve = risk_coverage(scores, labels)
    assert [point.coverage for point in curve] == sorted(point.coverage for point in curve)
    assert [point.risk for point in curve] == sorted(point.risk for point in curve)
    assert curve[-1].coverage == 1.0


@pytest.mark.parametrize("label", [True, False])
def test_without_both_labels_there_is_no_area(label: bool):
    report = AnswerReport(asked=[asked("x", 0.5, answerable="ANSWERABLE" if label else "UNANSWERABLE")], answer_at=0.5)
    assert report.auroc() is None
    assert report.curve() == []
