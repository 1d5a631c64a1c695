import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.acronyms import MAX_LONG_CHARACTERS, find_acronyms, spelled_out


def pairs(text):
    return [(one.short, one.long) for one in find_acronyms(text)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Connect to the virtual private network (VPN) first.", "VPN", "virtual private network"),
        ("We use multi-factor authentication (MFA) everywhere.", "MFA", "multi-factor authentication"),
        ("Ask your MDM (mobile device management) admin.", "MDM", "mobile device management"),
        ("The Terms of Reference (ToR) are old.", "ToR", "terms of reference"),
        ("Research and development (R&D) has a room.", "R&D", "research and development"),
        ("the employee assistance programme (EAP)", "EAP", "employee assistance programme"),
    ],
)
def test_a_text_explains_its_short_names(text, short, long):
    assert pairs(text) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "Fill in the form (PDF) today.",
        "Open the settings (gear) page.",
        "In the year of change (2024) we moved.",
        "Wait for the light (Green).",
        "VPN (see below)",
        "the network (VPN)",
        "",
        "(((((VPN)))))",
        "(VPN)" * 200,
        "VPN (" * 200,
        "virtual private network " + "and so on " * 30 + "(VPN)",
    ],
)
def test_what_stands_in_brackets_is_not_always_a_short_name(text):
    assert pairs(text) == []


def test_the_fewest_words_are_taken():
    assert pairs("Every user of the single sign-on (SSO) portal") == [("SSO", "single sign-on")]


def test_what_is_said_twice_is_found_once():
    assert len(pairs("virtual private network (VPN) and Virtual Private Network (VPN)")) == 1


@given(st.text(alphabet="abcVPN ()&-\n.", max_size=300))
def test_every_short_name_stands_in_the_text_and_begins_as_its_long_form_does(text):
    for one in find_acronyms(text):
        assert one.short in text
        assert one.long[0] == one.short[0].casefold()
        assert len(one.long) <= MAX_LONG_CHARACTERS
        assert one.long == spelled_out(one.long)
