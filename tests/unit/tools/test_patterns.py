"""Patterns of the tools file end in time, whatever they are matched against."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.tooling.choosing import choose
from helpdesk_bot.tools.arguments import fitted
from helpdesk_bot.tools.errors import BadArguments
from helpdesk_bot.tools.patterns import Pattern
from helpdesk_bot.tools.tool import ToolSpec

ENDLESS = {"(x+x+)+y": "x" * 4_000, "(.*a){20}x": "a" * 4_000, r"([a-zA-Z]+)*\d": "a" * 4_000 + "!"}
BOUND_S = 3.0
"""Of the processor, whatever else it does. 0.2 s is meant for a match."""


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_would_never_end_does_not_fit_and_rests(pattern: str):
    endless = Pattern(f"^(?:{pattern})$")
    began = time.process_time()
    assert not endless.is_in(5 * ENDLESS[pattern])  # seconds without a bound
    assert time.process_time() - began < BOUND_S
    assert endless.list_in("xxy") == []
    assert endless.blanked_in("xxy") == "xxy"
    assert Pattern(f"^(?:{pattern})$").blanked_in("-") == "-"


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_tool_with_an_endless_pattern_is_asked_for_and_checked_in_time(pattern: str):
    text = {"type": "string", "pattern": f"^(?:{pattern})$(?!\\n)", "maxLength": 4_000}
    schema: dict[str, Any] = {"type": "object", "properties": {"text": text}, "required": ["text"]}
    spec = ToolSpec(name="t", title="Look up a thing", description="", parameters=schema, examples=("look up xxy",))
    began = time.process_time()
    choose(f"look up {ENDLESS[pattern]}", [spec])
    with pytest.raises(BadArguments, match="is not written as it has to be"):
        fitted("t", schema, {"text": ENDLESS[pattern]})
    assert time.process_time() - began < 3 * BOUND_S


def test_what_is_too_long_is_not_matched_at_all():
    text = {"type": "string", "maxLength": 200, "pattern": "^(?:(x+x+)+y)$"}
    with pytest.raises(BadArguments, match="is too long"):
        fitted("t", {"type": "object", "properties": {"text": text}}, {"text": "x" * 4_000})


@given(st.from_regex(r"INC[0-9]{7}", fullmatch=True), st.text(alphabet="IN C01\n", max_size=12))
def test_a_form_is_found_as_it_is_written(number: str, other: str):
    assert Pattern(r"^(?:INC[0-9]{7})$(?!\n)").is_in(number)
    assert not Pattern(r"^(?:INC[0-9]{7})$(?!\n)").is_in(f"{number}\n")
    assert number in Pattern("INC[0-9]{7}").list_in(f"{other} {number}")


def test_what_is_no_pattern_is_said_to_be_none():
    with pytest.raises(ValueError, match="pattern: "):
        Pattern("(")
