import pytest

from helpdesk_bot.agent.question.clarify import candidate_topics, says_too_little, unnamed_thing
from tests.fakes.shelf import passage

MAC = passage("Install GlobalProtect from Self Service.", title="VPN on macOS")
WINDOWS = passage("Install GlobalProtect from the Company Portal.", title="VPN on Windows")
LEAVE = passage("Everyone has 28 days.", title="Annual leave", dense=0.1)


@pytest.mark.parametrize(
    "question",
    [
        "it doesn't work",
        "mine is broken again",
        "I have a problem",
        "help me please",
        "error!",
        "?",
        "no, that's wrong",
        "this isn't right",
    ],
)
def test_a_complaint_about_nothing_says_too_little(question: str):
    assert says_too_little(question)


@pytest.mark.parametrize("question", ["the printer doesn't work", "E-420", "password?"])
def test_anything_named_is_enough(question: str):
    assert not says_too_little(question)


def test_one_word_that_several_documents_hold_is_asked_about():
    assert candidate_topics("VPN?", [MAC, WINDOWS, LEAVE]) == ["VPN on macOS", "VPN on Windows"]


def test_one_word_that_one_document_holds_is_clear():
    assert candidate_topics("leave", [LEAVE, MAC]) == []


def test_a_short_question_that_asks_whether_is_no_topic():
    shelf = [passage("Zoom is allowed.", title="Install software"), passage("Zoom costs 90 EUR.", title="Licences")]
    assert candidate_topics("zoom", shelf) == ["Install software", "Licences"]
    assert candidate_topics("is zoom allowed", shelf) == []
    assert candidate_topics("can't zoom", shelf) == ["Install software", "Licences"], "that tells of a problem"


def test_documents_that_differ_in_what_was_not_said_are_asked_about():
    assert candidate_topics("How do I install the VPN client?", [MAC, WINDOWS]) == ["VPN on macOS", "VPN on Windows"]


def test_what_was_said_is_not_asked():
    assert candidate_topics("How do I install the VPN on Windows?", [WINDOWS, MAC]) == []


def test_a_clearly_better_document_is_not_asked_about():
    better = passage("Install the VPN client from Self Service.", title="VPN on macOS", dense=0.8)
    assert candidate_topics("How do I install the VPN client?", [better, WINDOWS]) == []


def test_documents_that_hardly_fit_are_not_asked_about():
    assert candidate_topics("How do I apply for parental leave in Lyon?", [MAC, WINDOWS]) == []


def test_at_most_four_topics_each_once():
    many = [passage("About the printer.", title=f"Printer in room {number}") for number in range(6)]
    again = passage("More about the printer.", title="Printer in room 0")
    assert candidate_topics("printer", [many[0], again, *many]) == [f"Printer in room {number}" for number in range(4)]


@pytest.mark.parametrize(
    ("question", "said", "thing"),
    [
        ("Is this county recognized for its support of veterans?", [], "county"),
        ("What are the potential rewards of this credit?", ["Which cards are there?"], "credit"),
        ("Did the gift tax apply to those specific donors?", [], "donors"),
        ("How much does this printer cost?", ["The printer in room 4 is broken."], None),
        ("The issue with Outlook came back. Is this issue known?", [], None),
        ("How does this work?", [], None),
        ("Can I do that in the office?", [], None),
        ("How do I install it?", [], None),
        ("thanks, that worked!", [], None),
        ("Can updates be paused that long?", [], None),
        ("Is there an alert for that country?", [], "country"),
        ('"The server has no account for this workstation relationship"', [], None),
        ("This bot is no help, where is the printer?", [], None),
        ("Who reads this channel?", [], None),
        ('It says "Set up this device". Where is this router?', [], "router"),
    ],
)
def test_what_a_question_points_at_without_naming_it(question: str, said: list[str], thing: str | None):
    assert unnamed_thing(question, said) == thing


def test_what_is_said_to_be_off_is_no_topic():
    shelf = [passage("The heating runs from 06:00.", title="House"), passage("Heating: call 4150.", title="Numbers")]
    assert candidate_topics("heating", shelf) == ["House", "Numbers"]
    assert candidate_topics("heating is off", shelf) == []


def test_that_nothing_works_says_too_little():
    assert says_too_little("nothing works today")
