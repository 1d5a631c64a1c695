"""Who says that an answer did not help."""

import pytest

from helpdesk_bot.agent.message.unhelped import MAX_CHARACTERS, says_it_did_not_help


@pytest.mark.parametrize(
    "said",
    [
        "it still doesn't work",
        "still not working",
        "That didn't help",
        "tried that, did not help",
        "I already did that, same problem",
        "I have tried all of that already but it still does not work",
        "no luck",
        "sorry, that doesn\u2019t help me",
        "still the same error",
        "nothing changed",
        "I did that already, still locked",
        "this is not helpful",
        "no",
        "Nope!",
        "not really",
        "that's wrong",
        "no, that is not what I asked",
        "wrong answer",
        "that's not it",
        "didnt work",
        "it did not work",
        "that didnt help, still doesnt work",
    ],
)
def test_what_only_says_that_an_answer_did_not_help(said: str):
    assert says_it_did_not_help(said)


@pytest.mark.parametrize(
    "said",
    [
        "it doesn't work",
        "I tried that on the Mac and now the screen says E-211",
        "still no invoice from the supplier",
        "the printer is still broken",
        "that helped",
        "that's right",
        "that is it",
        "thanks, no",
        "no sound",
        "that is wrong in the list of printers",
        "what if that's wrong?",
        "",
        "I still need a monitor",
        "does that still work on Windows 10?",
    ],
)
def test_what_says_more_or_less_than_that(said: str):
    assert not says_it_did_not_help(said)


@pytest.mark.parametrize("said", ["still no ", "it still ", "tried that already ", "the same problem ", "no luck, "])
def test_what_nearly_says_so_takes_no_time_to_tell_apart(said: str):
    assert not says_it_did_not_help((said * MAX_CHARACTERS)[: MAX_CHARACTERS - 2] + "x")
