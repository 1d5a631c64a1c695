"""What a message asks, and how it only wants to be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.question.asking import matter_of


@pytest.mark.parametrize(
    "said",
    [
        "What is the budget? Answer with the amount in dollars.",
        "What is the budget? Please provide the full number.",
        "What is the budget? The answer should be the exact figure.",
        "What is the budget? Give the exact value. Reply in the form of a number.",
        "What is the budget? Please keep your answer short.",
        "What is the budget? Make sure that your reply names the currency.",
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
        "Hi! I hope you are well, but I was wondering whether you could maybe tell me how do I get a second monitor?",
        "Sorry to bother you, I know you're busy. How do I get a second monitor?",
        "Hello team, hope you're all having a great day. Quick question: how do I get a second monitor?",
        "sorry, maybe a stupid question, but does anyone know how do I get a second monitor?",
        "I hope this message finds you well. Could you be so kind to tell me how do I get a second monitor? Cheers, Al",
        "just curious, how do I get a second monitor?",
        "I'd like to know how do I get a second monitor? Thanks in advance!",
        "Please to explain how do I get a second monitor? Any help would be much appreciated. Best regards, Ana Lopes",
        "good morning, I have a question. How do I get a second monitor? Thank you so much for your help",
        "Dear all, could someone please let me know how do I get a second monitor? Kind regards\nBen, Sales",
    ],
)
def test_what_is_only_polite_is_left_out(said: str):
    assert matter_of(said).casefold() == "how do i get a second monitor?"


@pytest.mark.parametrize(
    ("said", "matter"),
    [
        ("I was wondering if I can print from home", "I can print from home"),
        ("Do you know whether guests may print?", "guests may print?"),
        ("I need your help please, my laptop is wet", "I need your help please, my laptop is wet"),
        ("Thanks, that did not help", "Thanks, that did not help"),
        ("sorry", "sorry"),
        ("I have a question", "I have a question"),
        ("how do I write a regards line in Outlook", "how do I write a regards line in Outlook"),
        ("can you tell me a joke", "can you tell me a joke"),
        ("Can somebody explain the data classes?", "Can somebody explain the data classes?"),
    ],
)
def test_politeness_goes_only_where_something_is_left_to_answer(said: str, matter: str):
    assert matter_of(said) == matter


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
