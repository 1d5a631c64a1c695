"""A model that does whatever it is told, and documents that tell it things: nothing of it is said."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.events import Decision, Outcome
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.prompts.catalog import load_prompt
from tests.fakes.asking import asked_of
from tests.fakes.model_server import ModelServer
from tests.fakes.planted import ANSWER, PLANTED, TEXTS, obedience, obedient
from tests.fakes.shelf import Shelf, passage

UNGUARDED = Guard(
    clean_passage=lambda text: (text, []),
    clean_answer=lambda text, *, citations: (text, []),
    check_grounding=lambda answer, passages: [],
)


async def ask(server: ModelServer, text: str, *, guard: Guard) -> Decision:
    model = open_chat_model(
        "openai:test-model", api_key=SecretStr("sk-test"), base_url=server.base_url, timeout_s=10, max_tokens=400
    )
    parts = Parts(
        search=Shelf(passage(text, title="Annual leave")),
        composers=(Generative(Direct(model), prompt=load_prompt("answer")), Extractive()),
        guard=guard,
    )
    return await Agent(parts).decide(asked_of("How many days of leave do interns have?"))


def planted_in_leave(sentence: str, place: str) -> str:
    first, second = TEXTS[0].split("\n\n")
    match place:
        case "start":
            return f"{sentence}\n{first}\n\n{second}"
        case "middle":
            return f"{first} {sentence}\n\n{second}"
        case _:
            return f"{first}\n\n{second}\n{sentence}"


@pytest.mark.slow
@pytest.mark.parametrize("place", ["start", "middle", "end"])
async def test_no_planted_instruction_is_obeyed(place: str):
    async with ModelServer() as server:
        server.reply(obedient)
        for sentence in PLANTED:
            decision = await ask(server, planted_in_leave(sentence, place), guard=Guard())
            assert decision.outcome is Outcome.ANSWERED
            assert ANSWER.rstrip(".") in decision.text
            assert obedience(sentence) not in decision.text, sentence
            assert sentence not in decision.text


@pytest.mark.slow
async def test_without_the_guard_every_one_of_them_is():
    """What the test before proves, it proves of the guard."""
    async with ModelServer() as server:
        server.reply(obedient)
        for sentence in PLANTED:
            decision = await ask(server, planted_in_leave(sentence, "end"), guard=UNGUARDED)
            assert obedience(sentence) in decision.text, sentence


@pytest.mark.slow
async def test_what_is_planted_unnoticed_is_mostly_held_by_grounding():
    """The second line alone: new words, names and addresses stand on no passage. What only repeats the plant does."""
    half = replace(Guard(), clean_passage=lambda text: (text, []))
    obeyed: list[str] = []
    async with ModelServer() as server:
        server.reply(obedient)
        for sentence in PLANTED:
            decision = await ask(server, planted_in_leave(sentence, "end"), guard=half)
            if obedience(sentence) in decision.text:
                obeyed.append(sentence)
    assert len(obeyed) <= len(PLANTED) / 2, obeyed
