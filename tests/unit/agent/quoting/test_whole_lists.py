"""Lists that lie in two chunks."""

from dataclasses import replace

import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.quoting.whole_lists import is_cut, with_list
from helpdesk_bot.guard.grounding import check_grounding
from knowledge.audience import Audience
from knowledge.passages import Passage
from tests.fakes.asking import asked_of
from tests.fakes.shelf import Shelf, passage

FIRST = passage("Do this:\n\n1. Restart it.\n2. Free space.", headings=["Slow"], document_id=-1, place=1)
REST = passage("3. Close the browser.\n4. Charge it.\n\nStill slow? Call.", headings=["Slow"], document_id=-1, place=2)
WHOLE = "1. Restart it.\n2. Free space.\n3. Close the browser.\n4. Charge it."


def test_a_list_is_put_together_from_both_sides():
    assert is_cut(FIRST, 1)
    assert is_cut(REST, -1)
    assert with_list(FIRST, REST, 1).text == f"Do this:\n\n{WHOLE}"
    assert with_list(REST, FIRST, -1).text == f"Do this:\n\n{WHOLE}\n\nStill slow? Call."
    assert with_list(REST, FIRST, -1).chunk_id == REST.chunk_id


@pytest.mark.parametrize(
    "other",
    [
        replace(REST, text="4. Charge it."),
        replace(REST, text="1. Another list."),
        replace(REST, text="- Another list."),
        replace(REST, text="No list."),
        replace(REST, text=""),
        replace(REST, heading_path=("Loud",)),
    ],
)
def test_what_is_no_part_of_it_stays_apart(other: Passage):
    assert with_list(FIRST, other, 1) == FIRST


def test_bullets_go_on_with_bullets():
    one, other = (replace(FIRST, text="- Leeds"), replace(REST, text="- Lyon\n- Porto"))
    assert with_list(one, other, 1).text == "- Leeds\n- Lyon\n- Porto"


def test_what_begins_or_ends_otherwise_is_not_cut():
    assert not is_cut(FIRST, -1)
    assert not is_cut(REST, 1)
    assert not is_cut(replace(REST, place=0), -1)
    assert not is_cut(replace(REST, text=""), 1)


@pytest.mark.parametrize("question", ["how do I restart a slow laptop", "slow laptop: close the browser?"])
async def test_an_answer_quotes_all_steps_whichever_half_was_found(question: str):
    class Half(Shelf):
        async def find(
            self, question: str, audience: Audience, *, limit: int = 1, sources: frozenset[str] | None = None
        ) -> list[Passage]:
            return await super().find(question, audience, limit=min(limit, 1), sources=sources)

    shelf = Half(*(replace(one, title="Slow laptop") for one in (FIRST, REST)))
    agent = Agent(Parts(search=shelf, composers=(Extractive(),), options=AgentOptions(next_step="")))
    decision = await agent.decide(asked_of(question))
    assert WHOLE in decision.text
    (citation,) = decision.citations
    assert check_grounding(decision.text, {1: citation.passage.title + citation.passage.text + "Slow"}) == []
