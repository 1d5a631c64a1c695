import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.quantities import find_quantities, parts_of


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("who has to approve a screen for 700 euros", {"700"}),
        ("planning an event for 1,500 people", {"1,500"}),
        ("can I expense a lunch for $45.50 here", {"45.50"}),
        ("20 people can't log in, after 3 tries", {"20", "3"}),
        ("we have 30GB and it is over 90%", {"30", "90"}),
    ],
)
def test_a_number_before_what_it_counts_says_how_much(text: str, figures: set[str]):
    assert find_quantities(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "Windows 11 updates",
        "error 4711 in Outlook",
        "is room 12 free",
        "version 3.2 of it",
        "office 365",
        "change my PIN to 4711",
        "the 3d printer",
        "code 0x800",
        "ticket INC0012345",
        "",
    ],
)
def test_a_number_that_names_something_is_looked_for(text: str):
    assert find_quantities(text) == frozenset()


def test_a_text_search_takes_a_figure_apart():
    assert parts_of(frozenset({"1,500", "7"})) == {"1,500", "1", "500", "7"}


@settings(max_examples=300)
@given(st.text(alphabet="1,. for$gb\u20ac", max_size=60))
def test_what_is_found_stands_in_the_text(text: str):
    assert all(figure in text and figure[0].isdigit() for figure in find_quantities(text))
