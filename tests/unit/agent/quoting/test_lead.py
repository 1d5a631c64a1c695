import pytest

from helpdesk_bot.agent.quoting.blocks import blocks
from helpdesk_bot.agent.quoting.lead import find_lead

STOLEN = (
    "Owner: Security Desk · Reviewed: 2026-09-17\n\n"
    "Call the Security Desk on extension 4999. Call first and search afterwards.\n\nNobody is blamed."
)


def lead(question: str, opening: str) -> list[str]:
    found = blocks(opening)
    return [found[place].text for place in find_lead(question, found)]


@pytest.mark.parametrize(
    "question",
    ["my laptop was stolen, what now?", "I clicked on a link", "the screen is frozen", "vpn doesn't connect"],
)
def test_whoever_is_in_trouble_is_told_first_what_the_page_tells_everybody_to_do(question: str):
    assert lead(question, STOLEN) == [
        "Call the Security Desk on extension 4999.",
        "Call first and search afterwards.",
    ]


@pytest.mark.parametrize("question", ["who reads the reports?", "what is a replacement laptop worth"])
def test_whoever_is_not_is_spared_it(question: str):
    assert lead(question, STOLEN) == []


def test_of_a_long_paragraph_the_first_sentence_leads():
    assert lead("it broke", f"Call 4999 at once. {'And so on and on. ' * 30}") == ["Call 4999 at once."]


@pytest.mark.parametrize(
    "opening",
    ["Welcome to this page. It is about phones.", "- Call 4999.", "", "Most laptops are cured by a restart."],
)
def test_a_page_that_begins_with_no_instruction_leads_nothing(opening: str):
    assert lead("my laptop was stolen, what now?", opening) == []
