from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import Passage, Scores
from knowledge.ranking import RankingOptions
from knowledge.rerank import PER_DOCUMENT, newness_of, rerank, spread
from knowledge.store import Candidate


def candidate(
    chunk_id,
    *,
    document_id=None,
    dense=None,
    bm25=0.0,
    digest=None,
    labels=(),
    text="",
    year=2026,
    terms=(),
):
    return Candidate(
        passage=Passage(
            chunk_id=chunk_id,
            document_id=chunk_id if document_id is None else document_id,
            source="place",
            key=str(chunk_id),
            title="",
            url="",
            heading_path=(),
            text=text or str(chunk_id),
            page=None,
            modified_at=datetime(year, 1, 1, tzinfo=UTC),
            scores=Scores(dense=dense, bm25=bm25),
        ),
        digest=digest or chunk_id.to_bytes(8, "big"),
        label_lexemes=frozenset(labels),
        term_ids=frozenset(terms),
    )


def order(candidates, weights=None, limit=100, **options):
    found = rerank(candidates, weights or {}, limit=limit, options=RankingOptions(**options))
    return [one.passage.chunk_id for one in found]


def test_what_both_sides_like_comes_before_what_one_side_likes():
    assert order(
        [candidate(1, dense=0.9, bm25=1), candidate(2, dense=0.7, bm25=9), candidate(3, dense=0.2, bm25=10)]
    ) == [2, 1, 3]


def test_a_word_in_the_title_decides_between_equals():
    weights = {"vpn": 3.0, "get": 1.0}
    found = [candidate(1, dense=0.5, bm25=2), candidate(2, dense=0.5, bm25=2, labels=["vpn"])]
    assert order(found, weights) == [2, 1]


def test_the_score_is_two_thirds_nearness_one_third_words_a_tenth_for_the_title_and_a_fiftieth_for_being_new():
    found = rerank(
        [candidate(1, dense=0.8, bm25=6, labels=["vpn"]), candidate(2, dense=0.4, bm25=3)],
        {"vpn": 1.0, "get": 3.0},
        limit=2,
    )
    assert [one.passage.scores.rerank for one in found] == pytest.approx([1 + 0.1 / 4 + 0.02, 0.35 / 2 + 0.02])


def test_words_decide_alone_where_there_is_no_vector_and_nearness_where_no_word_is_shared():
    assert order([candidate(1, bm25=1), candidate(2, bm25=3)]) == [2, 1]
    assert order([candidate(1, dense=0.1), candidate(2, dense=-0.1)]) == [1, 2]


def test_the_vector_share_says_which_side_decides():
    found = [candidate(1, dense=0.9, bm25=1), candidate(2, dense=0.2, bm25=10)]
    assert order(found, vector_share=1.0) == [1, 2]
    assert order(found, vector_share=0.0) == [2, 1]


def test_a_name_or_a_code_is_found_by_words_as_much_as_by_nearness():
    near = RankingOptions(vector_share=0.65)
    assert (near.for_words(1, held_by=50).vector_share, near.for_words(3, held_by=1).vector_share) == (0.5, 0.65)
    assert RankingOptions(vector_share=0.3).for_words(1, held_by=1).vector_share == 0.3


def test_few_ordinary_words_are_no_name():
    near = RankingOptions(vector_share=0.65)
    assert near.for_words(2, held_by=51) == near


def test_a_title_counts_for_nothing_at_weight_0():
    found = [candidate(1, dense=0.5, bm25=2), candidate(2, dense=0.5, bm25=2, labels=["vpn"])]
    assert order(found, {"vpn": 3.0}, label_weight=0.0) == [1, 2]


def test_the_newer_of_two_about_equally_good_passages_comes_first():
    older, newer = candidate(1, dense=0.80, bm25=2, year=2021), candidate(2, dense=0.79, bm25=2, year=2026)
    worse = candidate(3, dense=0.2, bm25=1)
    assert order([older, newer, worse]) == [2, 1, 3]
    assert order([older, newer, worse], freshness_weight=0.0) == [1, 2, 3]


def test_being_new_does_not_make_up_for_saying_less():
    found = [candidate(1, dense=0.8, bm25=4, year=2010), candidate(2, dense=0.6, bm25=2), candidate(3, dense=0.1)]
    assert order(found) == [1, 2, 3]


