import pytest

from helpdesk_bot.agent.quoting.forms import has_wanted_form


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much is the training budget?", "The budget is $250,000 a year."),
        ("what does a licence cost", "A licence is 228 EUR a year."),
        ("when is the IT Bar open", "It is open from 09:00 to 12:00."),
        ("when is the drill", "We test it at 10am."),
        ("how often is it tested", "It is tested every week."),
        ("how often is it copied", "It is copied nightly."),
        ("what does ATO stand for", "- **ATO** - Authority to Operate."),
        ("what is ATO short for", "Each needs an authority to operate (ATO)."),
        ("is the help desk open on saturday", "Monday to Friday, 07:30 to 18:00"),
        ("how much space do I have on OneDrive", "OneDrive has 1 TB."),
        ("how big can an attachment be", "Up to 35 MB."),
        ("how long is a voucher good for", "A voucher is valid for 24 hours."),
        ("how many people fit in", "Up to 12 people."),
        ("which extension has facilities", "Call 4150."),
        ("what is the portal's web address", "Open `help.example.com`."),
        ("who approves a licence", "The form goes to Ada Lovelace."),
        ("who approves a licence", "Ask your line manager."),
        ("how quickly is a ticket answered", "Within 2 working days."),
        ("minimum password length", "Passwords have 16 characters."),
        ("which password manager should I use", "We recommend KeePassXC."),
    ],
)
def test_a_text_of_the_wanted_form_is_known(question: str, text: str):
    assert has_wanted_form(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much is the training budget?", "We value training highly, and have 12 courses."),
        ("how much space do I have on OneDrive", "A licence is 228 EUR a year."),
        ("how big can an attachment be", "Ask for 2 of them."),
        ("is the help desk open on saturday", "It is in room 1.12."),
        ("when is the IT Bar open", "It is on the ground floor, room 1.12a."),
        ("what does ATO stand for", "We stand up a group for each ATO."),
        ("who approves a licence", "Somebody has to approve it."),
        ("who approves a licence", "Licences for GitHub are approved in ServiceNow."),
        ("when is the drill", "Run this:\n\n```\nalert --end 2023-11-03T15:59\n```"),
        ("can I print from my phone", "Send it to 4150, from 09:00 on."),
    ],
)
def test_another_one_is_not_and_where_nothing_is_wanted_nothing_fits(question: str, text: str):
    assert not has_wanted_form(question, text)


def test_a_text_needs_every_form_that_is_wanted():
    assert has_wanted_form("who pays, and how much", "The office of Ada pays 30 EUR.")
    assert not has_wanted_form("who pays, and how much", "The office of Ada pays.")
