"""What a message asks, and how it only wants to be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.asking import matter_of


@pytest.mark.parametrize(
    "said",
    [
        "What is the budget? Answer with the amount in dollars.",
        "What is the budget? Please provide the full number.",
        "What is the budget? The answer should be the exact figure.",
        "What is the budget? Give the exact value. Reply in the form of a number.",
    ],
)
def test_sentences_that_only_say_how_to_answer_are_left_out(said: str):
    assert matter_of(said) == "What is the budget?"


@pytest.mark.parametrize(
    "said",
    [
        "Can you specify the budget?",
        "could you please identify the budget?",
        "Please state the budget?",
        "Will you indicate for us the budget?",
    ],
)
def test_words_that_only_ask_to_be_told_are_left_out(said: str):
    assert matter_of(said) == "the budget?"


@pytest.mark.parametrize(
    "said",
    [
        "Can you identify yourself?",
        "Please specify.",
        "Which state taxes us?",
        "How do I connect to the VPN? Give me the steps for Windows.",
        "I can't print. Please list the printers on floor 3.",
        "The printer is broken. It says E-42.",
        "Answer with one word.",
        "Which form do I need?",
    ],
)
def test_what_adds_to_the_question_stays(said: str):
    assert matter_of(said) == said


@given(st.text(max_size=200))
def test_any_message_stays_a_part_of_itself(text: str):
    assert matter_of(text).strip() in " ".join(text.split()) or matter_of(text) == text
