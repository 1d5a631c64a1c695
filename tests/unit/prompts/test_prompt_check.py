"""What may stand in for a packaged prompt."""

import pytest

from helpdesk_bot.prompts.catalog import MAX_CHARACTERS, NAMES, check_prompt, load_text
from helpdesk_bot.prompts.errors import PromptRefused

ANSWER = load_text("answer")


@pytest.mark.parametrize("name", NAMES)
def test_the_packaged_prompts_may(name: str):
    assert check_prompt(name, load_text(name)).name == name


def test_the_tone_may_be_left_out():
    check_prompt("answer", ANSWER.replace("${tone}", ""))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ANSWER.replace("$passages", ""), r"# User needs \$passages"),
        (ANSWER.replace("$fence", "a line"), r"# System needs \$fence"),
        (ANSWER.replace("$question", "$question in $language"), r"# User names \$language"),
        (ANSWER.replace("from nothing else", "for 5$ an hour"), "a dollar sign is written"),
        (ANSWER + "x" * MAX_CHARACTERS, "characters"),
        ("Be nice.", "needs a header"),
    ],
)
def test_what_would_break_an_answer_may_not(text: str, complaint: str):
    with pytest.raises(PromptRefused, match=complaint):
        check_prompt("answer", text)


def test_a_prompt_that_nothing_uses_is_none():
    with pytest.raises(PromptRefused, match="answer, standalone"):
        check_prompt("welcome", ANSWER)
