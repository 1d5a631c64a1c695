import pytest

from helpdesk_bot.agent.message.danger import DANGERS, find_danger, is_of_another_system, passages_that_help
from tests.fakes.shelf import passage

BURNS, ATTACKED, PROMPTED, LOST, SUSPECTED, DOWN = DANGERS


@pytest.mark.parametrize(
    "question",
    [
        "there's smoke coming out of my laptop!",
        "fire in the kitchen, what do I do?",
        "it smells burnt in the server room",
        "somebody in the office fainted",
        "a colleague is badly hurt",
    ],
)
def test_fire_and_accidents_are_danger(question: str):
    assert find_danger(question) is BURNS


@pytest.mark.parametrize(
    "question",
    [
        "i think i have been hacked",
        "What do I do, my account was compromised",
        "there is a virus on my pc",
        "someone broke into my account",
        "a man phoned and I gave him my password",
        "i opened the attachment of a strange mail",
        "clicked on a weird link",
        "popup wants bitcoin, all my files are encrypted",
    ],
)
def test_attacks_are_danger(question: str):
    assert find_danger(question) is ATTACKED


@pytest.mark.parametrize(
    "question",
    [
        "authenticator keeps popping up asking me to approve something, i didnt do anything",
        "getting MFA prompts that I did not request",
        "I was asked to approve a sign-in but I haven't tried to log in.",
    ],
)
def test_who_is_asked_to_approve_what_somebody_else_began_is_in_danger(question: str):
    assert find_danger(question) is PROMPTED


def test_who_has_not_got_to_something_yet_is_not():
    assert find_danger("the authenticator asks for a code, I haven't done it yet") is None


@pytest.mark.parametrize(
    "question",
    [
        "got a mail that my account ends today, should I click the link?",
        "weird sms from the parcel service",
        "fake invoice by e-mail",
        "Is this message genuine: you have won",
    ],
)
def test_a_message_that_looks_wrong_is_a_danger_that_can_wait(question: str):
    assert find_danger(question) is SUSPECTED
    assert SUSPECTED.can_wait


@pytest.mark.parametrize("question", ["a weird error message in Excel", "where can I open attachments"])
def test_an_error_is_no_such_message(question: str):
    assert find_danger(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "my laptop got stolen",
        "my phone was taken from my bag",
        "i lost my work phone",
        "lost usb stick with data",
        "i left my phone in a taxi",
        "forgot my work laptop on the train",
    ],
)
def test_lost_devices_are_danger(question: str):
    assert find_danger(question) is LOST


@pytest.mark.parametrize("question", ["outlook is down", "our P: drive seems down today", "outage in Lyon"])
def test_what_is_down_is_no_danger_that_cannot_wait(question: str):
    assert find_danger(question) is DOWN
    assert DOWN.can_wait


@pytest.mark.parametrize(
    "question",
    [
        "which virus scanner do we use?",
        "how do I report phishing",
        "when is the fire drill",
        "the fire drill is on Monday",
        "can I smoke in the office?",
        "I deleted a file by accident",
        "burn a cd for me",
        "I lost my charger",
        "I left my laptop at home",
        "where is the smoking area",
        "the spark job failed",
        "how do I scroll down",
        "the price is down to 30 EUR",
    ],
)
def test_who_wants_to_know_something_is_not_in_danger(question: str):
    assert find_danger(question) is None


def test_what_helps_is_about_the_danger_and_says_whom_to_call():
    calls = passage("Hacked? Call the Security Desk on extension 4999.", title="Attacks")
    writes = passage("- Printers: ask 4000\n- Malware: report it to soc@example.com", title="Contacts")
    others = [
        passage("Hackers are curious people. We like to hack.", title="Values"),
        passage("Call extension 4000 about printers.", title="Printers"),
        passage("Report a virus in 24 hours.", title="Rules"),
    ]
    assert passages_that_help(ATTACKED, [*others, calls, writes]) == (calls, writes)


def test_how_the_best_document_begins_helps_first():
    found = passage("Found again? Call 4999 before you use it.", title="Lost phone", document_id=7, place=4)
    vault = passage("Nothing is lost: call 4999.", title="Passwords")
    first = passage("Call the Security Desk on extension 4999.", title="Lost phone", document_id=7, place=0)
    assert passages_that_help(LOST, [found, vault, first]) == (first, found)


@pytest.mark.parametrize("question", ["github is down", "everything is down"])
def test_what_to_do_when_another_system_is_down_is_told_nobody(question: str):
    headed = passage("Contact its support on 4999.", title="Logs", headings=("If Logit is down",))
    said = passage("If you are sure there is a Logit outage, call 4999.", title="Logs")
    assert is_of_another_system(DOWN, question, headed)
    assert is_of_another_system(DOWN, question, said)
    assert is_of_another_system(
        DOWN, question, passage("Set incidents to high. Tell ops@example.com.", title="Pingdom")
    )


@pytest.mark.parametrize(
    "text",
    [
        "If Logit is down, call 4999. If GitHub is down, call 4998.",
        "If the network is down, call 4999.",
        "Report an IT outage on 4999.",
        "See what is down on the status page, or call 4999.",
    ],
)
def test_a_page_on_what_is_down_or_on_any_outage_may_be_told(text: str):
    assert not is_of_another_system(DOWN, "github is down", passage(text, title="Outages"))
