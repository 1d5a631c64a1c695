"""Requests to do something."""

import pytest

from helpdesk_bot.agent.message.errands import ERRAND_AT, is_about_own_records, is_errand, needed_for


@pytest.mark.parametrize(
    "said",
    [
        "set a timer",
        "please cancel my reservation for dinner",
        "I need you to buy a laptop",
        "turn the fan on",
        "Could you please find my phone?",
        "hey, get rid of my 4 pm meeting",
        "i\u2019d like you to clear my to do list",
    ],
)
def test_telling_somebody_to_do_something_is_an_errand(said: str):
    assert is_errand(said)


@pytest.mark.parametrize(
    "said",
    [
        "how do I cancel a reservation?",
        "where can I find my phone number",
        "VPN on a Mac",
        "my order is late",
        "what does it cost to call abroad",
        "can I print from my phone",
        "settings of the VPN client",
        "Please tell me, how long does a VPN session last",
        "show me how to print",
        "give me the steps for Windows",
    ],
)
def test_a_question_is_no_errand(said: str):
    assert not is_errand(said)


def test_an_errand_needs_better_evidence_unless_everything_is_to_be_answered():
    assert needed_for("set up the vpn", 0.4) == ERRAND_AT
    assert needed_for("how do I set up the vpn", 0.4) == 0.4
    assert needed_for("set up the vpn", 0.0) == 0.0
    assert needed_for("set up the vpn", 0.9) == 0.9


@pytest.mark.parametrize(
    "said",
    [
        "do I have any meetings today",
        "has my request for the day off been approved yet",
        "is my order for a screen still pending?",
        "how is my request looking",
        "what did I put on my list",
        "tell me my phone's location",
        "what's the status of my ticket",
        "where is my laptop order",
        "when does my contract end?",
        "who is my manager",
        "what is my employee number",
        "how many vacation days do I have left",
    ],
)
def test_asking_for_what_only_ones_own_records_say(said: str):
    assert is_about_own_records(said)
    assert needed_for(said, 0.4) == ERRAND_AT


@pytest.mark.parametrize(
    "said",
    [
        "do I have to change my password",
        "where is my personal drive kept and who can see it",
        "is my laptop insured abroad",
        "how do I see my balance of leave",
        "my calendar does not sync",
        "what is my first step after a phishing mail",
        "where do I see my order",
        "what is my manager allowed to approve",
        "who signs my contract",
        "how many days do I have to return a laptop",
        "where are my deleted files",
    ],
)
def test_asking_for_what_holds_for_everybody(said: str):
    assert not is_about_own_records(said)
