"""A row in every table that there is, whoever made it: found by the catalogue, filled with what a person leaves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

PERSON = "UPLANTED"
WORD = "zanzibarian"
KEY = "slack:T:C:1.0"
CONVERSATION = "slack:T:C:"
TEXTS = ("text", "character varying")
OURS = ("helpdesk", "knowledge", "public")

LINKS: Mapping[str, str] = {
    "platform": "slack",
    "tenant": "T",
    "channel": "C",
    "question_key": KEY,
    "message_id": "1.0",
    "conversation_id": CONVERSATION,
    "thread_id": CONVERSATION,
    "marker": f"reply:{KEY}",
}
"""By what a row belongs to the person's question, or to the place where it was asked."""
KEYS: Mapping[str, str] = {"helpdesk.question": KEY, "helpdesk.hearing": KEY}
_PERSONAL = re.compile(r"person|_by$|asker|owner|whisper_to|account|user|approver|author|^to_")
_ONE_OF = re.compile(r"'([^']*)'::text")


@dataclass(frozen=True, kw_only=True)
class Column:
    table: str
    name: str
    type: str
    is_needed: bool
    allowed: tuple[str, ...]
    """By a check; empty where anything is."""


async def list_columns(connection: AsyncConnection) -> dict[str, list[Column]]:
    """Of every table of ours, but what the database fills in by itself."""
    cursor = await connection.execute(
        """
        select format('%%s.%%s', space.nspname, class.relname), attribute.attname,
          format_type(attribute.atttypid, null),
          attribute.attnotnull and not attribute.atthasdef,
          coalesce((
            select string_agg(pg_get_constraintdef(held.oid), ' ')
            from pg_constraint as held
            where held.conrelid = class.oid and held.contype = 'c' and held.conkey = array[attribute.attnum]
          ), '')
        from pg_class as class
        join pg_namespace as space on space.oid = class.relnamespace
        join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0
        where class.relkind in ('r', 'p') and space.nspname = any(%s) and not attribute.attisdropped
          and attribute.attidentity = '' and attribute.attgenerated = ''
          and not exists (select from pg_inherits where inhrelid = class.oid)
        order by 1, attribute.attnum
        """,
        [list(OURS)],
    )
    columns: dict[str, list[Column]] = {}
    for table, name, type_, is_needed, check in await cursor.fetchall():
        allowed = tuple(_ONE_OF.findall(check))
        column = Column(table=table, name=name, type=type_, is_needed=is_needed, allowed=allowed)
        columns.setdefault(table, []).append(column)
    return columns


def value_of(column: Column, *, at: datetime, words: bool, overrides: Mapping[str, Any]) -> Any:
    """What stands there after the person used the bot; None to leave it to the database."""
    if column.name in overrides:
        return overrides[column.name]
    if column.name == "key" and column.table in KEYS:
        return KEYS[column.table]
    if column.type in {*TEXTS, "text[]"} and _PERSONAL.search(column.name):
        return [PERSON] if column.type == "text[]" else PERSON
    if column.name in LINKS and column.type in TEXTS:
        return LINKS[column.name]
    if column.allowed:
        return column.allowed[0] if column.is_needed else None
    return _by_type(column, at=at, words=words)


def _by_type(column: Column, *, at: datetime, words: bool) -> Any:
    said = f"what the {WORD} canteen serves" if words else "x"
    match column.type:
        case "text" | "character varying":
            return said
        case "text[]":
            return [said] if words or column.is_needed else None
        case "jsonb" | "json":
            return Jsonb({"said": said, "by": PERSON if words else "x"})
        case "bytea":
            return said.encode()
        case "timestamp with time zone":
            return at
        case "timestamp without time zone":
            return at.replace(tzinfo=None)
        case "date":
            return at.date()
        case "boolean":
            return False if column.is_needed else None
        case "integer" | "bigint" | "smallint" | "real" | "double precision" | "numeric" if column.is_needed:
            return 1
        case _:
            return None


async def plant(
    connection: AsyncConnection,
    columns: Sequence[Column],
    *,
    at: datetime | None = None,
    words: bool = True,
    overrides: Mapping[str, Any] | None = None,
) -> None:
    """One row, past all foreign keys and triggers. `words`: in every text that isn't a name or a link, too."""
    table = columns[0].table
    values = {
        column.name: value
        for column in columns
        if (value := value_of(column, at=at or datetime.now(UTC), words=words, overrides=overrides or {})) is not None
    }
    assert values, f"nothing of {table} can be filled"
    await connection.execute("set local session_replication_role = replica")
    await connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() for _ in values),
        ),
        list(values.values()),
    )
    await connection.execute("set local session_replication_role = origin")


async def where_found(connection: AsyncConnection, *words: str) -> dict[str, str]:
    """The tables of which a row holds one of the words, in whatever column, bytes included; with such a row."""
    found: dict[str, str] = {}
    for table in await list_columns(connection):
        for word in words:
            hexed = word.encode().hex()
            cursor = await connection.execute(
                sql.SQL("select t::text from {} as t where strpos(t::text, %s) > 0 or strpos(t::text, %s) > 0").format(
                    sql.Identifier(*table.split("."))
                ),
                [word, hexed],
            )
            if row := await cursor.fetchone():
                found[table] = row[0]
    return found
