import math

from hypothesis import given
from hypothesis import strategies as st

from knowledge.store import Term
from knowledge.word_sets import MAX_SIZE, choose_sets, expected

CHUNKS = 100_000


def term(term_id, df):
    return Term(id=term_id, lexeme=f"word{term_id}", df=df, count=1)


def chosen(*dfs, budget):
    """The sets, each by the frequencies of its words."""
    terms = [term(number, df) for number, df in enumerate(dfs)]
    return [tuple(one.df for one in some) for some in choose_sets(terms, chunks=CHUNKS, budget=budget)]


def test_rare_words_are_enough_alone_while_their_chunks_are_few():
    assert chosen(2_000, 10, 900, budget=3_000) == [(10,), (900,), (2_000,)]


def test_words_that_are_too_common_alone_are_taken_together_where_there_is_room():
    assert chosen(10, 15_000, 20_000, budget=3_500) == [(10,), (15_000, 20_000)]


def test_three_together_where_two_are_too_many():
    assert chosen(30_000, 31_000, 32_000, budget=3_000) == [(30_000, 31_000, 32_000)]


def test_without_a_bound_each_word_is_enough():
    assert chosen(2_000, 10, 50_000, budget=math.inf) == [(10,), (2_000,), (50_000,)]


def test_words_that_are_too_common_even_together_are_not_looked_for():
    assert chosen(90_000, 80_000, 70_000, 60_000, budget=1_000) == []
    assert chosen(90_000, budget=1_000) == []


frequencies = st.lists(st.integers(1, CHUNKS), min_size=1, max_size=10)


@given(frequencies, st.floats(1, 1e6))
def test_the_chunks_expected_stay_within_the_budget(dfs, budget):
    terms = [term(number, df) for number, df in enumerate(dfs)]
    sets = choose_sets(terms, chunks=CHUNKS, budget=budget)
    assert sum(expected(one, chunks=CHUNKS) for one in sets) <= budget + 1e-6
    assert all(1 <= len(one) <= MAX_SIZE for one in sets)


@given(frequencies, st.floats(1, 1e6))
def test_no_set_holds_another(dfs, budget):
    terms = [term(number, df) for number, df in enumerate(dfs)]
    ids = [{one.id for one in some} for some in choose_sets(terms, chunks=CHUNKS, budget=budget)]
    assert not any(one < other for one in ids for other in ids)
    assert all(ids.count(one) == 1 for one in ids)


@given(frequencies)
def test_a_greater_budget_leads_to_every_word_alone(dfs):
    terms = [term(number, df) for number, df in enumerate(dfs)]
    assert sorted(one.id for (one,) in choose_sets(terms, chunks=CHUNKS, budget=math.inf)) == list(range(len(dfs)))
