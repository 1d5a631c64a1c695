import pytest

from helpdesk_bot.agent.quoting.repeats import is_said

SAID = ["After a call you get a temporary access pass, valid for 60 minutes. It starts at once."]


@pytest.mark.parametrize(
    "text", ["The temporary access pass is valid for 60 minutes.", "Valid for 60 minutes: a temporary access pass."]
)
def test_the_same_in_other_order_and_with_less_around_it_is_said(text: str):
    assert is_said(text, SAID)


@pytest.mark.parametrize(
    "text",
    [
        "The temporary access pass is valid for 90 minutes.",
        "The temporary access pass is not valid for 60 minutes.",
        "In Lyon the temporary access pass is valid for 60 minutes.",
        "The temporary access pass is valid for 60 minutes on one laptop with encrypted disk.",
        "",
    ],
)
def test_another_number_name_or_denial_or_more_than_that_is_not(text: str):
    assert not is_said(text, SAID)


def test_a_short_text_is_said_only_with_all_its_words():
    said = ['Calendars can\'t be shared with people outside; they can see "busy" through a link.']
    assert not is_said('If only "busy" shows, that is all they share.', said)
