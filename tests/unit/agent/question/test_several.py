"""Several questions in one message."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.question.several import (
    MAX_QUESTIONS,
    Sought,
    are_better_apart,
    each_once,
    interleave,
    questions_in,
)
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.events import Decision, Outcome
from tests.fakes.asking import asked_of
from tests.fakes.shelf import Shelf, passage

MAC = passage("Open Self Service and install GlobalProtect. Enter `vpn.example.com`.", title="VPN on macOS")
LEAVE = passage("Everyone has 28 days of leave. Interns have 20 days of leave.", title="Annual leave")


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("Where do I get a monitor and who pays for it?", ("Where do I get a monitor?", "who pays for a monitor?")),
        (
            "What is the wifi password? Who do I call if my laptop is stolen?",
            ("What is the wifi password?", "Who do I call if my laptop is stolen?"),
        ),
        (
            "What happens if I lose my badge, and when does the office close?",
            ("What happens if I lose my badge?", "when does the office close?"),
        ),
        (
            "When I travel, what do I book and who pays for the hotel?",
            ("When I travel, what do I book?", "who pays for the hotel?"),
        ),
    ],
)
def test_two_questions_are_told_apart_and_each_stands_alone(message: str, questions: tuple[str, ...]):
    assert questions_in(message) == questions


def test_what_is_told_before_a_question_goes_with_it():
    first, _ = questions_in("My laptop was stolen. What do I do and who is the security officer?")
    assert first == "My laptop was stolen. What do I do?"


@pytest.mark.parametrize(
    "message",
    [
        "how do I connect to VPN and email?",
        "how do I install and configure outlook?",
        "how do I print and what if it jams?",
        "Is it possible to extend my loan and how?",
        "erp is down for everyone and its saturday night, who do i ring",
        "got married, how do i change my surname in outlook and the directory",
        "I know how it works and what it costs.",
        "how do we cut a site off during ransomware, which switch profile",
        "When I travel to Mexico, what kind of plug do I need?",
        "where the printer shows E-420, what do I do",
        "How often, on average, do people travel?",
        "What quantity of water, in litres, is used a year?",
        "vpn",
        "",
    ],
)
def test_one_question_stays_one(message: str):
    assert questions_in(message) == ()


@given(st.text(max_size=300))
def test_any_text_gives_none_or_a_few_different_questions(text: str):
    found = questions_in(text)
    assert len(found) in {0, 2, MAX_QUESTIONS}
    assert len(set(found)) == len(found)


def test_the_best_of_each_comes_first_and_nothing_twice():
    one, two, three = (passage(f"text {number}", title=str(number)) for number in range(3))
    assert interleave([[one, two], [two, three]]) == (one, two, three)
    assert interleave([[one, two], [three]]) == (one, three, two)


def test_how_the_best_document_begins_is_kept_however_far_down_it_was_found():
    other, opening = passage("Other.", title="Other"), replace(LEAVE, chunk_id=99, place=0)
    sought = Sought(question="leave", passages=(replace(LEAVE, place=3), other, MAC, opening))
    assert sought.best(1) == (sought.passages[0], opening)
    assert sought.best(4) == sought.passages


def test_one_by_one_only_where_that_answers_more():
    whole = Sought(question="both", passages=(MAC,), is_enough=True)
    vpn = Sought(question="vpn", passages=(MAC,), is_enough=True)
    leave = Sought(question="leave", passages=(LEAVE,), is_enough=True)
    unknown = Sought(question="moon", passages=(LEAVE,), is_enough=False)
    nothing = Sought(question="both", passages=(), is_enough=False)

    assert are_better_apart([vpn, leave], whole)
    assert not are_better_apart([vpn, vpn], whole), "one document answers both"
    assert are_better_apart([vpn, unknown], whole), "what has no answer is not passed over"
    detail = Sought(question="how long does the vpn take", passages=(LEAVE,), is_enough=False)
    assert not are_better_apart([vpn, detail], whole), "a detail is of the same matter"
    assert are_better_apart([vpn, unknown], nothing)
    assert not are_better_apart([unknown, unknown], nothing)


def test_what_two_questions_quote_is_said_once_under_its_lines():
    first = "From *VPN*:\n\n**Mac**\n\nInstall it. [1]\n\n| a |\n| - |\n| b |\n\n[2]"
    second = "From *VPN*:\n\n**Mac**\n\nInstall it. [1]\n\nTurn it on. [1]\n\nFrom *Leave*:\n\nAsk. [3]"
    assert each_once([first, second]) == (
        f"{first}\n\nFrom *VPN*:\n\n**Mac**\n\nTurn it on. [1]\n\nFrom *Leave*:\n\nAsk. [3]"
    )
    assert each_once([first, first]) == first
    assert each_once([first, "From *VPN*:\n\nInstall it. [1]\n\nFrom *Leave*:\n\nAsk. [3]"]) == (
        f"{first}\n\nFrom *Leave*:\n\nAsk. [3]"
    )


async def ask(question: str, *, splits_questions: bool = True) -> Decision:
    options = AgentOptions(next_step="", splits_questions=splits_questions)
    agent = Agent(Parts(search=Shelf(MAC, LEAVE), composers=(Extractive(),), options=options))
    return await agent.decide(asked_of(question))


async def test_both_questions_are_answered_each_from_its_document():
    decision = await ask("How do I install GlobalProtect on macOS and how many days of leave do interns have?")
    assert decision.outcome is Outcome.ANSWERED
    assert {one.passage.title for one in decision.citations} == {"VPN on macOS", "Annual leave"}
    assert "Self Service" in decision.text
    assert "20 days" in decision.text
    assert "[1]" in decision.text
    assert "[2]" in decision.text


async def test_the_question_without_an_answer_is_named_by_its_place():
    decision = await ask("How many days of leave do interns have and who painted the ceiling of the Sistine chapel?")
    assert decision.outcome is Outcome.ANSWERED
    assert "20 days" in decision.text
    assert "To the second of your questions I found nothing that answers it." in decision.text


async def test_it_can_be_switched_off():
    decision = await ask(
        "How do I install GlobalProtect on macOS and how many days of leave do interns have?", splits_questions=False
    )
    assert "your questions" not in decision.text


def test_two_passages_of_one_document_that_each_answer_are_answered_apart():
    order = Sought(question="how do i get a headset", passages=(passage("Order it.", document_id=7),), is_enough=True)
    calls = Sought(question="forward my calls", passages=(passage("Choose it.", document_id=7),), is_enough=True)
    assert are_better_apart([order, calls], order)
