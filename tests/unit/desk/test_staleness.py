"""Whether a page still says what an answer says."""

import pytest

from helpdesk_bot.desk.staleness import still_says

PAGE = """VPN

A session of the VPN ends after 12 hours. Then you sign in again with `vpn login`. Contractors may not use it."""
ANSWER = "A session of the VPN ends after 12 hours. [1] Then you sign in again with `vpn login`. [1]"


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        PAGE.replace(" ", "  \n"),
        PAGE.replace("Contractors", "Interns"),
        PAGE + "\n\nMore is on the way.",
        PAGE.replace("A session of the VPN ends", "The VPN session ends"),
    ],
    ids=["the same", "white space", "another sentence", "more", "a small rewording"],
)
def test_a_page_that_says_it_in_almost_the_same_words_still_says_it(page: str):
    assert still_says(ANSWER, 1, page)


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("12", "8"),
        PAGE.replace("vpn login", "vpn connect"),
        PAGE.replace("A session of the VPN ends after 12 hours.", "It was changed."),
        "",
    ],
    ids=["a number", "a command", "a sentence is gone", "nothing is left"],
)
def test_a_page_in_which_a_detail_changed_says_it_no_more(page: str):
    assert not still_says(ANSWER, 1, page)


def test_what_cites_another_page_is_that_ones_matter():
    assert still_says(ANSWER + " Parking is free. [2]", 1, PAGE)
    assert not still_says(ANSWER + " Parking is free. [2]", 2, PAGE)
