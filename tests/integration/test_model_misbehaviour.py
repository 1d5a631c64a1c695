"""A model server that misbehaves in sixteen ways, by itself and with one that is well behind it."""

import asyncio
from random import Random

import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.events import Decision, Outcome
from helpdesk_bot.models.gateway import Patience
from helpdesk_bot.prompts.catalog import load_prompt
from knowledge.passages import Passage
from knowledge.postgres import Pool
from tests.fakes.asking import asked_of
from tests.fakes.model_server import Failure, ModelServer
from tests.fakes.purses import candidate, gateway_on
from tests.fakes.shelf import Shelf, passage

LEAVE = passage("Interns have 20 days of leave.", title="Annual leave")
QUESTION = "How many days of leave do interns have?"
DEADLINE_S = 60.0
SEEDS = 20
PATIENCE = Patience(opens_after=10_000, pause_s=0.01)
"""What is looked at here is each call, not rest after many."""


async def heard(_: str, __: list[Passage]) -> None: ...


async def ask(agent: Agent, seed: int) -> Decision:
    """Past its deadline a decision is `failed`."""
    say = heard if Random(seed).random() < 0.5 else None
    asked = asked_of(QUESTION, question_key=str(seed), conversation_id=str(seed), deadline_s=DEADLINE_S, say=say)
    return await agent.decide(asked)


async def agent_on(pool: Pool, *servers: ModelServer, compose_s: float = 2.0) -> Agent:
    names = [f"model{number}" for number in range(len(servers))]
    gateway = gateway_on(
        pool, *(candidate(name, server) for name, server in zip(names, servers, strict=True)), patience=PATIENCE
    )
    options = AgentOptions(compose_timeout_s=compose_s, reserve_s=2.0)
    composers = (Generative(gateway, prompt=load_prompt("answer")), Extractive())
    return Agent(Parts(search=Shelf(LEAVE), composers=composers, options=options))


@pytest.mark.parametrize("failure", list(Failure), ids=lambda failure: failure.name)
async def test_the_documents_answer_in_time_whatever_the_model_does(pool: Pool, failure: Failure):
    async with ModelServer() as server:
        server.fail(failure)
        agent = await agent_on(pool, server)
        answers = await asyncio.gather(*(ask(agent, seed) for seed in range(SEEDS)))
    for decision in answers:
        assert (decision.outcome, decision.composer) == (Outcome.ANSWERED, "extractive")
        assert "Interns have 20 days of leave." in decision.text


@pytest.mark.parametrize("failure", list(Failure), ids=lambda failure: failure.name)
async def test_the_next_model_answers_where_nothing_was_said_yet(pool: Pool, failure: Failure):
    async with ModelServer() as broken, ModelServer() as well:
        broken.fail(failure)
        well.reply("Interns have 20 days of leave. [1]")
        agent = await agent_on(pool, broken, well, compose_s=8.0)
        answers = await asyncio.gather(*(ask(agent, seed) for seed in range(2)))
    for decision in answers:
        assert decision.outcome is Outcome.ANSWERED
        assert "20 days of leave" in decision.text
    by = {decision.composer for decision in answers}
    begins = {Failure.HUGE, Failure.STALL, Failure.SLOW}
    assert "generative" in by or failure in begins


async def test_what_stands_in_for_a_model_is_checked_like_the_model(pool: Pool):
    async with ModelServer() as broken, ModelServer() as liar:
        broken.fail(Failure.SERVER_ERROR)
        liar.reply("Interns have 90 days of leave. [1]")
        decision = await ask(await agent_on(pool, broken, liar, compose_s=8.0), 1)
    assert decision.composer == "extractive"
    assert "90" not in decision.text
    assert "grounding." in decision.reason
