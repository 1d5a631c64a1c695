"""Lists that lie in two chunks."""

from dataclasses import replace

import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.quoting.whole_lists import is_cut, is_of_steps, with_list, without_parts
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


class Half(Shelf):
    """Finds one passage only."""

    async def find(
        self, question: str, audience: Audience, *, limit: int = 1, sources: frozenset[str] | None = None
    ) -> list[Passage]:
        return await super().find(question, audience, limit=min(limit, 1), sources=sources)


@pytest.mark.parametrize("question", ["how do I restart a slow laptop", "slow laptop: close the browser?"])
async def test_an_answer_quotes_all_steps_whichever_half_was_found(question: str):
    shelf = Half(*(replace(one, title="Slow laptop") for one in (FIRST, REST)))
    agent = Agent(Parts(search=shelf, composers=(Extractive(),), options=AgentOptions(next_step="")))
    decision = await agent.decide(asked_of(question))
    assert WHOLE in decision.text
    (citation,) = decision.citations
    assert check_grounding(decision.text, {1: citation.passage.title + citation.passage.text + "Slow"}) == []


STEPS = [
    passage("1. Restart the laptop.", headings=["Slow"], document_id=-2, place=1),
    passage("2. Free space.", headings=["Slow"], document_id=-2, place=2),
    passage("3. Close the browser.", headings=["Slow"], document_id=-2, place=3),
    passage("4. Charge it.\n\nStill slow? Call.", headings=["Slow"], document_id=-2, place=4),
]


@pytest.mark.parametrize("question", ["how do I restart a slow laptop", "slow laptop: charge it?"])
async def test_steps_of_which_each_is_a_chunk_are_all_quoted(question: str):
    shelf = Half(*(replace(one, title="Slow laptop") for one in STEPS))
    agent = Agent(Parts(search=shelf, composers=(Extractive(),), options=AgentOptions(next_step="")))
    decision = await agent.decide(asked_of(question))
    assert "1. Restart the laptop.\n2. Free space.\n3. Close the browser.\n4. Charge it. [1]" in decision.text


async def test_steps_are_not_joined_over_a_chunk_that_is_kept_away():
    ones = [replace(one, text=f"1. {one.text[3:]}", title="Slow laptop") for one in STEPS]
    agent = Agent(
        Parts(search=Half(*ones[:2], *ones[3:]), composers=(Extractive(),), options=AgentOptions(next_step=""))
    )
    decision = await agent.decide(asked_of("how do I restart a slow laptop"))
    assert "Restart the laptop.\n1. Free space." in decision.text
    assert "Free space.\n1. Charge it." not in decision.text


async def test_steps_that_were_all_found_are_quoted_once():
    shelf = Shelf(*(replace(one, title="Slow laptop") for one in STEPS))
    agent = Agent(Parts(search=shelf, composers=(Extractive(),), options=AgentOptions(next_step="")))
    decision = await agent.decide(asked_of("how do I restart a slow laptop"))
    assert decision.text.count("Free space.") == 1


def test_only_steps_go_on_over_more_than_one_chunk():
    assert is_of_steps(STEPS[1])
    assert not is_of_steps(STEPS[3])
    assert not is_of_steps(replace(STEPS[1], text="- Leeds\n- Lyon"))
    assert not is_of_steps(replace(STEPS[1], text=""))


def test_steps_that_are_all_numbered_1_go_on():
    one, other = (replace(STEPS[0], text="1. Open it.\n1. Free space."), replace(STEPS[1], text="1. Close it."))
    assert is_cut(other, -1)
    assert with_list(other, one, -1).text == "1. Open it.\n1. Free space.\n1. Close it."


def test_of_a_whole_and_its_parts_the_whole_is_kept_where_its_best_part_was():
    whole = replace(FIRST, text=WHOLE, chunk_id=-1)
    assert without_parts([REST, replace(FIRST, text="2. Free space.\n3. Close the browser."), whole]) == [REST, whole]
    assert without_parts([]) == []


async def test_what_answers_beside_the_passage_that_was_found_is_quoted():
    """A search takes few chunks of one document."""
    shelf = Half(
        passage("The drill is for the drill team.", title="Drill", document_id=-3, place=6),
        passage("It is on every Monday at 10am.", title="Drill", headings=["When"], document_id=-3, place=4),
        passage("It was on a Sunday at 9am.", title="Drill", headings=["Before"], document_id=-3, place=3),
    )
    agent = Agent(Parts(search=shelf, composers=(Extractive(),), options=AgentOptions(next_step="")))
    decision = await agent.decide(asked_of("when is the drill"))
    assert "every Monday at 10am" in decision.text
    assert "Sunday" not in decision.text
