"""What a scrape tells of a bot that has just been started: everything that alerts wait for, at zero."""

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from helpdesk_bot.app.app import open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.app.parts import web_of
from helpdesk_bot.settings import Settings
from tests.scenarios.conftest import KNOWLEDGE

pytestmark = pytest.mark.slow

ALERTS = Path(__file__).parents[2] / "infra/helm/monitoring/alerts.yaml"
COUNTED_WHEN_THEY_HAPPEN = ("helpdesk_events_ignored_total", "helpdesk_tool_calls_total")
"""Their reasons and names are not known before."""


async def scrape(database_url: str, folder: Path) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        helpdesk_data_dir=folder,
        starter_knowledge=False,
        folders={"handbook": KNOWLEDGE},
        status_pages={"GitHub": "statuspage:https://status.example.com"},
        model="openai:m",
        model_api_key=SecretStr("k"),
    )
    async with AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(open_knowledge(settings, database_url))
        app = await stack.enter_async_context(open_app(knowledge))
        web = httpx.ASGITransport(web_of(app, closing=asyncio.Event()))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=web, base_url="http://localhost"))
        text = (await client.get("/metrics")).text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


async def test_what_alerts_compare_with_is_there_from_the_start(database_url: str, tmp_path: Path) -> None:
    told = await scrape(database_url, tmp_path)
    values = {(name, label, value) for name, labels in told for label, value in labels}
    asked = [
        (name, *matcher)
        for rule in yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
        for name, matchers in re.findall(r"\b(helpdesk_\w+)\{([^}]*)\}", rule["expr"])
        for matcher in re.findall(r'(\w+)=~?"([^"]*)"', matchers)
        if name not in COUNTED_WHEN_THEY_HAPPEN
    ]
    assert len(asked) > 20
    for name, label, pattern in asked:
        for alternative in pattern.split("|"):
            assert any(
                (known, at) == (name, label) and re.fullmatch(alternative, value) for known, at, value in values
            ), (name, label, alternative)


async def test_how_long_the_oldest_question_waits_is_told_by_every_process(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        for number, (minutes, outcome) in enumerate([(30, "answered"), (10, None), (5, None)]):
            at = datetime.now(UTC) - timedelta(minutes=minutes)
            connection.execute(
                """
                insert into helpdesk.question
                  (key, platform, tenant, channel, kind, person_id, message_id, text, asked_at, accepted_at, outcome,
                   ended_at)
                values (%s, 'slack', 't', 'c', 'channel', 'p', 'm', '?', %s, %s, %s, %s)
                """,
                [str(number), at, at, outcome, outcome and at],
            )
    told = await scrape(database_url, tmp_path)
    assert told["helpdesk_questions_open", frozenset()] == 2
    assert 600 <= told["helpdesk_oldest_question_seconds", frozenset()] < 700
    assert told["helpdesk_source_read_timestamp_seconds", frozenset({("source", "handbook")})] == 0


def of_source(told: dict[tuple[str, frozenset[tuple[str, str]]], float], figure: str) -> float | None:
    return told.get((f"helpdesk_source_{figure}_timestamp_seconds", frozenset({("source", "handbook")})))


async def test_when_a_source_is_due_is_told_unless_it_never_is(database_url: str, tmp_path: Path) -> None:
    assert of_source(await scrape(database_url, tmp_path), "due") == 0
    read_at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("insert into knowledge.source (name, synced_at) values ('handbook', %s)", [read_at])
        told = await scrape(database_url, tmp_path)
        assert of_source(told, "read") == read_at.timestamp()
        due_at = datetime.fromtimestamp(of_source(told, "due") or 0, UTC)
        assert timedelta(0) < due_at - read_at <= timedelta(days=1)
        schedule = "insert into helpdesk.source_schedule (source, cron, set_by) values ('handbook', '', 'ada')"
        connection.execute(schedule)
    told = await scrape(database_url, tmp_path)
    assert (of_source(told, "read"), of_source(told, "due")) == (read_at.timestamp(), None)
