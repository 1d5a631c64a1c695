import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.guard.words import content_stems, covered, rarity, sentences, stem, words


@pytest.mark.parametrize(
    "family",
    [
        ["install", "installs", "installed", "installing", "installation"],
        ["reset", "resets", "resetting"],
        ["policy", "policies"],
        ["connect", "connected", "connecting", "connection", "connections"],
        ["authenticate", "authentication", "authenticated"],
        ["enable", "enabled", "enabling", "enables"],
        ["update", "updates", "updated", "updating"],
        ["use", "used", "using"],
        ["mac", "macOS".casefold(), "macbook"],
        ["cancel", "cancelled", "cancelling", "cancellation"],
        ["travel", "travelling"],
        ["approve", "approval", "approved"],
        ["available", "availability"],
        ["eligible", "eligibility"],
        ["insured", "insurance"],
    ],
)
def test_forms_of_a_word_share_a_stem(family: list[str]):
    assert len({stem(word) for word in family}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("access", "acce"),
        ("bus", "bu"),
        ("printer", "print"),
        ("wifi", "wire"),
        ("install", "instal"),
        ("selling", "seling"),
    ],
)
def test_other_words_do_not(one: str, other: str):
    assert stem(one) != stem(other)


def test_content_is_what_is_left_without_the_small_words():
    assert content_stems("How do I reset my Wi-Fi password?") == ["reset", "wifi", "password"]


def test_a_code_is_one_word():
    assert words("what does E-420 mean") == ["what", "does", "e-420", "mean"]


def test_initials_are_one_word_with_points_and_without():
    assert content_stems("Washington, D.C.") == content_stems("washington DC")
    assert words("a U.S. visa") == words("a US visa")


@pytest.mark.parametrize("written", ["P: drive", "P:drive", "p drive", "P-drive"])
def test_the_letter_of_a_drive_tells_it_from_another(written: str):
    assert content_stems(written) == ["pdriv", "driv"]


def test_rare_words_weigh_more():
    assert rarity("get") < rarity("vpn") < rarity("e-420")
    assert covered({"get", "vpn"}, {"get"}) == pytest.approx(0.2)
    assert covered(set(), {"vpn"}) == 1.0


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Use a browser, e.g. Firefox. Then sign in.", ["Use a browser, e.g. Firefox.", "Then sign in."]),
        ("Version 2.1.3 is out. See example.com now.", ["Version 2.1.3 is out.", "See example.com now."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("**The phone is gone:** call 4000. *Then* wait.", ["**The phone is gone:** call 4000.", "*Then* wait."]),
        ("wrapped\nline. Next", ["wrapped line.", "Next"]),
        ("", []),
    ],
)
def test_a_paragraph_is_cut_where_its_sentences_end(paragraph: str, expected: list[str]):
    assert sentences(paragraph) == expected


@settings(deadline=None)
@given(st.text(max_size=200))
def test_sentences_lose_nothing(text: str):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_a_stem_is_never_empty(text: str):
    assert all(map(stem, words(text)))


def test_what_is_written_in_one_word_or_two_is_one():
    for apart, together in [
        ("Help Desk", "helpdesk"),
        ("help-desk", "helpdesk"),
        ("log in", "login"),
        ("signed in", "login"),
        ("sign-in", "login"),
        ("setting up", "setup"),
        ("set-up", "setup"),
        ("back up", "backup"),
        ("Wi-Fi", "wifi"),
        ("e-mails", "email"),
        ("user names", "username"),
        ("smartphone", "phone"),
    ]:
        assert words(apart) == words(together) == [together]


def test_replies_in_ones_absence_are_one_word_however_they_are_written():
    assert content_stems("OOO") == content_stems("out of office") == content_stems("out-of-office")
    assert content_stems("auto reply") == content_stems("automatic replies") == content_stems("auto-reply")


def test_what_is_written_in_a_hurry_says_no_more_than_when_written_out():
    assert content_stems("whats wrong, it doesnt print") == content_stems("what's wrong, it doesn't print")


def test_irregular_forms_are_one_word():
    assert content_stems("who stole my frozen laptop") == content_stems("steal freeze laptop")


def test_it_in_capitals_is_a_department_and_otherwise_says_nothing():
    assert content_stems("who do I call in IT?") == content_stems("call IT")
    assert len(content_stems("call IT")) == 2
    assert content_stems("call it") == content_stems("CALL IT") == ["call"]
    assert content_stems("work in the US") == content_stems("work in the United States")
    assert content_stems("IT's late") == content_stems("late")
