import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.guard.outgoing import cited_numbers, clean_answer, renumber


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It is so. [1]", "It is so. [1]"),
        ("It is so [1, 2].", "It is so [1][2]."),
        ("It is so [1; 7].", "It is so [1]."),
        ("It is so [7].", "It is so."),
        ("It is so [0] [99999999999999999999].", "It is so."),
        ("It is so【2†source】.", "It is so[2]."),
        ("Take `list[7]` [1]", "Take `list[7]` [1]"),
        ("```\nrows[9]\n```\n[2]", "```\nrows[9]\n```\n[2]"),
        ("See [the page](https://evil.example/?q=secret) [1]", "See the page [1]"),
        ("[1](https://evil.example)", "[1]"),
        ("[1]: https://evil.example\nSo [1]", "So [1]"),
    ],
)
def test_markers_resolve_or_go(written: str, said: str):
    assert clean_answer(written, citations=2)[0] == said


def test_what_was_taken_out_is_counted():
    verdicts = clean_answer("a [9] <!channel> [x](https://y.example)", citations=1)[1]
    assert {verdict.rule: verdict.spans for verdict in verdicts} == {
        "answer.link": 1,
        "answer.mention": 1,
        "answer.marker": 1,
    }


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["[1]", "[2]", "[3]", "[1,3]", "[", "]", "3]", "`", "word ", "\n\n", "(", "x[1]", "【2】"]),
        max_size=12,
    ).map("".join)
)
def test_every_marker_left_stands_for_a_passage(written: str):
    said, _ = clean_answer(written, citations=2)
    assert set(cited_numbers(said)) <= {1, 2}
    assert clean_answer(said, citations=2)[0] == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Press it. [1][[3]]", "Press it. [1] []"),
        ("x `a`[3]`b`", "x `a``b`"),
    ],
)
def test_what_is_left_of_a_marker_takes_no_other_along(written: str, said: str):
    assert clean_answer(written, citations=2)[0] == said


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 50])
@pytest.mark.parametrize(("opening", "closing"), [("[", "9]"), ("[a", "[9]](https://evil.example)")])
def test_markers_in_markers_leave_none_that_stands_for_nothing(opening: str, closing: str, depth: int):
    said = clean_answer(opening * depth + closing * depth, citations=2)[0]
    assert cited_numbers(said) == []
    assert "](" not in said
    assert "//" not in said
    assert clean_answer(said, citations=2)[0] == said


def test_markers_are_numbered_anew_in_their_order():
    text = "b [4] a [2] b [4] `x[4]`"
    assert cited_numbers(text) == [4, 2]
    assert renumber(text, {4: 1, 2: 2}) == "b [1] a [2] b [1] `x[4]`"


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**30))
def test_no_number_is_too_large(number: int):
    said, _ = clean_answer(f"so [{number}]", citations=3)
    assert re.fullmatch(r"so(?: \[[123]\])?", said)
