import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.question.standalone import MAX_CHARACTERS, asks_for_detail, is_follow_up, stand_alone
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.guard.words import content_stems


def turn(question: str, *, answer: str = "", outcome: Outcome = Outcome.ANSWERED) -> Turn:
    return Turn(question_key=question, question=question, answer=answer, outcome=outcome)


@pytest.mark.parametrize(
    ("earlier", "asked", "understood"),
    [
        ("How do I set up the VPN on macOS?", "and on Windows?", "How do I set up the VPN on Windows?"),
        ("How do I set up the VPN on macOS?", "what about Linux", "How do I set up the VPN on Linux?"),
        ("How do I set up the VPN on macOS?", "Ubuntu?", "How do I set up the VPN on Ubuntu?"),
        ("How do I set up the VPN on my mac?", "does it work on an iPhone?", "How do I set up the VPN on my iPhone?"),
        ("How many vacation days do employees get?", "and interns?", "How many vacation days do interns get?"),
        ("How many vacation days do I get?", "for interns?", "How many vacation days do I get for interns?"),
        ("How do I install GlobalProtect?", "how do I remove it?", "how do I remove GlobalProtect?"),
        (
            "How do I connect to the office printer?",
            "does it print in colour?",
            "does the office printer print in colour?",
        ),
        ("How do I map the P drive?", "why?", "How do I map the P drive: why?"),
        ("How do I map the P drive?", "it doesn't work", "How do I map the P drive: it doesn't work"),
        (
            "Who approves a software licence?",
            "how long does that take?",
            "Who approves a software licence: how long does that take?",
        ),
        ("How do I set up the VPN?", "okay thanks, and what is its portal?", "what is its portal (the VPN)?"),
        ("What is E-305?", "and E-211?", "What is E-211?"),
        ("What does P1 mean?", "P3?", "What does P3 mean?"),
        ("How many seats has room 2.03?", "and 2.04", "How many seats has room 2.04?"),
        ("How do I order a laptop?", "and a docking station?", "How do I order a docking station?"),
        ("How do I order a laptop?", "and the price?", "the price (a laptop)?"),
        ("How do I order a laptop?", "is there a cheaper one?", "is there a cheaper one (a laptop)?"),
        ("Can I work from Portugal?", "and from the US?", "Can I work from the US?"),
        ("Do I need the VPN for the wiki in the office?", "for mail?", "Do I need the VPN for mail in the office?"),
        ("How do I reset my password?", "no, I meant the PIN", "How do I reset the PIN?"),
        ("How do I reset my password?", "that's not what I asked, I mean my badge", "How do I reset my badge?"),
        ("How do I reset my password?", "sorry, I mean on the P drive", "How do I reset my password on the P drive?"),
        (
            "How do I reset my password?",
            "no, I mean how do I get a new one",
            "How do I reset my password: how do I get a new one",
        ),
        ("Can I work from Portugal?", "for how long?", "Can I work from Portugal for how long?"),
        ("How do I get a company phone?", "who pays?", "How do I get a company phone: who pays?"),
        ("How do I get a company phone?", "how much?", "How do I get a company phone: how much?"),
        ("How do I set up Authenticator?", "what's the pin", "what's the pin (Authenticator)?"),
        ("I lost my badge", "can I still get in tomorrow?", "I lost my badge: can I still get in tomorrow?"),
        ("Where do I save customer files?", "why not the S drive", "why not the S drive (customer files)?"),
        ("How do I set up the VPN?", "is it safe to use on a train?", "is the VPN safe to use on a train?"),
        ("How do I set up the VPN?", "is it hard to install?", "is the VPN hard to install?"),
        ("How do I donate leave to a colleague?", "who may receive it?", "who may receive leave?"),
        ("How do I install software on a Mac?", "who approves it?", "who approves software on a Mac?"),
    ],
)
def test_a_follow_up_is_made_whole(earlier: str, asked: str, understood: str):
    assert stand_alone(asked, [turn(earlier)]) == understood


@pytest.mark.parametrize(
    "asked",
    [
        "How do I reset my password?",
        "My laptop screen is broken, can I return it?",
        "Who do I contact in IT about a broken badge reader?",
        "How long does it take to get travel expenses reimbursed?",
        "printer jam",
        "who approves travel",
        "E-420",
        "a second monitor",
        "no sound in Teams",
        "no, my laptop is still broken",
        "Where can I find the maternity leave policy?",
        "Is it safe to invest in options?",
        "is it normal to wait two days?",
        "is it still necessary to call first",
    ],
)
def test_a_question_that_says_enough_stays_as_it_is(asked: str):
    assert stand_alone(asked, [turn("How do I set up the VPN on macOS?")]) == asked


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("what's the fee?", "fee"),
        ("hi, what is the password", "password"),
        ("and where is the form?", "form"),
        ("what's the Wi-Fi password?", None),
        ("what is the fee for a new card", None),
    ],
)
def test_what_only_asks_for_a_detail_is_known(question: str, detail: str | None):
    assert asks_for_detail(question) == detail


def test_without_a_thread_only_the_greeting_goes():
    assert stand_alone("hi, how do I remove it?", []) == "how do I remove it?"
    assert stand_alone("hello", []) == "hello"


def test_only_the_turn_before_counts():
    earlier = [turn("How do I book a room?"), turn("How do I set up the VPN on macOS?")]
    assert stand_alone("and on Windows?", earlier) == "How do I set up the VPN on Windows?"


CLARIFIED = turn(
    "How do I install the VPN?",
    answer=phrases.which_one(["VPN on macOS", "VPN on Windows"]),
    outcome=Outcome.CLARIFIED,
)


@pytest.mark.parametrize(
    "reply", ["2", "2.", "the second one", "option 2 please", "last one", "windows", "VPN on Windows", "on Windows"]
)
def test_the_reply_to_which_one_picks_it(reply: str):
    assert stand_alone(reply, [CLARIFIED]) == "How do I install the VPN: VPN on Windows"


@pytest.mark.parametrize("reply", ["7", "0"])
def test_a_number_that_was_not_offered_picks_nothing(reply: str):
    assert "VPN on" not in stand_alone(reply, [CLARIFIED])


def test_another_question_after_which_one_is_another_question():
    asked = "How do I book a meeting room in Lyon?"
    assert stand_alone(asked, [CLARIFIED]) == asked


def test_the_reply_to_what_is_it_about_adds_to_the_question():
    vague = turn("it doesn't work", answer=phrases.ASK_WHAT, outcome=Outcome.CLARIFIED)
    assert stand_alone("the printer in Leeds", [vague]) == "it doesn't work: the printer in Leeds"


QUESTIONS = st.lists(
    st.sampled_from(
        "how do i reset it that vpn and what about on windows mac printer ? , password why for me instead".split()
    ),
    max_size=9,
).map(" ".join)


@settings(deadline=None)
@given(QUESTIONS | st.text(max_size=80), QUESTIONS | st.text(max_size=80))
def test_whatever_is_asked_keeps_its_own_words(earlier: str, asked: str):
    understood = stand_alone(asked, [turn(earlier)])
    assert len(understood) <= MAX_CHARACTERS
    if not is_follow_up(asked, earlier):
        assert set(content_stems(understood)) == set(content_stems(asked))


@settings(deadline=None)
@given(QUESTIONS)
def test_nothing_before_changes_nothing(asked: str):
    assert set(content_stems(stand_alone(asked, []))) == set(content_stems(asked))
