"""Tokens that change when they are used: the newest of each connection, for all processes together."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from psycopg.types.json import Jsonb

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.rows import Table
from knowledge.postgres import Pool


class StoredTokens(Table):
    """Of one connection. `seed` is the first token, as configured; what was stored under another one is not used."""

    def __init__(self, pool: Pool, *, name: str, seed: str) -> None:
        super().__init__(pool)
        self._name = name
        self._seed = hashlib.sha256(seed.encode()).digest()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Held by one process at a time; it ends with the process."""
        async with self._pool.connection() as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"token:{self._name}"])
            yield

    async def load(self) -> JsonObject | None:
        return await self._find_value(
            "select body from helpdesk.token where name = %s and seed = %s", [self._name, self._seed]
        )

    async def save(self, body: JsonObject) -> None:
        await self._execute(
            """
            insert into helpdesk.token (name, seed, body) values (%s, %s, %s)
            on conflict (name) do update set seed = excluded.seed, body = excluded.body, saved_at = now()
            """,
            [self._name, self._seed, Jsonb(body)],
        )
