"""Spending stops at the budget, however many ask at once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from psycopg import AsyncConnection

from helpdesk_bot.models.errors import ModelFailed, OverBudget
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.records.calls import ModelCalls
from helpdesk_bot.records.spending import Account, Estimate, Limits, Payer, Refused, Spending, Used
from knowledge.postgres import Pool, open_pool
from tests.fakes.model_server import Failure, ModelServer
from tests.fakes.purses import SPEC, candidate, gateway_on, purse_on

DAY = date(2026, 3, 31)
ADA = Payer(platform="slack", tenant="T", channel="C", person_id="UADA")
ESTIMATE = Estimate(tokens=100, cost_usd=Decimal("0.10"))


def used(**changes: object) -> Used:
    values = {
        "outcome": "answered",
        "input_tokens": 60,
        "output_tokens": 30,
        "is_estimated": False,
        "cost_usd": Decimal("0.08"),
        "is_unpriced": False,
        "took_ms": 5,
    }
    return Used(**(values | changes))  # pyright: ignore[reportArgumentType]


async def reserve(spending: Spending, limits: Limits, *, payer: Payer = ADA, day: date = DAY) -> int | Refused:
    return await spending.reserve(payer, limits, role="answer", model="openai:m", day=day, estimate=ESTIMATE)


async def ledger_and_calls(pool: Pool) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """The installation's day as the ledger has it, and as the calls add up."""
    async with pool.connection() as connection:
        ledger = await connection.execute(
            "select sum(tokens), sum(cost_usd), sum(reserved_tokens), sum(reserved_usd) from helpdesk.budget "
            "where kind = 'installation' and period = 'day'"
        )
        calls = await connection.execute(
            """
            select sum(input_tokens + output_tokens) filter (where outcome <> 'running'),
              sum(cost_usd) filter (where outcome <> 'running'),
              coalesce(sum(reserved_tokens) filter (where outcome = 'running'), 0),
              coalesce(sum(reserved_usd) filter (where outcome = 'running'), 0)
            from helpdesk.model_call
            """
        )
        left, right = await ledger.fetchone(), await calls.fetchone()
        assert left is not None
        assert right is not None
        return tuple(left), tuple(right)


async def test_fifty_at_once_do_not_overspend(database_url: str):
    """Fifty connections, room for seven calls: what is set aside counts, so not one call too many is made."""
    limits = Limits(day_usd=Decimal("0.75"))
    async with open_pool(database_url, max_size=50) as pool:
        spending = Spending(pool)

        async def call() -> bool:
            call_id = await reserve(spending, limits)
            if isinstance(call_id, Refused):
                return False
            await asyncio.sleep(0.05)
            await spending.settle(call_id, ADA, limits, used(cost_usd=Decimal("0.10")))
            return True

        made = sum(await asyncio.gather(*(call() for _ in range(50))))
        (_, cost_usd, _, reserved_usd), calls = await ledger_and_calls(pool)
    assert made == 7
    assert cost_usd == Decimal("0.70")
    assert reserved_usd == 0
    assert calls[1] == cost_usd


@pytest.mark.parametrize(
    ("limits", "budget"),
    [
        (Limits(day_usd=Decimal("0.15")), "installation day"),
        (Limits(month_usd=Decimal("0.15")), "installation month"),
        (Limits(channel_day_usd=Decimal("0.15")), "channel day"),
        (Limits(channel_month_usd=Decimal("0.15")), "channel month"),
        (Limits(person_day_tokens=150), "person day"),
    ],
)
async def test_each_budget_stops_what_is_its_own(pool: Pool, limits: Limits, budget: str):
    spending = Spending(pool)
    first = await reserve(spending, limits)
    assert isinstance(first, int)
    await spending.settle(first, ADA, limits, used())
    assert await reserve(spending, limits) == Refused(budget=budget)
    elsewhere = Payer(platform="slack", tenant="T", channel="C2", person_id="UBOB")
    is_refused = isinstance(await reserve(spending, limits, payer=elsewhere), Refused)
    assert is_refused == budget.startswith("installation")


