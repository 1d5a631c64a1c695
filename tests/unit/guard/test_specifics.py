import pytest

from helpdesk_bot.guard.specifics import addresses, is_named, names, numbers, quotations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 users, v2.1 and 10:30", {"1000", "2.1", "10:30"}),
        ("three of twelve", {"3", "12"}),
        ("build H264 runs", set()),
        ("on 2026-11-01", {"2026", "11", "01"}),
    ],
)
def test_numbers_are_found_in_figures_and_in_words(text: str, expected: set[str]):
    assert expected <= numbers(text)
    assert numbers(text) - expected <= {"264"}


def test_hosts_with_their_paths_and_mailboxes_are_addresses():
    assert addresses("See vpn.example.com/x or Help@Example.com.") == {"vpn.example.com/x", "help@example.com"}


def test_quotations_are_code_and_what_stands_in_quotes():
    assert quotations('Type `net  use`, choose "Map drive".\n```\nssh host\n```') == {
        "net use",
        "map drive",
        "ssh host",
    }


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Open the Company Portal on Windows.", {"company", "portal", "windows"}),
        ("GlobalProtect needs MFA.", {"globalprotect", "mfa"}),
        ("Then it works. Ask Ada.", {"ada"}),
        ("You can do it.", set()),
    ],
)
def test_names_are_told_by_their_capitals(sentence: str, expected: set[str]):
    assert names(sentence) == expected


def test_a_name_may_be_spelled_as_people_do():
    assert is_named("mac", "vpn on macos")
    assert not is_named("linux", "vpn on macos")
