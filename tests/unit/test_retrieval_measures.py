import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.evals.measures import Qrel, measure, paired_interval
from helpdesk_bot.evals.retrieval import best_by_document


def qrel(query_id, document_id, relevance=1):
    return Qrel(query_id=query_id, document_id=document_id, relevance=relevance)


def test_measures_are_the_known_formulas():
    qrels = [qrel("q", "a"), qrel("q", "b")]
    measured = measure(qrels, {"q": [("x", 3.0), ("a", 2.0), ("b", 1.0)]})

    ideal = 1 + 1 / math.log2(3)
    expected = (1 / math.log2(3) + 1 / math.log2(4)) / ideal
    assert measured.means == pytest.approx({"nDCG@5": expected, "nDCG@10": expected, "R@5": 1.0}, abs=1e-4)


def test_a_judged_query_without_a_ranking_counts_as_nothing_found():
    measured = measure([qrel("q1", "a"), qrel("q2", "b")], {"q1": [("a", 1.0)]})
    assert measured.means == {"nDCG@5": 0.5, "nDCG@10": 0.5, "R@5": 0.5}
    assert measured.by_query["R@5"] == [1.0, 0.0]


def test_a_document_counts_by_its_best_chunk():
    assert best_by_document([("a", 3.0), ("b", 2.0), ("a", 1.0)]) == [("a", 3.0), ("b", 2.0)]


def test_an_interval_of_equal_systems_is_zero():
    assert paired_interval([0.5, 1.0], [0.5, 1.0]).as_json() == {"mean": 0.0, "low": 0.0, "high": 0.0}


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_an_interval_holds_its_mean_and_turns_with_the_sign(pairs):
    ours, theirs = zip(*pairs, strict=True)
    one, other = paired_interval(ours, theirs), paired_interval(theirs, ours)
    assert one.low - 1e-3 <= one.mean <= one.high + 1e-3
    assert one.mean == pytest.approx(-other.mean, abs=2e-4)
