"""Urgent or not, and why."""

import pytest

from helpdesk_bot.escalation.urgency import find_urgency


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("URGENT: I am locked out", "urgent"),
        ("My laptop was stolen on the train", "stolen"),
        ("the whole network is down", "is down"),
        ("I can\u2019t log in since this morning", "can't log in"),
        ("is this mail phishing?", "phishing"),
        ("there is smoke in the workshop", "smoke"),
        ("a colleague is injured", "injured"),
    ],
)
def test_words_make_it_urgent_and_are_named(question: str, word: str) -> None:
    assert word in find_urgency(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I print?",
        "It is not urgent, but how do I print?",
        "nothing urgent: where is the manual?",
        "when is the fire drill",
    ],
)
def test_the_rest_is_not(question: str) -> None:
    assert find_urgency(question) == ""


def test_asking_again_and_again_is_pressing() -> None:
    assert find_urgency("how do I print?", asked_lately=2) == ""
    assert "3 questions" in find_urgency("how do I print?", asked_lately=3)
