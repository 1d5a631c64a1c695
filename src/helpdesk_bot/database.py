"""The database: configured or embedded, with this version's schemas."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files

from helpdesk_bot.jobs import install_schema
from helpdesk_bot.settings import Settings
from knowledge.errors import DatabaseUnavailable
from knowledge.migrations import KNOWLEDGE, MigrationSet, migrate

LOOK_EVERY_S = 2.0
"""Whether the embedded server still runs."""

HELPDESK = MigrationSet(name="helpdesk", folder=files("helpdesk_bot") / "sql")


async def migrate_all(url: str) -> list[str]:
    """Bring a database to this version's schemas; the names of what was applied."""
    applied = await migrate(url, [KNOWLEDGE, HELPDESK])
    await install_schema(url)
    return applied


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[str]:
    """The URL of a migrated database: the configured one, or the embedded one while inside."""
    async with AsyncExitStack() as stack:
        url = settings.database_url
        if not url:
            from knowledge.embedded_postgres import embedded_postgres

            url = stack.enter_context(embedded_postgres(settings.helpdesk_data_dir, look_every_s=LOOK_EVERY_S))
        try:
            await migrate_all(url)
        except DatabaseUnavailable as error:
            if not settings.database_url:
                raise
            raise DatabaseUnavailable(f"{error.reason}; check DATABASE_URL, and that the server runs") from error
        yield url
