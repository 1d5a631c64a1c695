"""When a question counts as asked before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.cache.sameness import meaning, plain

SAME = (
    ("How do I connect to the VPN?", "please tell me how to connect to the VPN"),
    ("How do I set up my phone for mail?", "How do I configure mail for my smartphone?"),
    ("How do I reset my password?", "resetting my password, how?"),
    ("What is the Wi-Fi password for guests?", "what's the wifi password for guests"),
    ("How do I install GlobalProtect on my Mac?", "How can I install GlobalProtect on my MacBook?"),
    ("On my Mac, how do I set up the VPN?", "How do I set up the VPN on my Mac?"),
    ("When does the office open?", "Please tell me when does the office open"),
    ("HOW DO I CONNECT TO THE VPN?", "How do I connect to the vpn?"),
    ("HOW DO I REACH IT?", "how do i reach it"),
    ("Is it allowed to use Dropbox?", "is it allowed to use dropbox"),
)
DIFFERENT = (
    ("How do I connect to the VPN on Windows?", "How do I connect to the VPN on a Mac?"),
    ("How do I enable MFA?", "How do I disable MFA?"),
    ("How do I turn on roaming?", "How do I turn off roaming?"),
    ("How do I install Visio?", "How do I uninstall Visio?"),
    ("Can I install Visio?", "Why can't I install Visio?"),
    ("How do I move files from Teams to Slack?", "How do I move files from Slack to Teams?"),
    ("How do I forward Outlook to Gmail?", "How do I forward Gmail to Outlook?"),
    ("How do I upgrade to version 2.1?", "How do I upgrade to version 2.2?"),
    ("What does error 401 mean?", "What does error 403 mean?"),
    ("Who approves travel?", "When is travel approved?"),
    ("How many days of leave do interns have?", "How do interns take days of leave?"),
    ("Which printers are with a scanner?", "Which printers are without a scanner?"),
    ("How do I grant access?", "How do I revoke access?"),
    ("What must I do before I travel?", "What must I do after I travel?"),
    ("How do I reset my password?", "How do I reset her password?"),
    ("How do I connect to the VPN?", "Wie verbinde ich mich mit dem VPN?"),
    ("Wie aktiviere ich das für Gäste?", "Wie deaktiviere ich das für Gäste?"),
    ("How much is the old phone?", "How much is the new phone?"),
    ("How do I order a monitor?", "How do I order a laptop?"),
    ("What is the IP of server 10?", "What is the IP of server 1 0?"),
    ("Who can I call?", "Who can call me?"),
    ("Who do I report to?", "Who reports to me?"),
    ("Can a manager see an employee's files?", "Can an employee see a manager's files?"),
    ("Can managers approve expenses of directors?", "Can directors approve expenses of managers?"),
    ("Who approves contractors?", "Who do contractors approve?"),
    ("Does Jira update Slack?", "Does Slack update Jira?"),
    ("Can we install apps?", "Can they install apps?"),
    ("Was the VPN down?", "Is the VPN down?"),
    ("Do I need VPN and MFA?", "Do I need VPN or MFA?"),
    ("How do I use C#?", "How do I use C++?"),
    ("Is C++ allowed?", "Is C allowed?"),
    ("How do I use .NET?", "How do I use NET?"),
    ("What do I do at -5 degrees?", "What do I do at 5 degrees?"),
    ("Who runs IT?", "Who runs it?"),
    ("Do the leave rules apply to US staff?", "Do the leave rules apply to us staff?"),
    ("What does ls -R do?", "What does ls -r do?"),
    ("Is a line of 100 Mb/s enough?", "Is a line of 100 MB/s enough?"),
    ("How do I get a badge here?", "How do I get a badge there?"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_words_for_the_same_are_the_same(one: str, other: str):
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_in_a_word_that_counts_is_another_question(one: str, other: str):
    assert meaning(one) != meaning(other)
    assert plain(one) != plain(other)


@given(st.text(max_size=200), st.text(max_size=200))
def test_equal_words_are_equal_meaning(one: str, other: str):
    if plain(one) == plain(other):
        assert meaning(one) == meaning(other)
    assert meaning(one)
