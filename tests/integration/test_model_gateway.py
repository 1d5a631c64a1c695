"""Chat models in order, with the real OpenAI client, models on loopback and their health in Postgres."""

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from random import Random
from typing import NoReturn

import pytest

from helpdesk_bot.models.errors import ModelFailed, ModelNotConfigured
from helpdesk_bot.models.gateway import Gateway, Patience
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.records.model_health import ModelHealth
from knowledge.postgres import Pool
from tests.fakes.model_server import Asked, Failure, ModelServer, Refused, Told
from tests.fakes.purses import calls_of, candidate, gateway_on


async def ask(gateway: Gateway, *, timeout_s: float = 20) -> str:
    return (await gateway.ask(ModelRequest(system="Be brief.", user="Say yes."), timeout_s=timeout_s)).text


@pytest.mark.parametrize(
    "failure", [Failure.SERVER_ERROR, Failure.RATE_LIMITED, Failure.UNAUTHORIZED, Failure.EMPTY, Failure.HANG]
)
async def test_the_next_model_answers_where_one_fails(pool: Pool, failure: Failure):
    async with ModelServer() as broken, ModelServer() as well:
        broken.fail(failure)
        well.reply("Yes.")
        gateway = gateway_on(pool, candidate("main", broken), candidate("backup", well))
        assert await ask(gateway, timeout_s=6) == "Yes."
    assert [call.outcome for call in await calls_of(pool)][-1] == "answered"
    assert {request.key for request in well.requests} == {"sk-backup"}


async def test_passing_trouble_gets_a_second_try_and_a_refusal_none(pool: Pool):
    async with ModelServer() as server:
        server.fail(Failure.SERVER_ERROR, when=lambda _: len(server.requests) == 1)
        server.reply("Yes.")
        assert await ask(gateway_on(pool, candidate("main", server))) == "Yes."
    async with ModelServer() as server:
        server.fail(Failure.UNAUTHORIZED)
        with pytest.raises(ModelFailed):
            await ask(gateway_on(pool, candidate("main", server)))
    assert len(server.requests) == 1


async def test_a_model_that_is_open_answers_while_another_is_being_opened(pool: Pool):
    """Importing a provider takes seconds."""
    may_open = threading.Event()

    async with ModelServer() as server:
        server.reply("Yes.")
        main, backup = candidate("main", server), candidate("backup", server)
        slow = replace(backup, open=lambda: may_open.wait(60) and backup.open())
        gateway = gateway_on(pool, main, slow)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(gateway.warm())
            try:
                async with asyncio.timeout(5):
                    assert await ask(gateway) == "Yes."
            finally:
                may_open.set()


async def test_a_pause_that_is_too_long_is_not_waited_for(pool: Pool):
    """The provider asks for 30 s, there are 20."""
    async with ModelServer() as server:
        server.fail(Failure.RATE_LIMITED)
        with pytest.raises(ModelFailed, match="429"):
            await ask(gateway_on(pool, candidate("main", server)))
    assert len(server.requests) == 1


@pytest.mark.slow
async def test_a_stream_falls_over_before_its_first_word_only(pool: Pool):
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    async with ModelServer() as broken, ModelServer() as well:
        broken.fail(Failure.HANG, when=lambda _: len(broken.requests) == 1)
        broken.fail(Failure.STALL)
        well.reply("Yes.")
        gateway = gateway_on(pool, candidate("main", broken), candidate("backup", well))
        reply = await gateway.ask(ModelRequest(system="", user="?"), timeout_s=6, on_text=hear)
        assert (reply.text, len(well.requests)) == ("Yes.", 1)
        heard.clear()
        with pytest.raises(ModelFailed):
            await gateway.ask(ModelRequest(system="", user="?"), timeout_s=6, on_text=hear)
        assert heard[-1].startswith("Interns")
    assert len(well.requests) == 1


async def test_a_model_that_keeps_failing_rests_for_every_process(pool: Pool):
    async with ModelServer() as broken, ModelServer() as well:
        broken.fail(Failure.UNAUTHORIZED)
        well.reply("Yes.")
        for _ in range(5):
            patience = Patience(opens_after=3, rests_s=60, pause_s=0.01)
            gateway = gateway_on(pool, candidate("main", broken), candidate("backup", well), patience=patience)
            assert await ask(gateway) == "Yes."
    assert len(broken.requests) == 3
    (condition,) = await ModelHealth(pool).list_conditions()
    assert condition.failures == 3
    assert condition.opened_at


async def test_a_model_that_can_not_be_opened_rests_too_and_is_spoken_of_once(pool: Pool):
    told: list[str] = []

    async def tell(label: str) -> None:
        told.append(label)

    def not_installed() -> NoReturn:
        raise ModelNotConfigured("install the package for 'openai': pip install langchain-openai")

    async with ModelServer() as well:
        well.reply("Yes.")
        broken = replace(candidate("main", well), open=not_installed)
        gateway = gateway_on(pool, broken, candidate("backup", well), patience=Patience(opens_after=2))
        gateway.on_rest = tell
        for _ in range(4):
            assert await ask(gateway) == "Yes."
    assert told == ["main=openai:test-model"]
    (condition,) = await ModelHealth(pool).list_resting()
    assert "pip install langchain-openai" in condition.reason


