import pytest

from helpdesk_bot.agent.unheard import names_something_unheard
from tests.fakes.shelf import passage

RESET = passage(
    "Reset your password on the web. Outlook asks for it once. Codes such as E-420: call.", title="Password"
)
NAMES = frozenset({"salesforce", "smartwatch", "figma", "hues", "hollis"})


def is_unheard(question: str) -> bool:
    return names_something_unheard(question, [RESET], is_unusual=NAMES.__contains__)


@pytest.mark.parametrize(
    "question",
    [
        "reset my salesforce password",
        "how do i get my password on a smartwatch",
        "figma asks for a password",
        "how do i use the 3d printer",
        "my Salesforce password",
    ],
)
def test_a_thing_that_nothing_found_names_is_unheard_of(question: str):
    assert is_unheard(question)


@pytest.mark.parametrize(
    "question",
    [
        "reset my password",
        "reset the password of my daughter",
        "which hues has the logo",
        "a password for Hollis",
        "password on the 2nd floor",
        "a 3gb file",
        "what does the E-420 mean",
        "whats the password",
    ],
)
def test_ordinary_words_people_places_and_quantities_are_not(question: str):
    assert not is_unheard(question)


def test_a_program_has_to_stand_in_the_best_document():
    other = passage("Zoom is in Company Portal.", title="Programs")
    assert names_something_unheard("zoom crashes", [RESET, other], is_unusual=NAMES.__contains__)
    assert not names_something_unheard("zoom crashes", [other, RESET], is_unusual=NAMES.__contains__)
    assert not is_unheard("outlook crashes")
