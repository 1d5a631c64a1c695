"""A real Postgres with pgvector for every test that asks for one, each in a database of its own."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count

import hypothesis
import psycopg
import pytest
import structlog
from psycopg import sql

from helpdesk_bot.database import migrate_all
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import Pool, open_pool
from tests.databases import copied_database, create_database, folder_for_databases

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
"""How long an example takes is the machine's matter: other work runs on it."""

_numbers = count(1)

SLOW_FOLDERS = frozenset({"e2e", "scenarios"})
SLOW_FILES = (
    "test_confluence",
    "test_google_drive",
    "test_http",
    "test_model_misbehaviour",
    "test_rights",
    "test_search_passages",
    "test_slack",
    "test_source_contract",
    "test_sync_faults",
    "test_sync_killed",
    "test_sync_random",
    "test_teams",
    "test_text_limits",
    "test_website",
)
"""Integration tests with the server of a place or a platform, or of many worlds: not for the inner loop."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test-fast` is what depends on nothing but our own code and a database."""
    for item in items:
        is_integration = item.path.parent.name == "integration"
        if SLOW_FOLDERS & set(item.path.parts) or (is_integration and item.path.name.startswith(SLOW_FILES)):
            item.add_marker(pytest.mark.slow)


def pytest_collection() -> None:
    """What is imported and collected stays to the end: to look for garbage in it is a tenth of the work of a run."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run in this process sets up its own logging, to an output that is closed after its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_url(testrun_uid: str) -> Iterator[str]:
    """One server for all workers of a run; nothing in it is worth a flush to disk.

    Not under pytest's own folder, which every other run of the same user closes to the server's system user.
    """
    folder = folder_for_databases() / f"helpdesk-bot-{testrun_uid}"
    with embedded_postgres(folder) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
            connection.execute("select pg_reload_conf()")
        yield url
    if not (folder / "postgres" / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(server_url: str, worker_id: str) -> str:
    name = f"template_{worker_id}"
    asyncio.run(migrate_all(create_database(server_url, name)))
    return name


@pytest.fixture
def database_url(server_url: str, template_database: str, worker_id: str) -> Iterator[str]:
    """A fresh, migrated, empty database."""
    with copied_database(server_url, f"test_{worker_id}_{next(_numbers)}", template=template_database) as url:
        yield url


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url, max_size=8) as pool:
        yield pool
