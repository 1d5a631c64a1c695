"""Migrations: numbered SQL files that run forward, and once."""

import hashlib
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import LiteralString, cast

import psycopg
import structlog
from psycopg import AsyncConnection

from knowledge.errors import DatabaseNewer, DatabaseOld, DatabaseUnavailable, MigrationChanged, MigrationRefused
from knowledge.postgres import PATIENT, in_one_line

_log = structlog.get_logger()

WANTED_POSTGRES = 15
WANTED_PGVECTOR = (0, 8)
"""Iterative index scans, without which a filtered search loses results, came with 0.8.0."""


@dataclass(frozen=True, kw_only=True)
class MigrationSet:
    """Numbered SQL files (`0001_name.sql`) of one schema, applied in the order of their names."""

    name: str
    folder: Traversable

    def files(self) -> Iterator[Traversable]:
        return iter(
            sorted((file for file in self.folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
        )


KNOWLEDGE = MigrationSet(name="knowledge", folder=files("knowledge") / "sql")

QUIET_S = 3.0
"""So long another process may migrate before it is said that it does."""

MIGRATION_LOCK = 4_735_201_906  # any constant of our own: advisory locks are numbers


async def migrate(url: str, sets: Sequence[MigrationSet] = (KNOWLEDGE,)) -> list[str]:
    """Apply what is missing of each set, each file in its own transaction, and return the names applied.

    Any number of processes may call this at once: one works, the others wait. Raises `MigrationChanged` when an
    applied file reads differently now, `DatabaseNewer` when one is unknown here, `DatabaseOld` for a server that can't
    do what is needed, `MigrationRefused` when Postgres does not apply one, `DatabaseUnavailable` when there is no
    connection.
    """
    try:
        connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(in_one_line(error)) from error
    async with connection:
        await connection.execute(PATIENT)
        await _take_turn(connection)
        await _refuse_older(connection)
        with naming_refusals_of("the list of migrations"):
            await _make_list(connection)
            await _refuse_newer(connection, sets)
        return [name for one in sets for file in one.files() if (name := await _apply(connection, one, file))]


async def _take_turn(connection: AsyncConnection) -> None:
    """Said where it takes long: whoever started the command would not know what it waits for."""
    try:
        await connection.execute("select set_config('lock_timeout', %s, false)", [f"{QUIET_S:.0f}s"])
        await connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
    except psycopg.errors.LockNotAvailable:
        _log.warning("another process brings the database to its version: waiting for it", action="wait")
        await connection.execute(PATIENT)
        await connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
    else:
        await connection.execute(PATIENT)


async def _make_list(connection: AsyncConnection) -> None:
    """Unless it is there: a database that is up to date and takes no writes can be read."""
    cursor = await connection.execute("select to_regclass('public.helpdesk_bot_migration') is not null")
    if await cursor.fetchone() == (True,):
        return
    await connection.execute(
        """
        create table public.helpdesk_bot_migration (
          name       text primary key,
          checksum   text not null,
          applied_at timestamptz not null default now()
        )
        """
    )


@contextmanager
def naming_refusals_of(migration: str) -> Generator[None]:
    """Raise `MigrationRefused` for what Postgres says no to, with its own words and hint."""
    try:
        yield
    except psycopg.Error as error:
        said = (error.diag.message_primary or str(error), error.diag.message_hint)
        raise MigrationRefused(migration, " ".join("; ".join(filter(None, said)).split())) from error


async def _refuse_older(connection: AsyncConnection) -> None:
    """Where pgvector is not in the database yet, the one that would come into it counts."""
    cursor = await connection.execute(
        """
        select current_setting('server_version'),
          coalesce(
            (select extversion from pg_extension where extname = 'vector'),
            (select default_version from pg_available_extensions where name = 'vector')
          )
        """
    )
    for server, pgvector in await cursor.fetchall():
        refuse_older(server, pgvector)


def refuse_older(server: str, pgvector: str | None) -> None:
    """Raise `DatabaseOld` for versions as PostgreSQL writes them: `17.2 (Debian 17.2-1)` and `0.8.5`, if it has one."""
    if int(re.split(r"\D", server)[0]) < WANTED_POSTGRES:
        raise DatabaseOld(f"PostgreSQL {server}", wanted=f"{WANTED_POSTGRES} or later")
    if pgvector is not None and tuple(map(int, pgvector.split(".")[:2])) < WANTED_PGVECTOR:
        raise DatabaseOld(f"one with pgvector {pgvector}", wanted=f"{'.'.join(map(str, WANTED_PGVECTOR))} or later")


async def _refuse_newer(connection: AsyncConnection, sets: Sequence[MigrationSet]) -> None:
    """Raise `DatabaseNewer` where a newer version was here: this one would write what its tables may not expect."""
    cursor = await connection.execute("select name from public.helpdesk_bot_migration order by applied_at, name")
    known = {f"{one.name}/{file.name}" for one in sets for file in one.files()}
    ours = tuple(f"{one.name}/" for one in sets)
    unknown = [name for (name,) in await cursor.fetchall() if name.startswith(ours) and name not in known]
    if unknown:
        raise DatabaseNewer(unknown)


async def _apply(connection: AsyncConnection, of: MigrationSet, file: Traversable) -> str | None:
    """Apply one file unless it was applied; its name when it was applied now."""
    name, text = f"{of.name}/{file.name}", file.read_text(encoding="utf-8")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    with naming_refusals_of(name):
        cursor = await connection.execute("select checksum from public.helpdesk_bot_migration where name = %s", [name])
        if row := await cursor.fetchone():
            if row[0] != checksum:
                raise MigrationChanged(name)
            return None
        async with connection.transaction():
            await connection.execute(cast("LiteralString", text))
            await connection.execute(
                "insert into public.helpdesk_bot_migration (name, checksum) values (%s, %s)", [name, checksum]
            )
    return name
