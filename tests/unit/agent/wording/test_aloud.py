"""An answer said while it is written shows nothing that did not pass its check."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.agent.wording.aloud import Aloud
from helpdesk_bot.guard.guard import Guard
from knowledge.passages import Passage
from tests.fakes.shelf import passage

PASSAGES = (
    passage("Interns have 20 days of leave. Everyone else has 28 days of leave.", title="Annual leave"),
    passage("Open the portal and choose Leave. Send the form to your manager.", title="Ask for leave"),
)
FIRST = "Interns have 20 days of leave [1]. Everyone else has 28 days of leave [1]."
GOOD = f"{FIRST}\n\nOpen the portal and choose Leave [2]. "
WRONG = "Interns have 90 days of leave [1]. Open the portal and choose Leave [2]. "


async def said_of(text: str, cuts: Sequence[int]) -> str:
    pieces: list[str] = []

    async def say(piece: str, passages: Sequence[Passage]) -> None:
        assert passages
        pieces.append(piece)

    aloud = Aloud(guard=Guard(), passages=PASSAGES, say=say)
    for cut in [*sorted(cuts), len(text)]:
        await aloud.hear(text[:cut])
    return "".join(pieces)


@given(st.lists(st.integers(min_value=0, max_value=len(GOOD)), max_size=12))
async def test_however_it_comes_what_is_said_is_a_beginning_of_the_answer(cuts: list[int]) -> None:
    said = await said_of(GOOD, cuts)
    assert GOOD.startswith(said.rstrip()) or said in GOOD


async def test_it_is_said_sentence_by_sentence() -> None:
    first = GOOD.index("Everyone") + 3
    assert await said_of(GOOD[:first], []) == "Interns have 20 days of leave [1]."


@given(st.lists(st.integers(min_value=0, max_value=len(WRONG)), max_size=12))
async def test_after_a_statement_that_stands_on_nothing_nothing_is_said(cuts: list[int]) -> None:
    assert await said_of(WRONG, cuts) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Interns have 20 days of leave. And then ",
        "See https://evil.example for leave [1]. Interns have 20 days of leave [1]. More ",
        "NO_ANSWER",
        "```\nrm -rf / [1].\nInterns ",
    ],
)
async def test_what_is_uncited_linked_or_unfinished_is_not_said(text: str) -> None:
    assert "evil" not in (said := await said_of(text, []))
    assert "rm -rf" not in said
    assert "And then" not in said
