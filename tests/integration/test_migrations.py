"""Migrations go forward and are known; what came from a newer version is refused."""

import psycopg
import pytest

from helpdesk_bot.database import migrate_all
from knowledge.errors import DatabaseNewer
from knowledge.postgres import KNOWLEDGE, migrate


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
