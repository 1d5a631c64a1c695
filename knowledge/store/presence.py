"""What a place has at the moment and who may read each document of it: for rights, and for what is gone.

The listing is kept in temporary tables of the writer's connection, so that it is compared with what is stored in the
database and however long it is needs no memory here.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from connectors.documents import AccessRule
from knowledge.store.rights import move_rights
from knowledge.store.rows import rule_digest, rule_from_json, rule_json
from knowledge.store.turns import taking_turn

MOVED_AT_ONCE = 500
"""Documents whose rights move in one transaction."""

TABLES = """
create temporary table present (key text primary key, digest bytea not null);
create temporary table present_rule (digest bytea primary key, all_of jsonb not null)
"""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Stored documents beside what the place has."""

    stored: int
    live: int
    missing: int
    """Stored and gone from the place."""
    approved: int
    """Of the missing: removals that a person has approved."""


class Presence:
    """Of one source, in the hands of its writer."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source

    async def open(self) -> None:
        """Once a connection."""
        await self._connection.execute(TABLES)

    async def clear(self) -> None:
        await self._connection.execute("truncate pg_temp.present, pg_temp.present_rule")

    async def add(self, rules: Mapping[str, AccessRule]) -> None:
        """Documents that the place has, with who may read each, by key as stored."""
        digests = {key: rule_digest(rule) for key, rule in rules.items()}
        by_digest = {digests[key]: rule for key, rule in rules.items()}
        await self._connection.execute(
            """
            insert into pg_temp.present_rule (digest, all_of)
            select decode(rule.key, 'hex'), rule.value from jsonb_each(%s) rule
            on conflict do nothing
            """,
            [Jsonb({digest.hex(): rule_json(rule) for digest, rule in by_digest.items()})],
        )
        await self._connection.execute(
            """
            insert into pg_temp.present (key, digest)
            select present.key, decode(present.value, 'hex') from jsonb_each_text(%s) present
            on conflict (key) do update set digest = excluded.digest
            """,
            [Jsonb({key: digest.hex() for key, digest in digests.items()})],
        )

    async def close(self) -> None:
        """All of it was added."""
        await self._connection.execute("analyze pg_temp.present; analyze pg_temp.present_rule")

    async def list_rules(self, keys: Collection[str]) -> dict[str, AccessRule]:
        """Who may read these now, by key; what is gone is left out."""
        cursor = await self._connection.execute(
            """
            select key, all_of
            from pg_temp.present
            join pg_temp.present_rule using (digest)
            where key in (select jsonb_array_elements_text(%s))
            """,
            [Jsonb(list(keys))],
        )
        return {key: rule_from_json(all_of) for key, all_of in await cursor.fetchall()}

    # Rights

    async def hide_missing(self) -> int:
        """Let nobody read what the place no longer has, once rights are moved; how many documents that are."""
        nobody = AccessRule.nobody()
        await self._connection.execute(
            "insert into pg_temp.present_rule values (%s, %s) on conflict do nothing",
            [rule_digest(nobody), Jsonb(rule_json(nobody))],
        )
        cursor = await self._connection.execute(
            """
            insert into pg_temp.present (key, digest)
            select key, %s
            from knowledge.document
            where source = %s and not exists (select from pg_temp.present where present.key = document.key)
            """,
            [rule_digest(nobody), self.source],
        )
        return cursor.rowcount

    async def move_rights(self) -> AsyncGenerator[list[str]]:
        """Give every stored document the rule that the place says it has; the keys of those that had another."""
        while some := await self._move_some_rights():
            yield some
        await self._connection.execute(
            """
            update knowledge.quarantine
            set all_of = present_rule.all_of
            from pg_temp.present
            join pg_temp.present_rule using (digest)
            where source = %s and quarantine.key = present.key and quarantine.all_of <> present_rule.all_of
            """,
            [self.source],
        )

    async def _move_some_rights(self) -> list[str]:
        rows = await self._connection.execute(
            """
            select document.id, document.key, present.digest
            from knowledge.document
            join knowledge.access_rule held on held.id = document.access_id
            join pg_temp.present on present.key = document.key
            where document.source = %s and held.digest <> present.digest
            limit %s
            """,
            [self.source, MOVED_AT_ONCE],
        )
        moving = await rows.fetchall()
        if not moving:
            return []
        async with taking_turn(self._connection) as connection:
            await self._intern({digest for _, _, digest in moving})
            await connection.execute(
                """
                update knowledge.document
                set access_id = wanted.id
                from pg_temp.present
                join knowledge.access_rule wanted on wanted.digest = present.digest
                where document.key = present.key and wanted.source = document.source and document.id = any(%s)
                """,
                [[document_id for document_id, _, _ in moving]],
            )
            await move_rights(connection, [document_id for document_id, _, _ in moving])
        return [key for _, key, _ in moving]

    async def _intern(self, digests: Collection[bytes]) -> None:
        cursor = await self._connection.execute(
            """
            insert into knowledge.access_rule (source, digest, all_of)
            select %s, digest, all_of
            from pg_temp.present_rule
            where digest = any(%s)
            order by digest
            on conflict do nothing
            """,
            [self.source, list(digests)],
        )
        if cursor.rowcount:
            await self._connection.execute("update knowledge.state set rights_version = rights_version + 1")

    # Removals

    async def count_missing(self) -> Missing:
        cursor = self._connection.cursor(row_factory=class_row(Missing))
        await cursor.execute(
            """
            select
              count(*) as stored,
              (select count(*) from pg_temp.present) as live,
              count(*) filter (where present.key is null) as missing,
              count(*) filter (where present.key is null and held.approved_at is not null) as approved
            from knowledge.document
            left join pg_temp.present on present.key = document.key
            left join knowledge.held_removal held on (held.source, held.key) = (document.source, document.key)
            where document.source = %s
            """,
            [self.source],
        )
        (missing,) = await cursor.fetchall()
        return missing

    async def list_missing(self, *, only_approved: bool, limit: int) -> list[str]:
        """Keys of stored documents that the place no longer has."""
        return await self._scalars(
            """
            select document.key
            from knowledge.document
            left join knowledge.held_removal held on (held.source, held.key) = (document.source, document.key)
            where document.source = %s
              and not exists (select from pg_temp.present where present.key = document.key)
              and (not %s or held.approved_at is not null)
            order by document.key
            limit %s
            """,
            [self.source, only_approved, limit],
        )

    async def hold_missing(self, *, run_id: int) -> None:
        """What is still missing waits for a person's word; what was removed or came back waits no longer."""
        await self._connection.execute(
            """
            delete from knowledge.held_removal held
            where source = %(source)s
              and (
                exists (select from pg_temp.present where present.key = held.key)
                or not exists (select from knowledge.document where (source, key) = (held.source, held.key))
              )
            """,
            {"source": self.source},
        )
        await self._connection.execute(
            """
            insert into knowledge.held_removal (source, key, run_id)
            select source, key, %s
            from knowledge.document
            where source = %s and not exists (select from pg_temp.present where present.key = document.key)
            on conflict do nothing
            """,
            [run_id, self.source],
        )

    async def _scalars(self, query: LiteralString, parameters: Sequence[object]) -> list[Any]:
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(query, parameters)
        return await cursor.fetchall()