async def test_after_its_rest_one_call_looks_whether_it_is_well(pool: Pool):
    health = ModelHealth(pool)
    for _ in range(3):
        await health.failed("main", "HTTP 500", opens_after=3)
    assert not await health.may_ask("main", rests_s=60)
    assert await health.may_ask("main", rests_s=0.0001)
    many = await asyncio.gather(*(health.may_ask("main", rests_s=60) for _ in range(20)))
    assert not any(many)
    await health.succeeded("main")
    assert await health.may_ask("main", rests_s=60)


async def test_of_fifty_who_want_to_try_one_may(pool: Pool):
    health = ModelHealth(pool)
    await health.failed("main", "HTTP 500", opens_after=1)
    async with pool.connection() as connection:
        await connection.execute("update helpdesk.model_health set opened_at = now() - interval '2 minutes'")
    assert sum(await asyncio.gather(*(health.may_ask("main", rests_s=60) for _ in range(50)))) == 1


async def test_a_request_too_long_for_a_model_does_not_make_it_rest(pool: Pool):
    async with ModelServer() as server:
        server.fail(Failure.TOO_LONG)
        for _ in range(3):
            with pytest.raises(ModelFailed):
                await ask(gateway_on(pool, candidate("main", server), patience=Patience(opens_after=1)))
    assert not await ModelHealth(pool).list_conditions()


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (
            Refused(status=404, error={"message": "The model `x` does not exist", "code": "model_not_found"}),
            "such model",
        ),
        (Refused(status=400, error={"message": "Model Not Exist", "type": "invalid_request_error"}), "such model"),
        (Refused(status=429, error={"message": "You exceeded your quota", "code": "insufficient_quota"}), "no credit"),
    ],
)
async def test_what_lies_with_the_model_and_does_not_pass_makes_it_rest(pool: Pool, refused: Refused, why: str):
    async with ModelServer() as server:
        server.reply(refused)
        with pytest.raises(ModelFailed, match=why):
            await ask(gateway_on(pool, candidate("main", server), patience=Patience(opens_after=1)))
    assert len(server.requests) == 1
    (condition,) = await ModelHealth(pool).list_conditions()
    assert condition.opened_at
    assert why in condition.reason


async def test_a_server_of_ones_own_is_asked_to_count_what_it_streams_until_it_refuses(pool: Pool):
    async def hear(_: str) -> None: ...

    def counts(asked: Asked) -> bool:
        return "stream_options" in asked.body

    forbidden = {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}
    async with ModelServer() as server:
        server.reply(Refused(status=422, error=forbidden), when=lambda asked: counts(asked) and "Old" in asked.user)
        server.reply("Yes, it is.")
        gateway = gateway_on(pool, candidate("main", server))
        for user in ("New?", "Old?", "Old?"):
            await gateway.ask(ModelRequest(system="", user=user), timeout_s=20, on_text=hear)
    assert [counts(asked) for asked in server.requests] == [True, True, False, False]
    assert [call.is_estimated for call in await calls_of(pool)] == [False, True, True]


async def test_calls_are_shared_by_weight(pool: Pool):
    async with ModelServer() as server:
        heavy, light = candidate("main", server, weight=3), candidate("backup", server, weight=1)
        gateway = gateway_on(pool, candidate("last", server), heavy, light)
        gateway.dice = Random(7)
        firsts = Counter(gateway.in_order()[0].name for _ in range(4000))
    assert set(firsts) == {"main", "backup"}
    assert 2850 < firsts["main"] < 3150
    assert [one.name for one in gateway.in_order()][1:].count("last") == 1


async def test_every_call_is_a_row_with_what_it_cost(pool: Pool):
    async with ModelServer() as server:
        server.fail(Failure.SERVER_ERROR, when=lambda _: len(server.requests) == 1)
        server.reply("Yes, it is.")
        await ask(gateway_on(pool, candidate("main", server)))
    failed, answered = await calls_of(pool)
    assert (failed.outcome, failed.cost_usd, failed.reason[-10:]) == ("failed", 0, "(HTTP 500)")
    assert (answered.outcome, answered.input_tokens, answered.output_tokens) == ("answered", 4, 3)
    assert float(answered.cost_usd) == pytest.approx(0.010)
    assert not answered.is_estimated
    assert answered.answered_as == "test-model-2026-01-01"


async def test_usage_that_a_provider_does_not_tell_is_estimated_and_marked(pool: Pool):
    async def hear(_: str) -> None: ...

    async with ModelServer() as server:
        server.reply(Told(text="Yes, it is.", is_counted=False))
        gateway = gateway_on(pool, candidate("main", server))
        await gateway.ask(ModelRequest(system="Be brief.", user="Say yes."), timeout_s=20, on_text=hear)
    (call,) = await calls_of(pool)
    assert call.is_estimated
    assert call.output_tokens == 4
    assert call.cost_usd > 0


async def test_a_model_without_a_price_is_counted_as_unpriced(pool: Pool):
    async with ModelServer() as server:
        server.reply("Yes.")
        await ask(gateway_on(pool, candidate("main", server), prices={}))
    (call,) = await calls_of(pool)
    assert call.is_unpriced
    assert call.input_tokens > 0
