"""Slips in a question's words."""

import string

from hypothesis import given
from hypothesis import strategies as st

from knowledge.spelling import find_meant, for_meaning, is_of, is_one_slip, is_readable, pairs_in, splits_of, with_meant

KNOWN = [("password", 40), ("passport", 2), ("printer", 12), ("painter", 12)]
lexemes = st.text(string.ascii_lowercase, min_size=5, max_size=12)


def test_the_word_one_slip_away_is_meant():
    assert find_meant("passwort", KNOWN) == "password"
    assert find_meant("pasword", KNOWN) == "password"
    assert find_meant("passwrod", KNOWN) == "password"
    assert find_meant("pritner", KNOWN) == "printer"


def test_what_is_further_away_or_begins_otherwise_is_not():
    assert find_meant("pazzwort", KNOWN) is None
    assert find_meant("bassword", KNOWN) is None


def test_of_two_equally_frequent_words_neither_is_taken():
    assert find_meant("pxinter", [("printer", 12), ("painter", 12)]) is None
    assert find_meant("pxinter", [("printer", 13), ("painter", 12)]) == "printer"


def test_short_words_and_codes_are_names():
    assert not is_readable("jira")
    assert not is_readable("e420x")
    assert is_readable("passwort")


def test_the_question_is_written_as_it_was_meant():
    assert with_meant("Forgot my Passwort, what now?", {"passwort": "password"}) == "Forgot my password, what now?"
    assert with_meant("how many charcters", {"charcter": "charact"}) == "how many charact"
    assert with_meant("nothing to do", {}) == "nothing to do"


def test_a_word_is_split_wherever_both_parts_may_be_words():
    assert splits_of("email") == [("em", "ail"), ("ema", "il")]
    assert ("help", "desk") in splits_of("helpdesk")
    assert splits_of("x" * 100) == splits_of("abc") == []


def test_neighbouring_words_may_be_one():
    assert pairs_in("the pay-slip, my wi fi") == [
        ("the", " ", "pay"),
        ("pay", "-", "slip"),
        ("my", " ", "wi"),
        ("wi", " ", "fi"),
    ]


def test_a_short_word_is_taken_only_as_it_stands():
    assert is_of("nr", "nr")
    assert is_of("whats", "what")
    assert not is_of("network", "nr")


def test_it_in_capitals_is_a_department_to_an_embedder_that_knows_none():
    assert for_meaning("who do I call in IT?") == "who do I call in the IT department?"
    assert for_meaning("how do I complain about the IT") == "how do I complain about the IT department"
    assert for_meaning("where is the IT bar and does it work?") == "where is the IT bar and does it work?"
    assert for_meaning("WHAT IS IT?") == "WHAT IS IT?"


@given(lexemes, st.integers(1, 11), st.sampled_from(string.ascii_lowercase))
def test_every_single_slip_is_seen_from_both_sides(word: str, at: int, letter: str):
    at = min(at, len(word) - 1)
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word
    for slipped in (
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
        swapped,
    ):
        assert is_one_slip(word, slipped) == is_one_slip(slipped, word) == (slipped != word)


@given(lexemes, lexemes)
def test_two_slips_are_too_many(one: str, other: str):
    if sum(a != b for a, b in zip(one, other, strict=False)) > 2 and len(one) == len(other):
        assert not is_one_slip(one, other)
