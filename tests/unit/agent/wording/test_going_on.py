"""The second try of an answer goes on behind what its reader has seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.compose import Begun
from helpdesk_bot.agent.wording.going_on import gone_on


def begun(text: str) -> Begun:
    return Begun(text=text, said=text)


@pytest.mark.parametrize(
    ("before", "rest", "whole"),
    [
        ("It ends [1].", "Sign in again [1].", "It ends [1]. Sign in again [1]."),
        ("It ends [1].", "  It ends [1]. Sign in [1].", "It ends [1]. Sign in [1]."),
        ("It ends\nafter noon [1].", "It ends after noon [1]. Sign in [1].", "It ends\nafter noon [1]. Sign in [1]."),
        ("1. Open it [1].", "2. Close it [1].", "1. Open it [1].\n2. Close it [1]."),
        ("1. Open it [1].", "Then rest [1].", "1. Open it [1].\n\nThen rest [1]."),
        ("It ends [1].", "- Sign in [1].", "It ends [1].\n\n- Sign in [1]."),
        ("It ends [1].\n", "Sign in [1].", "It ends [1].\n\nSign in [1]."),
        ("| a | b |\n|--|--|\n| 1 | 2 [1] |\n", "Sign in [1].", "| a | b |\n|--|--|\n| 1 | 2 [1] |\n\nSign in [1]."),
        ("It ends [1].", "```\nrun\n```\n\n[1]", "It ends [1].\n\n```\nrun\n```\n\n[1]"),
        ("It ends [1].", "", "It ends [1]."),
        ("It ends [1].", "It en", "It ends [1]."),
    ],
)
def test_the_rest_stands_where_it_belongs(before: str, rest: str, whole: str):
    assert gone_on(begun(before), rest) == whole


def test_without_a_beginning_a_reply_is_what_it_is():
    assert gone_on(None, " It ends [1].") == " It ends [1]."


@given(st.text(), st.text())
def test_what_was_seen_is_never_taken_back(before: str, rest: str):
    assert gone_on(begun(before), rest).startswith(before.rstrip())
