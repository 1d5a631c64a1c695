"""Databases of a test run, all on one server: made, copied, dropped."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 4 * 1024**3


def folder_for_databases() -> Path:
    """In memory where there is enough of it: a copy of a database is 600 files, and there are thousands of copies."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= NEEDED_BYTES:
        return MEMORY
    return Path(tempfile.gettempdir())


def create_database(server_url: str, name: str, *, template: str = "template1", with_vector: bool = False) -> str:
    """Its connection string. Files are copied as they are: quicker than through the log, for a small template."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    url = make_conninfo(server_url, dbname=name)
    if with_vector:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create extension vector")
    return url


@contextmanager
def copied_database(server_url: str, name: str, *, template: str) -> Iterator[str]:
    """One that is gone afterwards, with whoever is still connected to it."""
    yield create_database(server_url, name, template=template)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
