import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.synonyms import MAX_NAME_CHARACTERS, MAX_WORDS, find_synonyms


def pairs(text):
    return [(one.name, one.other) for one in find_synonyms(text)]


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("We use Drive for Desktop (formerly Drive File Stream).", "drive for desktop", "drive file stream"),
        ("Watson Assistant, formerly known as Conversation, is a chat.", "watson assistant", "conversation"),
        ("HCL Notes (formerly Lotus Notes) is gone.", "hcl notes", "lotus notes"),
        ("The **Delivery Assurance (aka TLC)** crew", "delivery assurance", "tlc"),
        ('The Wiki Pages (also called "Handbook") are here.', "wiki pages", "handbook"),
        ("Ask the Bargaining Unit (a.k.a. a union) first.", "bargaining unit", "union"),
        ("GitHub, which is now called CodeHub, moved.", "github", "codehub"),
        ("SAP S/4HANA (previously R/3 system)", "sap s/4hana", "r/3 system"),
        ("our new [Identity Portal](https://x.example), also known as My Account,", "", ""),
    ],
)
def test_a_text_gives_two_names_of_one_thing(text, name, other):
    assert pairs(text) == ([(name, other)] if name else [])


@pytest.mark.parametrize(
    "text",
    [
        "The boot disk, also called a boot volume, is created.",
        "This (formerly Conversation) is old.",
        "Reads (formerly called lookups) are quick.",
        "Formerly, Drive File Stream was used.",
        "Mary Smith, formerly of the finance department in Leeds and before that in York, left.",
        "We use Office Suite (also known as everything that you would ever need on a desk).",
        "the Finance Team (aka us)",
        "In 2019 (formerly 2018)",
        "Data Engine (also known as Data Engine).",
        "Data Engine (also known as",
        "",
        "(aka " * 300,
        "A" * 500 + " (aka B" * 50,
    ],
)
def test_what_is_not_certain_to_be_a_name_is_none(text):
    assert pairs(text) == []


def test_a_word_that_may_only_begin_the_sentence_is_left_off_as_well():
    assert pairs("Install Drive Client (formerly File Stream).") == [
        ("drive client", "file stream"),
        ("install drive client", "file stream"),
    ]


def test_what_is_said_twice_is_found_once():
    assert pairs("Data Engine (formerly SQL Query). Data Engine (formerly SQL Query)!") == [
        ("data engine", "sql query")
    ]


@given(st.text(alphabet="abAB ()akaformerly,.\n*", max_size=300))
def test_both_names_stand_in_the_text_and_are_short(text):
    flat = text.casefold()
    for one in find_synonyms(text):
        assert one.name != one.other
        for name in (one.name, one.other):
            words = name.split()
            assert 1 <= len(words) <= MAX_WORDS
            assert len(name) <= MAX_NAME_CHARACTERS
            assert all(word in flat for word in words)
