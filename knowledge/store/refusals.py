"""Postgres that is there and takes no writes."""

from collections.abc import Generator
from contextlib import contextmanager

from psycopg import errors

from knowledge.errors import DatabaseRefuses

REASONS = {
    errors.DiskFull: "its disk is full",
    errors.OutOfMemory: "it is out of memory",
    errors.IoError: "its disk fails",
    errors.ReadOnlySqlTransaction: "it is read-only",
}


@contextmanager
def naming_refusals() -> Generator[None]:
    """Raise `DatabaseRefuses` where Postgres says that it can't write."""
    try:
        yield
    except tuple(REASONS) as error:
        raise DatabaseRefuses(REASONS[type(error)]) from error