async def test_a_new_day_has_a_new_budget_and_a_new_month_too(pool: Pool):
    spending, limits = Spending(pool), Limits(day_usd=Decimal("0.15"), month_usd=Decimal("0.25"))
    assert isinstance(await reserve(spending, limits, day=DAY - timedelta(days=1)), int)
    assert isinstance(await reserve(spending, limits), int)
    assert await reserve(spending, limits, day=DAY - timedelta(days=2)) == Refused(budget="installation month")
    assert isinstance(await reserve(spending, limits, day=DAY + timedelta(days=1)), int)


async def test_one_question_has_a_limit_of_its_own(pool: Pool):
    async with pool.connection() as connection:
        await connection.execute(
            "insert into helpdesk.question"
            " (key, platform, tenant, channel, kind, person_id, message_id, text, asked_at)"
            " values ('q', 'slack', 'T', 'C', 'channel', 'UADA', '1', '?', now())"
        )
    spending, limits, payer = Spending(pool), Limits(request_tokens=250), Payer(question_key="q")
    for _ in range(2):
        assert isinstance(await reserve(spending, limits, payer=payer), int)
    assert await reserve(spending, limits, payer=payer) == Refused(budget="request")
    assert len(await ModelCalls(pool).list_calls("q")) == 2


async def test_admins_hear_once_that_eighty_percent_are_spent(pool: Pool):
    spending, limits = Spending(pool), Limits(day_usd=Decimal(1), channel_month_usd=Decimal(100))
    told: list[Account] = []

    async def tell(_: AsyncConnection, account: Account) -> None:
        told.append(account)

    for _ in range(9):
        call_id = await reserve(spending, limits)
        assert isinstance(call_id, int)
        await spending.settle(call_id, ADA, limits, used(cost_usd=Decimal("0.10")), tell=tell)
    assert [(account.kind, account.period) for account in told] == [("installation", "day")]


async def ask_about(pool: Pool, *keys: str) -> list[Payer]:
    """Questions of one person, on record."""
    async with pool.connection() as connection:
        for key in keys:
            await connection.execute(
                "insert into helpdesk.question"
                " (key, platform, tenant, channel, kind, person_id, message_id, text, asked_at)"
                " values (%s, 'slack', 'T', 'C', 'channel', 'UADA', %s, '?', now())",
                [key, key],
            )
    return [replace(ADA, question_key=key) for key in keys]


async def use(pool: Pool, payer: Payer, tokens: int, *, day: date) -> None:
    call_id = await reserve(Spending(pool), Limits(), payer=payer, day=day)
    assert isinstance(call_id, int)
    await Spending(pool).settle(call_id, payer, Limits(), used(input_tokens=tokens, output_tokens=0))


async def test_one_answer_a_day_tells_a_person_that_most_of_it_is_used(database_url: str):
    """Twenty at once, each in a process of its own as far as Postgres can tell."""
    async with open_pool(database_url, max_size=20) as pool:
        purse = purse_on(pool, person_day_tokens=1_000)
        first, *others = await ask_about(pool, *(f"q{number}" for number in range(20)))
        await use(pool, first, 799, day=purse.today())
        assert not await purse.is_nearly_used(first)
        await use(pool, first, 1, day=purse.today())
        told = await asyncio.gather(*(purse.is_nearly_used(payer) for payer in (first, *others)))
        assert sum(told) == 1
        elsewhere = replace(first, person_id="UBOB")
        await use(pool, elsewhere, 10, day=purse.today())
        assert not await purse.is_nearly_used(elsewhere)
    async with open_pool(database_url, max_size=2) as pool:  # the process was started anew
        again = [await purse_on(pool, person_day_tokens=1_000).is_nearly_used(payer) for payer in (first, *others)]
    assert again == list(told)


