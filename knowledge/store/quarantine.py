"""Documents that could not be read in their present version, and those that may have killed a run."""

from collections.abc import Collection

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from connectors.documents import Listed
from knowledge.letters import storable
from knowledge.store.rows import Quarantined, rule_from_json, rule_json, storable_key


class Quarantine:
    """Of one source, in the hands of its writer."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source

    async def put(self, listed: Listed, reason: str, *, attempts: int, recipe: str) -> None:
        await self._connection.execute(
            """
            insert into knowledge.quarantine
              (source, key, version, title, url, all_of, media_type, modified_at, trail, labels, reason, attempts,
               recipe)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (source, key) do update
            set version = excluded.version, title = excluded.title, url = excluded.url, all_of = excluded.all_of,
                media_type = excluded.media_type, modified_at = excluded.modified_at, trail = excluded.trail,
                labels = excluded.labels, reason = excluded.reason, attempts = excluded.attempts,
                recipe = excluded.recipe, tried_at = now()
            """,
            [
                self.source,
                storable_key(listed.key),
                storable(listed.version),
                storable(listed.title),
                storable(listed.url),
                Jsonb(rule_json(listed.access)),
                storable(listed.media_type),
                listed.modified_at,
                [storable(title) for title in listed.trail],
                [storable(label) for label in listed.labels],
                storable(reason),
                attempts,
                recipe,
            ],
        )

    async def release(self, keys: Collection[str]) -> None:
        """Forget that documents could not be read."""
        if keys:
            await self._connection.execute(
                "delete from knowledge.quarantine where source = %s and key = any(%s)", [self.source, list(keys)]
            )

    # What was in hand when a run died

    async def list_suspects(self) -> dict[str, tuple[str, int]]:
        """(version, attempts that killed a run) by key."""
        cursor = await self._connection.execute(
            "select key, version, attempts from knowledge.suspect where source = %s", [self.source]
        )
        return {key: (version, attempts) for key, version, attempts in await cursor.fetchall()}

    async def clear(self, keys: Collection[str]) -> None:
        await self._connection.execute(
            "delete from knowledge.suspect where source = %s and key = any(%s)", [self.source, list(keys)]
        )


async def list_quarantined(connection: AsyncConnection, source: str) -> list[Quarantined]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(
        """
        select key, version, title, url, all_of, media_type, modified_at, trail, labels, reason, attempts,
               recipe
        from knowledge.quarantine
        where source = %s
        order by key
        """,
        [source],
    )
    return [
        Quarantined(
            listed=Listed(
                key=row["key"],
                version=row["version"],
                title=row["title"],
                url=row["url"],
                access=rule_from_json(row["all_of"]),
                media_type=row["media_type"],
                modified_at=row["modified_at"],
                trail=tuple(row["trail"]),
                labels=tuple(row["labels"]),
            ),
            reason=row["reason"],
            attempts=row["attempts"],
            recipe=row["recipe"],
        )
        for row in await cursor.fetchall()
    ]
