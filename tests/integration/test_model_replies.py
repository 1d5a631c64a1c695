"""Replies that came, but not as they should: cut short, wrapped, or counted in odd ways."""

import json
from decimal import Decimal

import pytest

from helpdesk_bot.agent.compose import Manner
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.gateway import Patience
from helpdesk_bot.models.prices import estimate_tokens
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.prompts.catalog import load_prompt
from helpdesk_bot.records.model_health import ModelHealth
from knowledge.postgres import Pool
from tests.fakes.model_server import Failure, ModelServer, Told
from tests.fakes.purses import candidate, gateway_on
from tests.fakes.shelf import passage

LEAVE = passage("Interns have 20 days of leave.", title="Annual leave")
QUESTION = "How many days of leave do interns have?"
CUT = "Interns have 20 days of leave. [1] They must not"
STRUCTURED = json.dumps(
    {
        "is_answered": True,
        "statements": [{"kind": "sentence", "text": "Interns have 20 days of leave.", "passages": [1]}],
    }
)


async def ignore(_: str) -> None: ...


async def used(pool: Pool) -> tuple[int, int, Decimal]:
    """Tokens in and out, and dollars, of all calls."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select sum(input_tokens), sum(output_tokens), sum(cost_usd) from helpdesk.model_call"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


@pytest.mark.parametrize("finish", ["length", "content_filter"])
@pytest.mark.parametrize("is_streamed", [True, False])
async def test_a_reply_that_was_cut_short_is_none(pool: Pool, finish: str, is_streamed: bool):
    async with ModelServer() as server:
        server.reply(Told(text=CUT, finish=finish))
        gateway = gateway_on(pool, candidate("main", server), patience=Patience(opens_after=1))
        with pytest.raises(ModelFailed, match="cut short") as failed:
            await gateway.ask(ModelRequest(system="s", user="u"), timeout_s=20, on_text=ignore if is_streamed else None)
        assert len(server.requests) == 1
    assert failed.value.has_begun is is_streamed
    assert [one.opened_at for one in await ModelHealth(pool).list_conditions()] == []
    assert (await used(pool))[1] > 0


async def test_what_was_cut_short_by_its_schema_is_counted_as_used(pool: Pool):
    async with ModelServer() as server:
        server.reply(Told(text=STRUCTURED[:60], finish="length"))
        gateway = gateway_on(pool, candidate("main", server), patience=Patience(opens_after=1))
        composer = Generative(gateway, prompt=load_prompt("answer"))
        with pytest.raises(Exception, match="cut short"):
            await composer.compose_in(QUESTION, [LEAVE], timeout_s=20, manner=Manner())
    assert [one.opened_at for one in await ModelHealth(pool).list_conditions()] == []
    assert (await used(pool))[1] > 0


@pytest.mark.parametrize("wrapped", [f"```json\n{STRUCTURED}\n```", f"```\n{STRUCTURED}```", f"\n{STRUCTURED}\n"])
async def test_an_answer_by_the_schema_is_read_in_its_fence_too(wrapped: str):
    async with ModelServer() as server:
        server.reply(wrapped)
        composer = Generative(Direct(candidate("main", server).open()), prompt=load_prompt("answer"))
        draft = await composer.compose_in(QUESTION, [LEAVE], timeout_s=20, manner=Manner())
    assert draft.text == "Interns have 20 days of leave. [1]"


async def test_usage_told_with_every_chunk_is_not_added_up(pool: Pool):
    text = "Interns have 20 days of leave. [1]"
    async with ModelServer() as server:
        server.reply(Told(text=text, is_counted_in_every_chunk=True))
        reply = await gateway_on(pool, candidate("main", server)).ask(
            ModelRequest(system="a b", user="c"), timeout_s=20, on_text=ignore
        )
    assert (reply.input_tokens, reply.output_tokens) == (3, len(text.split()))


@pytest.mark.parametrize("count", [-5_000, 10**12])
async def test_usage_that_cannot_be_is_estimated_instead(pool: Pool, count: int):
    async with ModelServer() as server:
        server.reply(Told(text="Twenty. [1]", usage={"prompt_tokens": count, "completion_tokens": count}))
        reply = await gateway_on(pool, candidate("main", server)).ask(ModelRequest(system="s", user="u"), timeout_s=20)
    assert reply.text == "Twenty. [1]"
    tokens_in, tokens_out, cost_usd = await used(pool)
    assert 0 < tokens_in < 100
    assert 0 < tokens_out < 100
    assert 0 < cost_usd < 1


@pytest.mark.parametrize(
    ("failure", "timeout_s"), [pytest.param(Failure.STALL, 6, marks=pytest.mark.slow), (Failure.HUGE, 30)]
)
async def test_what_was_written_before_a_stream_failed_is_paid_for(pool: Pool, failure: Failure, timeout_s: float):
    async with ModelServer() as server:
        server.fail(failure)
        gateway = gateway_on(pool, candidate("main", server))
        with pytest.raises(ModelFailed) as failed:
            await gateway.ask(ModelRequest(system="s", user="u"), timeout_s=timeout_s, on_text=ignore)
    assert (await used(pool))[1] == estimate_tokens(failed.value.written) > 0


THOUGHT = "<think>They ask about interns. The page says <20>. Do not say 25.</think>\n\n"


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_what_a_model_thinks_aloud_is_neither_shown_nor_said(is_streamed: bool):
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    async with ModelServer() as server:
        server.reply(f"{THOUGHT}Interns have 20 days of leave. [1]")
        asked = Direct(candidate("main", server).open())
        reply = await asked.ask(ModelRequest(system="s", user="u"), timeout_s=20, on_text=show if is_streamed else None)
    assert reply.text == "Interns have 20 days of leave. [1]"
    assert all(reply.text.startswith(text) for text in shown)
    assert bool(shown) is is_streamed


async def test_an_answer_by_the_schema_is_read_behind_what_was_thought():
    async with ModelServer() as server:
        server.reply(f"{THOUGHT}{STRUCTURED}")
        composer = Generative(Direct(candidate("main", server).open()), prompt=load_prompt("answer"))
        draft = await composer.compose_in(QUESTION, [LEAVE], timeout_s=20, manner=Manner())
    assert draft.text == "Interns have 20 days of leave. [1]"


async def test_who_only_thinks_says_nothing():
    async with ModelServer() as server:
        server.reply("<think>They ask about interns, and I go on thinking")
        with pytest.raises(ModelFailed, match="empty reply"):
            await Direct(candidate("main", server).open()).ask(ModelRequest(system="s", user="u"), timeout_s=20)
