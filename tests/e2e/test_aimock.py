"""Answers through aimock, a model server that is not ours, with each kind of trouble it can make."""

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.events import Decision, Outcome
from helpdesk_bot.models.gateway import Candidate
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.prompts.catalog import load_prompt
from infra.install_aimock import SERVER
from knowledge.postgres import Pool
from tests.fakes.asking import asked_of
from tests.fakes.purses import SPEC, gateway_on
from tests.fakes.shelf import Shelf, passage

LEAVE = passage("Interns have 20 days of leave. They ask their manager first.", title="Annual leave")
QUESTION = "How many days of leave do interns have?"
WRITTEN = "It is 20 days of leave that interns have. [1]"
DEADLINE_S = 40.0
CHAOS = {
    "drop": ["--chaos-drop", "1"],
    "malformed": ["--chaos-malformed", "1"],
    "disconnect": ["--chaos-disconnect", "1"],
    "ratelimit": ["--chaos-ratelimit", "1"],
    "latency": ["--chaos-latency", "30000"],
    "half-of-all": ["--chaos-drop", "0.2", "--chaos-malformed", "0.2", "--chaos-disconnect", "0.2"],
    "a-fragment-a-second": ["--latency", "1000", "--chunk-size", "2"],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js is installed here"),
    pytest.mark.skipif(not SERVER.exists(), reason="no aimock is installed here: python -m infra.install_aimock"),
]


@asynccontextmanager
async def aimock(folder: Path, *flags: str, says: str = WRITTEN, when: str = "interns") -> AsyncGenerator[str]:
    """Its address, once it answers. What nothing is written for it refuses with 503."""
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": [{"match": {"userMessage": when}, "response": {"content": says}}]}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(SERVER), "-p", str(port), "-h", "127.0.0.1", "-f", str(fixtures), "--strict", *flags]
    process = await asyncio.create_subprocess_exec(*command, stdout=-3, stderr=-3, env=dict(os.environ))
    try:
        await listens(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def listens(port: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/health", timeout=1.0)
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
            except httpx.HTTPError:
                return
            else:
                return


async def agent_on(pool: Pool, *urls: str) -> Agent:
    def opener(url: str) -> Any:
        return partial(open_chat_model, SPEC, api_key=SecretStr("none"), base_url=url, timeout_s=10, max_tokens=100)

    gateway = gateway_on(
        pool, *(Candidate(name=f"m{number}", spec=SPEC, open=opener(url)) for number, url in enumerate(urls))
    )
    await gateway.warm()
    composers = (Generative(gateway, prompt=load_prompt("answer")), Extractive())
    options = AgentOptions(next_step="Please ask Ada.", compose_timeout_s=5.0, reserve_s=5.0)
    return Agent(Parts(search=Shelf(LEAVE), composers=composers, options=options))


async def ask(agent: Agent, question: str = QUESTION, *, is_watched: bool = False) -> Decision:
    """Past its deadline a decision is `failed`."""

    async def hear(_: str, __: object) -> None: ...

    key, say = f"{question}{is_watched}", hear if is_watched else None
    asked = asked_of(question, question_key=key, conversation_id=key, deadline_s=DEADLINE_S, say=say)
    return await agent.decide(asked)


@pytest.mark.parametrize("is_watched", [False, True], ids=["whole", "streamed"])
async def test_what_it_writes_is_checked_and_said(tmp_path: Path, pool: Pool, is_watched: bool):
    async with aimock(tmp_path) as url:
        decision = await ask(await agent_on(pool, url), is_watched=is_watched)
    assert (decision.outcome, decision.composer, decision.text) == (Outcome.ANSWERED, "generative", WRITTEN)


@pytest.mark.parametrize("flags", CHAOS.values(), ids=CHAOS.keys())
@pytest.mark.parametrize("is_watched", [False, True], ids=["whole", "streamed"])
async def test_the_documents_answer_in_time_whatever_trouble_it_makes(
    tmp_path: Path, pool: Pool, flags: list[str], is_watched: bool
):
    async with aimock(tmp_path, *flags) as url:
        decision = await ask(await agent_on(pool, url), is_watched=is_watched)
    assert decision.outcome is Outcome.ANSWERED
    assert "20 days of leave" in decision.text
    assert [one.passage.title for one in decision.citations] == ["Annual leave"]


@pytest.mark.parametrize("flags", CHAOS.values(), ids=CHAOS.keys())
async def test_what_nothing_answers_goes_to_a_person_whatever_trouble_it_makes(
    tmp_path: Path, pool: Pool, flags: list[str]
):
    async with aimock(tmp_path, *flags) as url:
        decision = await ask(await agent_on(pool, url), "Who repairs the projector in the Montevideo room?")
    assert decision.outcome is Outcome.ESCALATED
    assert decision.text.endswith("Please ask Ada.")


async def test_a_prompt_it_has_no_words_for_is_answered_by_the_documents(tmp_path: Path, pool: Pool):
    async with aimock(tmp_path, when="something else") as url:
        decision = await ask(await agent_on(pool, url))
    assert (decision.outcome, decision.composer) == (Outcome.ANSWERED, "extractive")


async def test_one_that_is_well_answers_for_one_that_is_not(tmp_path: Path, pool: Pool):
    other = tmp_path / "other"
    other.mkdir()
    async with aimock(tmp_path, *CHAOS["drop"]) as broken, aimock(other) as well:
        decision = await ask(await agent_on(pool, broken, well))
    assert (decision.composer, decision.text) == ("generative", WRITTEN)
