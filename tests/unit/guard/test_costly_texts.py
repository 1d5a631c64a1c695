"""Texts that are made to take for ever: each check takes time by the length of what it reads."""

import time
from collections.abc import Callable

import pytest

from helpdesk_bot.guard.grounding import check_grounding
from helpdesk_bot.guard.markup import inert
from helpdesk_bot.guard.specifics import addresses

CPU_S = 1.0
"""Each took more than 2 s, most far more, and takes less than a tenth of a second now (November 2026)."""


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (lambda text: check_grounding(text, {1: "Press Save."}), f"{' ' * 2_000}Press Save. [1]"),
        (inert, "@" * 16_000),
        (addresses, "DE12" * 4_000),
    ],
    ids=["spaces", "at signs", "letters"],
)
def test_a_hostile_text_takes_no_longer_than_another(check: Callable[[str], object], text: str):
    began = time.thread_time()
    check(text)
    assert time.thread_time() - began < CPU_S
