import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fusion import fuse
from knowledge.permitted import exact_below, word_budget
from knowledge.question_words import question_weights
from knowledge.store import Term


def term(term_id, df, count=1):
    return Term(id=term_id, lexeme=f"word{term_id}", df=df, count=count)


def test_fusing_adds_reciprocal_ranks():
    assert fuse([[1, 2], [2, 3]], k=10) == {1: 1 / 11, 2: 1 / 12 + 1 / 11, 3: 1 / 12}


def test_a_chunk_that_both_sides_rank_first_comes_before_any_other():
    fused = fuse([[7, 1, 2], [7, 3, 4]])
    assert max(fused, key=fused.__getitem__) == 7


def test_fusing_nothing_gives_nothing():
    assert fuse([[], []]) == {}


@given(st.lists(st.permutations(range(8)), max_size=3))
def test_a_better_rank_everywhere_never_scores_less(rankings):
    fused = fuse(rankings)
    for one in fused:
        for other in fused:
            if all(ranking.index(one) <= ranking.index(other) for ranking in rankings):
                assert fused[one] >= fused[other]


def test_a_word_said_twice_weighs_twice_and_a_rare_one_more_than_a_common_one():
    weights = question_weights([term(1, 5, count=2), term(2, 5), term(3, 900)], chunks=1_000)
    assert weights[1] == 2 * weights[2]
    assert weights[2] > weights[3] > 0


@given(st.integers(1, 10_000), st.data())
def test_weights_are_never_negative(chunks, data):
    df = data.draw(st.integers(1, chunks))
    assert question_weights([term(1, df)], chunks=chunks)[1] > 0


@pytest.mark.parametrize(
    ("chunks", "permitted"), [(0, 5_000), (20_000, 5_000), (100_000, 5_000), (400_000, 10_000), (1_000_000, 15_811)]
)
def test_more_are_compared_one_by_one_the_more_there_are_in_all(chunks, permitted):
    assert exact_below(chunks) == permitted


@pytest.mark.parametrize(
    ("permitted", "chunks", "scored"),
    [
        (5_000, 1_000_000, math.inf),
        (20_000, 20_000, 2_000),
        (100_000, 100_000, 2_000),
        (80_000, 100_000, 2_500),
        (10_000, 100_000, 4_000),
        (400_000, 400_000, 4_000),
    ],
)
def test_the_words_of_more_chunks_are_scored_the_more_there_are_and_where_few_are_permitted(permitted, chunks, scored):
    assert word_budget(permitted, chunks=chunks) == scored
