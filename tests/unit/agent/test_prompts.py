import re

import pytest

from helpdesk_bot.prompts.catalog import load_prompt, parse_prompt

TEXT = "---\nnumber: 3\n---\n# System\nBe brief, $name.\n\n# User\nSay $what.\n"


def test_a_prompt_has_two_parts_and_a_version():
    prompt = parse_prompt("greet", TEXT)
    assert prompt.fill(name="bot", what="hello") == ("Be brief, bot.", "Say hello.")
    assert re.fullmatch(r"greet-3-[0-9a-f]{8}", prompt.version)


def test_another_text_is_another_version_even_under_the_same_number():
    assert parse_prompt("greet", TEXT).version != parse_prompt("greet", TEXT.replace("brief", "kind")).version


def test_what_a_person_writes_is_never_a_place_to_fill():
    assert parse_prompt("greet", TEXT).fill(name="$what ${what}", what="$5")[0] == "Be brief, $what ${what}."


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(KeyError):
        parse_prompt("greet", TEXT).fill(name="bot")


@pytest.mark.parametrize("text", ["# System\nx\n# User\ny", "---\nnumber: x\n---\n# System\na\n# User\nb", ""])
def test_a_file_without_its_header_says_so(text: str):
    with pytest.raises(ValueError, match="greet"):
        parse_prompt("greet", text)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("answer", {"fence", "no_answer", "passages", "tone", "question"}),
        ("standalone", {"fence", "earlier", "thread", "question"}),
    ],
)
def test_the_packaged_prompts_fit_what_fills_them(name: str, values: set[str]):
    system, user = load_prompt(name).fill(**dict.fromkeys(values, "<value>"))
    assert "$" not in system + user
    assert "<value>" in user
