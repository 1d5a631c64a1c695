import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.guard.grounding import check_grounding, statements

VPN = (
    "VPN on macOS\nInstall GlobalProtect from Self Service. Enter `vpn.example.com` as the portal. "
    "The session ends after 12 hours. You must not share your password. Call 4000 or write to `help@example.com`."
)
LEAVE = "Annual leave\nEveryone has 28 days of leave. Interns have 20 days. Ask your manager two weeks ahead."
PASSAGES = {1: VPN, 2: LEAVE}


def rules(answer: str) -> set[str]:
    return {verdict.rule.removeprefix("grounding.") for verdict in check_grounding(answer, PASSAGES)}


@pytest.mark.parametrize(
    "answer",
    [
        "Install GlobalProtect from Self Service. [1]",
        "To use the VPN, install GlobalProtect [1]. Then enter `vpn.example.com` as portal [1].",
        "You get 28 days of leave [2]; interns have 20 days [2].",
        "Here is how:\n\n1. Install GlobalProtect.\n2. Enter `vpn.example.com`. [1]",
        "Sessions end after 12 hours [1], and everyone has 28 days of leave [2].",
        "Yes.\n\nThe session ends after 12 hours. [1]",
        "Do not share your password. [1]",
        "| Who | Days |\n| --- | --- |\n| Everyone | 28 days |\n| Interns | 20 days |\n\n[2]",
        "No, you must not share your password. [1]",
    ],
)
def test_what_a_cited_passage_says_stands(answer: str):
    assert rules(answer) == set()


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("Bananas grow on tropical islands. [1]", "words"),
        ("Install games, music and fancy wallpapers from Self Service. [1]", "words"),
        ("The session ends after 14 hours. [1]", "number"),
        ("Everyone has 28.5 days of leave. [2]", "number"),
        ("Interns have three days of leave. [2]", "number"),
        ("Enter `vpn2.example.com` as the portal. [1]", "address"),
        ("Call 4000 or write to help@evil.example. [1]", "address"),
        ("Install GlobalProtect with `sudo rm -rf /`. [1]", "quotation"),
        ('Choose "Delete everything" in Self Service. [1]', "quotation"),
        ("Install AnyConnect from Self Service. [1]", "name"),
        ("You must share your password. [1]", "denial"),
        ("The session never ends after 12 hours. [1]", "denial"),
        ("Everyone has 28 days of leave. [1]", "words"),
        ("Everyone has 28 days of leave.", "uncited"),
        ("Everyone has 28 days of leave. [3]", "uncited"),
    ],
)
def test_what_no_cited_passage_says_is_refused(answer: str, rule: str):
    assert rule in rules(answer)


HABITS = (
    "Leave and loans\nEveryone has 28 days of leave, interns have thirty-one. Managers have 1 000 euros a year. "
    "The desk opens at 5 pm. A request costs $40.00. Mortgage insurance premiums are paid monthly in the US. "
    "Download the PDF. There is a free plan and a paid plan. The exchange of badges is tax-deductible. "
    "Verify that you are creating a business account and not a personal one if you give a tax number."
)


@pytest.mark.parametrize(
    "answer",
    [
        "Interns have 31 days of leave.",
        "Managers have 1,000 euros a year.",
        "The desk opens at 17:00.",
        "A request costs $40.",
        "Mortgage insurance premiums (MIP) are paid monthly.",
        "Mortgage insurance premiums are paid monthly in the United States.",
        "Download the PDFs.",
        "There are two plans: free plan and paid plan.",
        "There are two plans:\n\n- A free plan\n- A paid plan",
        "**Monthly Mortgage Payments:** Mortgage insurance premiums are paid monthly.",
        "Based on the provided passages, everyone has 28 days of leave.",
        "I apologize for any confusion. Everyone has 28 days of leave.",
        "Here are the key details:\n\n- Everyone has 28 days of leave.",
        "Verify that you are creating a business account if you give a tax number.",
        "Not only everyone has 28 days of leave, interns have thirty-one.",
    ],
)
def test_what_is_only_written_otherwise_stands(answer: str):
    assert not check_grounding(f"{answer} [1]", {1: HABITS})


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("Interns have 32 days of leave.", "number"),
        ("The desk opens at 5 am.", "number"),
        ("Managers have 1,100 euros a year.", "number"),
        ("Mortgage insurance premiums (MQP) are paid monthly.", "name"),
        ("Mortgage insurance premiums are paid monthly in the United Kingdom.", "name"),
        ("There are three plans: free plan and paid plan.", "number"),
        ("**Ask AnyDesk:** Mortgage insurance premiums are paid monthly.", "name"),
    ],
)
def test_what_is_written_otherwise_and_means_something_else_does_not_stand(answer: str, rule: str):
    (problem,) = check_grounding(f"{answer} [1]", {1: HABITS})
    assert problem.rule == f"grounding.{rule}"


