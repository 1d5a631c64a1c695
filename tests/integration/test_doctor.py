"""What `doctor` says of models and status pages, each really asked."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from helpdesk_bot.doctor import Finding, Health, examine_all
from helpdesk_bot.records.model_health import OPENS_AFTER
from helpdesk_bot.settings import Settings
from tests.fakes.model_server import Failure, ModelServer, Refused
from tests.fakes.status_site import BETTER_STACK, INSTATUS, STATUSPAGE, StatusSite, serving

pytestmark = pytest.mark.slow


async def examine(database_url: str, folder: Path, **settings: Any) -> dict[str, Finding]:
    chosen = Settings(
        _env_file=None, database_url=database_url, helpdesk_data_dir=folder, starter_knowledge=False, **settings
    )
    return {finding.name: finding async for finding in examine_all(chosen)}


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        yield model


async def test_each_model_is_asked_a_word_and_priced(database_url: str, tmp_path: Path, model: ModelServer):
    model.fail(Failure.UNAUTHORIZED, when=lambda asked: asked.model == "wrong-key")
    model.reply("Yes.")
    findings = await examine(
        database_url,
        tmp_path,
        model="openai:priced",
        model_api_key=SecretStr("k"),
        model_base_url=model.base_url,
        model_fallbacks={"free": "openai:nobody-knows", "locked": "openai:wrong-key"},
        model_base_urls={"free": model.base_url, "locked": model.base_url},
        model_prices={"openai:priced": (Decimal(1), Decimal(2))},
    )
    assert (findings["model"].health, findings["model"].detail) == (Health.GOOD, "openai:priced answers")
    assert findings["model free"].health is Health.OFF
    assert "no price known" in findings["model free"].detail
    assert "MODEL_PRICES" in findings["model free"].advice
    assert findings["model locked"].health is Health.BAD
    assert "401" in findings["model locked"].detail
    assert "docs/models.md" in findings["model locked"].advice


async def test_a_wrong_name_is_said_to_be_one_while_the_model_rests_too(
    database_url: str, tmp_path: Path, model: ModelServer
):
    model.reply(Refused(status=404, error={"message": "The model `no-such` does not exist", "code": "model_not_found"}))
    chosen = {"model": "openai:no-such", "model_api_key": SecretStr("k"), "model_base_url": model.base_url}
    for _ in range(OPENS_AFTER + 1):
        findings = await examine(database_url, tmp_path, **chosen)
        assert findings["model"].detail == "openai:no-such: there is no such model, or no such address (HTTP 404)"
    assert "name" in findings["model"].advice


async def test_a_model_that_can_not_be_opened_is_said_to_be(database_url: str, tmp_path: Path):
    findings = await examine(database_url, tmp_path, model="gpt-without-a-provider", model_api_key=SecretStr("k"))
    assert findings["model"].health is Health.BAD
    assert "provider:model" in findings["model"].detail


async def test_each_status_page_is_looked_at_and_up_only_without_incidents(database_url: str, tmp_path: Path):
    calm = deepcopy(INSTATUS) | {"activeIncidents": []}
    async with AsyncExitStack() as stack:

        async def site(path: str, answer: Any, *, status: int = 200) -> str:
            page = StatusSite(path=path, answer=answer, status=status)
            return (await stack.enter_async_context(serving(page))).base_url

        pages = {
            "GitHub": await site("/api/v2/summary.json", STATUSPAGE),
            "Figma": await site("/summary.json", INSTATUS),
            "Calm": await site("/summary.json", calm),
            "Linear": await site("/index.json", BETTER_STACK),
            "Gone": await site("/index.json", BETTER_STACK, status=500),
        }
        findings = await examine(database_url, tmp_path, status_pages=pages)

    def detail(name: str) -> str:
        return findings[f"status page {name}"].detail

    assert detail("GitHub") == "it answers: not up, 1 open incidents, 1 of 2 components in trouble"
    assert detail("Figma").startswith("it answers: not up, 1 open incidents")
    assert detail("Calm").startswith("it answers: up, 0 open incidents")
    assert detail("Linear").startswith("it answers: up, 0 open incidents, 0 of 1 components")
    assert findings["status page Gone"].health is Health.BAD
    assert "STATUS_PAGES" in findings["status page Gone"].advice


async def test_without_models_and_pages_it_says_how_to_have_them(database_url: str, tmp_path: Path):
    findings = await examine(database_url, tmp_path)
    assert (findings["model"].health, findings["status pages"].health) == (Health.OFF, Health.OFF)
    assert "MODEL_API_KEY" in findings["model"].advice
    assert "docs/tools.md" in findings["status pages"].advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channels_file", Path("gone.toml")),
        ("escalation_file", Path("gone.yaml")),
        ("evidence_file", Path("gone.json")),
        ("guard_policy", "secrets=explode"),
    ],
)
async def test_what_the_bot_would_not_start_with_is_found(database_url: str, tmp_path: Path, name: str, value: object):
    findings = await examine(database_url, tmp_path, **{name: value})
    assert findings["settings"].health is Health.BAD
    assert name.upper() in findings["settings"].detail


@pytest.mark.parametrize(("name", "value"), [("embedder", "word2vec"), ("search_language", "klingon")])
async def test_what_the_knowledge_does_not_open_with_is_found(
    database_url: str, tmp_path: Path, name: str, value: object
):
    findings = await examine(database_url, tmp_path, **{name: value})
    assert findings["database"].health is Health.GOOD
    assert findings["knowledge"].health is Health.BAD
    assert name.upper() in findings["knowledge"].detail


async def test_a_database_without_the_rights_it_takes_is_found(database_url: str, tmp_path: Path):
    role = f"poor_{os.getpid()}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        try:
            findings = await examine(make_conninfo(database_url, user=role), tmp_path)
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
    assert findings["database"].health is Health.BAD
    assert "permission denied" in findings["database"].detail
    assert "docs/operations.md" in findings["database"].detail