async def test_without_a_limit_or_on_another_day_nobody_is_told(pool: Pool):
    [payer] = await ask_about(pool, "q")
    purse = purse_on(pool, person_day_tokens=1_000)
    await use(pool, payer, 5_000, day=purse.today() - timedelta(days=1))
    assert not await purse.is_nearly_used(payer)
    await use(pool, payer, 5_000, day=purse.today())
    assert not await purse_on(pool).is_nearly_used(payer)
    assert await purse.is_nearly_used(payer)


async def test_a_call_is_settled_once(pool: Pool):
    spending = Spending(pool)
    call_id = await reserve(spending, Limits())
    assert isinstance(call_id, int)
    for _ in range(2):
        await spending.settle(call_id, ADA, Limits(), used())
    ledger, calls = await ledger_and_calls(pool)
    assert ledger == calls == (90, Decimal("0.08"), 0, 0)


async def test_a_call_whose_process_died_is_charged_at_what_was_set_aside(pool: Pool):
    spending = Spending(pool)
    await reserve(spending, Limits())
    assert await spending.settle_lost(older_than=timedelta(minutes=15)) == 0
    async with pool.connection() as connection:
        await connection.execute("update helpdesk.model_call set started_at = now() - interval '1 hour'")
    assert await spending.settle_lost(older_than=timedelta(minutes=15)) == 1
    ledger, calls = await ledger_and_calls(pool)
    assert ledger == calls == (100, Decimal("0.10"), 0, 0)


async def test_the_ledger_is_the_sum_of_the_calls_whatever_goes_wrong(pool: Pool):
    async def hear(_: str) -> None: ...

    async with ModelServer() as server:
        modes = [Failure.SERVER_ERROR, Failure.EMPTY, Failure.HANG, Failure.STALL, Failure.RESET, Failure.MALFORMED]
        server.reply("Yes.", when=lambda asked: "yes" in asked.user)
        for mode in modes:
            server.fail(mode, when=lambda asked, mode=mode: mode.name in asked.user)
        gateway = gateway_on(pool, candidate("main", server))

        async def ask(user: str, number: int) -> None:
            try:
                on_text = hear if number % 2 else None
                await gateway.ask(ModelRequest(system="", user=user), timeout_s=0.5, payer=ADA, on_text=on_text)
            except ModelFailed:
                pass

        texts = ["yes", *(mode.name for mode in modes)] * 4
        cancelled = asyncio.create_task(ask("HANG", 0))
        await asyncio.gather(*(ask(text, number) for number, text in enumerate(texts)))
        cancelled.cancel()
        await asyncio.wait({cancelled})
    ledger, calls = await ledger_and_calls(pool)
    assert ledger == calls
    assert ledger[2:] == (0, 0)


async def test_without_a_price_no_model_is_asked_where_money_is_budgeted(pool: Pool):
    async with ModelServer() as server:
        gateway = gateway_on(pool, candidate("main", server), prices={}, day_usd=Decimal(5))
        with pytest.raises(OverBudget, match="no price known"):
            await gateway.ask(ModelRequest(system="", user="?"), timeout_s=2)
    assert not server.requests


async def test_past_the_budget_nothing_is_asked_of_any_model(pool: Pool):
    async with ModelServer() as server:
        server.reply("Yes.")
        both = (candidate("main", server), candidate("backup", server))
        gateway = gateway_on(pool, *both, day_usd=Decimal("0.01"))
        with pytest.raises(OverBudget, match="installation day"):
            await gateway.ask(ModelRequest(system="", user="?"), timeout_s=2)
    assert not server.requests


async def test_a_call_is_paid_on_the_day_it_is_where_the_organisation_is(pool: Pool):
    purse = purse_on(pool, today=lambda: DAY)
    tab = await purse.open(SPEC, role="answer", payer=ADA, texts=("?",))
    await purse.answered(tab, text="Yes.", model=SPEC, tokens=(1, 1), took_s=0.1)
    assert [cost.day for cost in await ModelCalls(pool).list_costs(since=DAY)] == [DAY]
