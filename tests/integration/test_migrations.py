"""Migrations go forward and are known; what came from a newer version is refused."""

import asyncio

import psycopg
import pytest
import structlog
from psycopg import sql

from helpdesk_bot.database import migrate_all
from knowledge.errors import DatabaseNewer, DatabaseOld
from knowledge.migrations import KNOWLEDGE, MIGRATION_LOCK, migrate, refuse_older
from tests.databases import copied_database
from tests.eventually import eventually


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(database_url: str) -> None:
    """After a rollback: what an older version would write might not fit."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("insert into public.helpdesk_bot_migration values ('helpdesk/9999_later.sql', 'x')")
        with pytest.raises(DatabaseNewer, match="9999_later") as refused:
            await migrate_all(database_url)
        assert "docs/operations.md" in str(refused.value)
        await migrate(database_url, [KNOWLEDGE])
        connection.execute("delete from public.helpdesk_bot_migration where name = 'helpdesk/9999_later.sql'")
    assert await migrate_all(database_url) == []


async def test_a_database_with_an_old_pgvector_is_refused(database_url: str) -> None:
    """The server's may be newer: the database keeps the one that it was made with, until it is told."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update pg_extension set extversion = '0.7.4' where extname = 'vector'")
        with pytest.raises(DatabaseOld, match=r"pgvector 0\.7\.4, and 0\.8 or later is needed"):
            await migrate_all(database_url)
        connection.execute("update pg_extension set extversion = '0.10.1' where extname = 'vector'")
        assert await migrate_all(database_url) == []


def test_a_server_that_is_too_old_is_refused() -> None:
    with pytest.raises(DatabaseOld, match=r"PostgreSQL 14\.19 \(Debian 14\.19-1\), and 15 or later is needed"):
        refuse_older("14.19 (Debian 14.19-1)", "0.8.1")
    for server, pgvector in (("15.0", "0.8.0"), ("19beta1", "1.0"), ("15.18 (Debian 15.18-0+deb12u1)", None)):
        refuse_older(server, pgvector)


async def test_a_database_that_is_up_to_date_and_takes_no_writes_is_opened(database_url: str) -> None:
    """A standby, or one whose disk was full: what is known can be looked at."""
    name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} set default_transaction_read_only = on").format(name))
    assert await migrate_all(database_url) == []


async def test_whoever_waits_for_another_process_to_migrate_is_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.migrations.QUIET_S", 1.0)
    with psycopg.connect(database_url, autocommit=True) as other, structlog.testing.capture_logs() as logs:
        other.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        migrating = asyncio.create_task(migrate_all(database_url))
        await eventually(lambda: bool(logs))
        assert "another process brings the database to its version" in str(logs)
        assert not migrating.done()
        other.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        assert await migrating == []
    with structlog.testing.capture_logs() as logs:
        assert await migrate_all(database_url) == []
    assert logs == []


SLOW_SCHEMAS = """
create function slowly() returns event_trigger language plpgsql as $$ begin perform pg_sleep(2.5); end $$;
create event trigger slowly on ddl_command_end when tag in ('CREATE SCHEMA') execute function slowly()
"""


async def test_a_migration_may_take_longer_than_the_database_lets_others(server_url: str, worker_id: str) -> None:
    with copied_database(server_url, f"hasty_{worker_id}", template="template0") as url:
        name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SLOW_SCHEMAS)
            connection.execute(sql.SQL("alter database {} set statement_timeout = '2s'").format(name))
        assert await migrate_all(url)