def test_a_passage_loses_half_of_its_newness_in_a_year():
    assert newness_of([candidate(1, year=2026), candidate(2, year=2025), candidate(3, year=2023)]) == pytest.approx(
        [1.0, 0.5, 0.125], abs=1e-3
    )


def test_one_document_does_not_fill_all_places():
    found = [candidate(n, document_id=7, dense=1 - n / 100, bm25=50 - n) for n in range(1, 9)]
    others = [candidate(n, dense=0.1, bm25=1) for n in (20, 21)]
    assert order([*found, *others], limit=6) == [1, 2, 3, 20, 21, 4]


def test_text_that_was_there_already_goes_to_the_end():
    found = [candidate(1, dense=0.9, digest=b"same"), candidate(2, dense=0.8, digest=b"same"), candidate(3, dense=0.1)]
    assert order(found) == [1, 3, 2]


TRAVEL = (
    "Claim what you paid for a journey within 30 days: open the form, add each receipt as a picture, "
    "and send it to your manager, who has a week to agree. "
)


def test_of_two_that_say_the_same_the_newer_comes_first_and_the_older_last():
    old = candidate(1, dense=0.9, text=f"{TRAVEL}kept here", year=2019)
    new = candidate(2, dense=0.8, text=TRAVEL, year=2025)
    other = candidate(3, dense=0.1)
    assert order([old, new, other]) == [2, 3, 1]
    assert order([old, new, other], fold=False) == [1, 2, 3]


def test_of_two_equal_texts_the_newer_comes_first():
    old, new = candidate(1, dense=0.9, digest=b"same", year=2019), candidate(2, dense=0.9, digest=b"same", year=2025)
    assert order([old, new, candidate(3, dense=0.1)]) == [2, 3, 1]


@pytest.mark.parametrize(
    "other",
    [
        TRAVEL.replace("30", "60"),
        TRAVEL.replace("manager", "Munich"),
        TRAVEL.replace("who has", "who does not have"),
        TRAVEL.replace("open the form", "close the form"),
        TRAVEL + "if asked",
        TRAVEL + "ask 2 people",
        TRAVEL + "and to Ada",
    ],
    ids=["another number", "another name", "a negation", "the opposite", "a condition", "a number more", "a name more"],
)
def test_nearly_the_same_words_with_another_meaning_are_not_the_same(other):
    old, new = candidate(1, dense=0.9, text=TRAVEL, year=2019), candidate(2, dense=0.8, text=other, year=2025)
    assert order([old, new, candidate(3, dense=0.1)]) == [1, 2, 3]


def test_the_same_text_about_another_of_the_words_that_were_asked_for_is_kept():
    one, other = candidate(1, dense=0.9, text=TRAVEL, terms=[7]), candidate(2, dense=0.8, text=TRAVEL, terms=[7, 8])
    assert order([one, other, candidate(3, dense=0.1)]) == [1, 2, 3]


def test_no_candidates_give_no_passages():
    assert rerank([], {"vpn": 1.0}, limit=8) == []


candidates = st.lists(
    st.builds(
        lambda document_id, dense, bm25, digest: (document_id, dense, bm25, digest),
        st.integers(1, 4),
        st.floats(-1, 1),
        st.floats(0, 40),
        st.sampled_from([b"a", b"b", b"c", b"d"]),
    ),
    max_size=20,
).map(
    lambda rows: [
        candidate(number, document_id=document_id, dense=dense, bm25=bm25, digest=digest)
        for number, (document_id, dense, bm25, digest) in enumerate(rows, start=1)
    ]
)


@given(candidates, st.integers(1, 25))
def test_none_is_lost_and_none_is_made(found, limit):
    ranked = order(found, limit=limit)
    assert len(ranked) == len(set(ranked)) == min(limit, len(found))


@given(candidates)
def test_the_order_of_the_input_does_not_matter(found):
    assert order(found) == order(found[::-1])


@given(candidates)
def test_spreading_takes_at_most_a_few_of_each_document_first(found):
    spread_out = spread(found, limit=len(found))
    digests, counts = set(), {}
    for one in spread_out:
        if one.digest in digests or counts.get(one.passage.document_id) == PER_DOCUMENT:
            break
        digests.add(one.digest)
        counts[one.passage.document_id] = counts.get(one.passage.document_id, 0) + 1
    assert sorted(one.passage.chunk_id for one in spread_out) == sorted(one.passage.chunk_id for one in found)
