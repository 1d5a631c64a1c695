"""Texts that are made to take for ever: what reads them takes time by their length, whatever they are made of."""

import asyncio
import time
from collections.abc import Callable

import pytest

from helpdesk_bot.agent.wording.aloud import Aloud
from helpdesk_bot.chat.slack.mrkdwn import tags_others, to_plain_text
from helpdesk_bot.chat.slack.safe_markdown import to_safe_markdown
from helpdesk_bot.chat.teams.markdown import escape
from helpdesk_bot.guard.grounding import check_grounding
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.incoming import read_question
from helpdesk_bot.guard.outgoing import clean_answer
from helpdesk_bot.guard.passages import clean_passage, clean_title
from helpdesk_bot.guard.personal_data import Kind, redact

SHORT, LONG = 1_000, 8_000
SURELY_QUICK_S = 0.04
MOST_TIMES = 32
"""8 times the length takes 8 times as long, and 64 times where time grows with the square."""


async def _say(*_: object) -> None:
    pass


def _read_aloud(text: str) -> None:
    asyncio.run(Aloud(guard=Guard(), passages=(), say=_say).hear(f"{text}\n\nMore"))


CHECKS: dict[str, Callable[[str], object]] = {
    "question": read_question,
    "passage": clean_passage,
    "title": clean_title,
    "answer": lambda text: clean_answer(text, citations=3),
    "grounding": lambda text: check_grounding(f"{text} Press Save. [1]", {1: "Press Save."}),
    "personal data": lambda text: redact(text * 4, Kind),
    "aloud": _read_aloud,
    "streamed to Slack": to_safe_markdown,
    "from Slack": lambda text: (to_plain_text(text, bot_user_id="U1"), tags_others(text, "U1")),
    "for Teams": escape,
}
PIECES = (
    *("1-", "1 ", "1.", "1.1.1.1 ", "12 ", "DE12", "+1", "a.", "-.", "a@", "@", "@here ", "<@\u2039@", "www."),
    "https://a",
    *(
        "[",
        "\\[",
        "](",
        "[a](",
        "![",
        "[1]",
        "[1] ",
        "<a ",
        "<!",
        "<!--",
        "<",
        "&lt;",
        "<script>",
        "_",
        ":",
        "-",
        "|",
        "\\",
    ),
    *("`", "``", "`a ", "``a`", "~~~", "~~~\n", "~~~a\n", "```\n", "```a\n", "\n", "\n\n", " ", "\t", " \n", "\u201c"),
    *("\u2018", "\u201c\u2018", "'a ", "1. ", "- ", "\n- a. ", "> ", "a. ", "A. "),
    *("e.g. ", "do not ", "you ", "and ", "card "),
)
BEGINNINGS = {"<b": (" hidden", " display:none"), "<a": (" src=", " onx"), "~~~": ("~",), "do not": ("\n",), "[1": "-"}
TEXTS = [("", piece) for piece in PIECES] + [(first, piece) for first in BEGINNINGS for piece in BEGINNINGS[first]]


def _took_s(check: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    check(text)
    return time.thread_time() - began


def _text(beginning: str, piece: str, length: int) -> str:
    return (beginning + piece * length)[:length] + ("\na" * (length // 2) if piece == "~" else "")


def _is_slow(check: Callable[[str], object], beginning: str, piece: str) -> bool:
    """Measured up to three times: a busy machine is slow by chance."""
    short, long = _text(beginning, piece, SHORT), _text(beginning, piece, LONG)
    return all(
        (short_s := _took_s(check, short)) > SURELY_QUICK_S / 64
        and _took_s(check, long) > max(SURELY_QUICK_S, MOST_TIMES * short_s)
        for _ in range(3)
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_time_grows_with_the_length_whatever_a_text_is_made_of(check: Callable[[str], object]):
    check("Warm.")
    assert [first + piece for first, piece in TEXTS if _is_slow(check, first, piece)] == []
