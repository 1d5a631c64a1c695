"""What may be spent on models: admins hear of it, answers say so, and go on."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from helpdesk_bot.agent.phrases import OVER_BUDGET
from helpdesk_bot.desk.wording import NEARLY_USED
from helpdesk_bot.records.model_health import OPENS_AFTER
from helpdesk_bot.records.spending import Estimate, Limits, Payer, Spending, Used
from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.model_server import ModelServer, Refused
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.admins import command
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
ANSWER = "A VPN session ends after 12 hours [1]."
DAY_USD = Decimal(100)


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        model.reply(ANSWER)
        yield model


@asynccontextmanager
async def writing(
    settings: Settings, slack: SlackServer, model: ModelServer, *, working: bool = True, **more: Any
) -> AsyncGenerator[Office]:
    chosen = {
        "model": "openai:test-model",
        "model_api_key": SecretStr("k"),
        "model_base_url": model.base_url,
        "model_prices": {"openai:test-model": (Decimal(1000), Decimal(2000))},
        "cache_answers": False,
    }
    async with open_office(settings.model_copy(update=chosen | more), slack, working=working) as office:
        yield office


async def spend(office: Office, settings: Settings, cost_usd: Decimal) -> None:
    """By a call of somebody else, with no alert for it."""
    spending, payer = Spending(office.app.knowledge.pool), Payer()
    day = datetime.now(ZoneInfo(settings.time_zone)).date()
    estimate = Estimate(tokens=1, cost_usd=Decimal(0))
    call = await spending.reserve(payer, Limits(), role="answer", model="openai:m", day=day, estimate=estimate)
    assert isinstance(call, int)
    used = Used(
        outcome="answered",
        input_tokens=1,
        output_tokens=1,
        is_estimated=False,
        cost_usd=cost_usd,
        is_unpriced=False,
        took_ms=1,
    )
    await spending.settle(call, payer, Limits(), used)


async def test_past_a_persons_budget_they_get_quotations_and_a_plain_word_and_others_their_answers(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    async with writing(settings, slack, model, budget_person_day_tokens=5_000) as office:
        await office.ask("CSTAFF", "UBO", QUESTION)
        async with office.app.knowledge.pool.connection() as connection:
            await connection.execute("update helpdesk.budget set tokens = 5000 where person_id = 'UBO'")
        past = await office.ask("CSTAFF", "UBO", QUESTION)
        other = await office.ask("CSTAFF", "UADA", QUESTION)
    assert "12 hours" in said(past)
    assert OVER_BUDGET in said(past)
    assert OVER_BUDGET not in said(other)
    assert len(model.requests) == 2


async def test_at_eighty_percent_of_their_day_a_person_is_told_under_one_answer(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    async with writing(settings, slack, model, budget_person_day_tokens=100_000) as office:
        before = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.fetch("update helpdesk.budget set tokens = 79999 where person_id = 'UBO' returning 1")
        told = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
    async with writing(settings, slack, model, budget_person_day_tokens=100_000) as office:
        after = await office.ask("CSTAFF", "UBO", QUESTION)
        other = await office.ask("CSTAFF", "UADA", QUESTION)
    assert NEARLY_USED in said(told)
    for reply in (before, after, other):
        assert NEARLY_USED not in said(reply)
    assert said(told).startswith("A VPN session ends after 12 hours")
    assert len(model.requests) == 4


async def test_admins_hear_at_eighty_percent_and_answers_say_so_at_a_hundred(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    async with writing(settings, slack, model, budget_day_usd=DAY_USD) as office:
        await office.send(slack.payloads.command("CSTAFF", "UADA", "status"))  # so that an admin is known
        direct = slack.open_direct("UADA")
        await spend(office, settings, Decimal("79.99"))
        first = await office.ask("CSTAFF", "UBO", QUESTION)
        await eventually(lambda: bool(slack.posted(direct)))
        await office.ask("CSTAFF", "UBO", QUESTION)
        await spend(office, settings, Decimal(20))
        past = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
    [alert] = slack.posted(direct)
    assert "80% of the budget for chat models is spent: 100.00 USD for the day" in said(alert)
    assert OVER_BUDGET not in said(first)
    assert "12 hours" in said(past)
    assert OVER_BUDGET in said(past)
    assert len(model.requests) == 2


async def test_an_answer_does_not_wait_until_admins_have_heard_of_a_budget(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    """It waited for up to 5 s, where Slack was slow."""
    async with writing(settings, slack, model, budget_day_usd=DAY_USD, working=False) as office:
        await office.send(slack.payloads.command("CSTAFF", "UADA", "status"))
        await spend(office, settings, Decimal("79.99"))
        payload = slack.ask("CSTAFF", "UBO", QUESTION)
        await office.send(payload)
        await office.app.desk.answer(f"slack:{payload['team_id']}:CSTAFF:{payload['event']['ts']}")
        assert len(slack.replies("CSTAFF", payload["event"]["ts"])) == 1
        assert slack.posted(slack.open_direct("UADA")) == []
        waiting = await office.fetch("select task_name from procrastinate_jobs where status = 'todo' order by 1")
        assert waiting == [("answer",), ("warning",)]


async def test_admins_hear_once_of_a_model_whose_name_is_wrong(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    gone = Refused(status=404, error={"message": "The model `gpt-9` does not exist", "code": "model_not_found"})
    async with ModelServer() as wrong, writing(settings, slack, wrong) as office:
        wrong.reply(gone)
        await office.send(slack.payloads.command("CSTAFF", "UADA", "status"))
        direct = slack.open_direct("UADA")
        for _ in range(OPENS_AFTER + 1):
            reply = await office.ask("CSTAFF", "UBO", QUESTION)
            assert "12 hours" in said(reply)
        await eventually(lambda: bool(slack.posted(direct)))
        await office.settle()
        status = await command(office, "UADA", "status")
    [alert] = slack.posted(direct)
    assert "failed 5 times in a row, the last time: there is no such model" in said(alert)
    assert "Not asked for now: main=openai:test-model: there is no such model" in status
    assert len(wrong.requests) == OPENS_AFTER


async def test_status_and_why_tell_an_admin_what_models_cost(
    settings: Settings, slack: SlackServer, model: ModelServer
):
    async with writing(settings, slack, model) as office:
        reply = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
        status = await command(office, "UADA", "status")
        reference = said(reply).split("Reference ")[1][:8]
        why = await command(office, "UADA", f"why {reference}")
        [(cost_usd,)] = await office.fetch("select cost_usd from helpdesk.model_call")
    assert f"Models today: 1 calls, ${cost_usd:.4f}" in status
    assert "1 answered" in status
    for part in ("generative", "test-model-2026-01-01", "answer-", f"{cost_usd:.4f}"):
        assert part in why, part
