"""Messages that tell a story around what they ask."""

import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.question.point import find_matters, find_points
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.events import Decision, Outcome
from tests.fakes.asking import asked_of
from tests.fakes.shelf import Shelf, passage

BEFORE = "I started on Monday and everybody is very kind. Yesterday the plumber came, which took all morning."
AFTER = "Thanks so much and have a nice day!"


def questions(message):
    return [point.question for point in find_points(message)]


def matters(message):
    return [point.question for point in find_matters(message)]


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("How do I connect to the VPN?", "How do I connect to the VPN?"),
        ("So my question is, how do I connect to the VPN?", "how do I connect to the VPN?"),
        ("Anyway, could you tell me how long a VPN session lasts?", "how long a VPN session lasts?"),
        (
            "Until when must new people do the security training?",
            "Until when must new people do the security training?",
        ),
        ("A customer visits tomorrow, how long is a voucher good for?", None),
    ],
)
def test_the_question_within_a_story_is_what_is_asked(asked, question):
    assert questions(f"{BEFORE} {asked} {AFTER}") == [question or asked]


def test_of_a_very_long_sentence_its_last_clause_is_the_question():
    told = "Since the plumber has to come back and I will be at home again with the laptop that I got on my first"

    assert questions(f"{BEFORE} {told} day, how do I connect to the VPN?") == ["how do I connect to the VPN?"]


def test_each_of_two_questions_is_asked():
    assert questions(f"{BEFORE} Where do I get a badge? Can I print from my phone?") == [
        "Where do I get a badge?",
        "Can I print from my phone?",
    ]


@pytest.mark.parametrize("asked", ["Any ideas?", "Can anybody help?", "What can I do about it?", "Is that normal?"])
def test_what_names_nothing_is_no_question_by_itself(asked):
    assert questions(f"{BEFORE} {asked}") == []


def test_the_system_that_the_story_names_goes_with_the_question():
    assert questions("My laptop runs Linux, by the way. How do I map the P drive?") == [
        "How do I map the P drive (linux)?"
    ]


def test_a_system_in_the_question_itself_is_the_one_that_counts():
    assert questions("My laptop runs Linux. How do I map the P drive on Windows?") == [
        "How do I map the P drive on Windows?"
    ]


def test_the_sentences_beside_it_are_kept_for_the_names_in_them():
    (point,) = find_points(f"{BEFORE} I can't get into Salesforce. How do I reset my password?")

    assert point.around == "I can't get into Salesforce. How do I reset my password?"


def test_one_sentence_is_looked_for_as_it_is():
    assert questions("How do I connect to the VPN?") == []


def test_more_than_three_questions_are_looked_for_as_a_whole():
    assert questions("Where is A1 printed? Where is the badge desk? Who pays parking? When is lunch served?") == []


def test_without_a_question_what_is_wanted_or_wrong_is_the_matter():
    assert questions(f"{BEFORE} I need to order a second monitor because mine is tiny.") == []
    assert matters(f"{BEFORE} I need to order a second monitor because mine is tiny.") == [
        "I need to order a second monitor"
    ]
    assert matters(f"{BEFORE} My account is locked.") == ["My account is locked."]


def test_a_story_without_any_matter_has_none():
    assert matters(BEFORE) == []


PASSWORD = passage("Open the portal and choose Reset password. Then type a new password.", title="Reset your password")
LEAVE = passage("Everyone has 28 days of leave. Interns have 20 days of leave.", title="Annual leave")
STORY = (
    "My cousin painted his kitchen green on Sunday and half of the village came to look at it. Then a goat ate the "
    "brushes, which nobody had expected, and the neighbours laughed about it until midnight."
)


class Library(Shelf):
    def is_unusual(self, word: str) -> bool:
        return word in {"salesforce", "goat"}


async def ask(message: str, *, splits_questions: bool = True) -> Decision:
    options = AgentOptions(next_step="", splits_questions=splits_questions)
    agent = Agent(Parts(search=Library(PASSWORD, LEAVE), composers=(Extractive(),), options=options))
    return await agent.decide(asked_of(message))


async def test_the_question_within_a_story_is_answered():
    decision = await ask(f"{STORY} How many days of leave do interns have?")

    assert decision.outcome is Outcome.ANSWERED
    assert "20 days" in decision.text
    assert [one.passage.title for one in decision.citations] == ["Annual leave"]


async def test_that_can_be_switched_off():
    decision = await ask(f"{STORY} How many days of leave do interns have?", splits_questions=False)

    assert decision.outcome is Outcome.ESCALATED


async def test_a_story_does_not_make_an_answer_of_what_nothing_answers():
    decision = await ask(f"{STORY} Who painted the ceiling of the Sistine chapel?")

    assert decision.outcome is Outcome.ESCALATED
    assert not decision.citations


@pytest.mark.parametrize("told", ["I can't get into Salesforce.", "I can't open my Salesforce account."])
async def test_a_story_about_a_system_that_no_document_knows_is_left_to_people(told):
    asked = "How do I reset my password?"

    assert (await ask(f"{STORY} {asked}")).outcome is Outcome.ANSWERED
    assert (await ask(f"{STORY} {told} {asked}")).outcome is Outcome.ESCALATED
