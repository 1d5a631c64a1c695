"""Texts of any kind and length are answered or refused politely, and never crash anything (RELIABILITY 16, 17)."""

import pytest

from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office


@pytest.mark.parametrize(
    "text",
    [
        "how long does a VPN session last? " + "x" * 40_000,
        "how long does a VPN session last? " * 1_200,
        "nul \0 inside: how long does a VPN session last?",
        "half a pair \ud83d: how long does a VPN session last?",
        "\u202ehow long does a VPN session last?\u202c \u200b\u200d",
        "👩‍👩‍👧‍👦 ﷽ how long does a VPN session last? " + "e" + "\u0301" * 500,
        "كم تدوم جلسة VPN؟",
        "*_~`" * 500,
    ],
)
async def test_any_text_ends_in_one_visible_reply(office: Office, text: str) -> None:
    channel = office.slack.open_direct("UBO")
    reply = await office.ask(channel, "UBO", text)
    await office.settle()
    assert said(reply)
    assert len(office.slack.replies(channel, reply["thread_ts"])) == 1
    ((outcome,),) = await office.fetch("select outcome from helpdesk.question")
    assert outcome in {"answered", "clarified", "escalated"}


async def test_what_was_cut_is_said(office: Office) -> None:
    text = "how long does a VPN session last? " + "word " * 9_000
    reply = await office.ask(office.slack.open_direct("UBO"), "UBO", text)
    assert "very long" in said(reply)