FAR = (
    "Travel\nFlights are booked by the travel desk in room 12. The desk opens at noon. Bring your badge.\n"
    "Hotels are paid by card. Receipts are kept for 7 years. Contoso audits them each spring."
)


def test_a_number_that_a_passage_has_elsewhere_does_not_stand():
    assert not check_grounding("Flights are booked by the travel desk in room 12. [1]", {1: FAR})
    (problem,) = check_grounding("Flights are booked by the travel desk in room 7. [1]", {1: FAR})
    assert problem.rule == "grounding.number"


def test_a_shorter_statement_that_denies_its_sentence_is_noticed():
    passage = "Laptops of the field staff can be exchanged at the counter in Leeds from Monday on."
    assert not check_grounding("Laptops of the field staff can be exchanged at the counter. [1]", {1: passage})
    (problem,) = check_grounding("Laptops of the field staff can not be exchanged at the counter. [1]", {1: passage})
    assert problem.rule == "grounding.denial"


def test_one_unsupported_sentence_among_good_ones_is_enough():
    assert rules("Install GlobalProtect from Self Service. [1] Then dance in the corridor with friends. [1]") == {
        "words"
    }


def test_a_sentence_that_is_wrapped_in_its_passage_does_not_deny_it():
    wrapped = "If your laptop comes back to you, somebody may have opened it and it should\nnot be used."
    assert not check_grounding(f"{' '.join(wrapped.split())} [1]", {1: wrapped})


@pytest.mark.parametrize(
    "passage",
    [
        "Do not share your password with anyone.",
        "Passwords\nDo not\nshare your password with anyone.",
        "Passwords\nDo not share your password\nwith anyone.",
    ],
)
def test_a_short_sentence_without_its_denial_is_noticed_however_it_is_wrapped(passage: str):
    (problem,) = check_grounding("Share your password with anyone. [1]", {1: passage})
    assert problem.rule == "grounding.denial"


def test_a_heading_that_denies_is_no_denial_of_what_stands_under_it():
    passage = "Printer problems\nMy job is not in the list\nA job in the list at the printer can be printed."
    assert not check_grounding("**My job is not in the list** [1]", {1: passage})


def test_a_code_block_must_stand_in_a_passage():
    assert rules("Type this:\n\n```\nvpn --erase-all\n```\n\n[1]") == {"quotation"}
    assert rules("Type this:\n\n```\nvpn.example.com\n```\n\n[1]") == set()


def test_a_statement_without_a_marker_rests_on_the_next_of_its_block():
    found = statements("Interns have 20 days. Everyone has 28 days. [2]\n\nInstall GlobalProtect. [1]")
    assert [one.cites for one in found] == [(2,), (2,), (1,)]


def test_an_introduction_rests_on_its_list():
    found = statements("To reach the VPN portal:\n\n1. Install GlobalProtect.\n2. Enter the portal name. [1]")
    assert [one.cites for one in found] == [(1,), (1,), (1,)]


SENTENCES = ["Install GlobalProtect from Self Service.", "The session ends after 12 hours.", "Call 4000."]


@settings(deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3, unique=True))
def test_quoting_a_passage_always_stands(quoted: list[str]):
    assert rules(" ".join(quoted) + " [1]") == set()


@settings(deadline=None)
@given(st.sampled_from(SENTENCES), st.integers(min_value=13, max_value=3999))
def test_a_number_that_no_passage_has_never_stands(quoted: str, number: int):
    assert "number" in rules(f"{quoted[:-1]} in {number} cases. [1]")


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_can_be_checked(answer: str, passage: str):
    check_grounding(f"{answer} [1]", {1: passage})
