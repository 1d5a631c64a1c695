"""Short notices from any process to the browser pages that wait for them, over Postgres LISTEN and NOTIFY.

A notice is best effort: what must not be lost is a row, and a notice says that there is one.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ValidationError

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.running import running
from helpdesk_bot.telemetry import Outage
from knowledge.postgres import OUTAGES, Pool

log = structlog.get_logger()

CHANNEL = "helpdesk_notice"
MAX_WAITING = 100
"""Notices kept for a page that reads slowly; the oldest go first."""


class _Told(BaseModel, extra="allow"):
    """A notice as it is written: beside its conversation whatever there is to say."""

    to: str


class Notices:
    """One listening connection for all pages of this process."""

    def __init__(self, pool: Pool, url: str) -> None:
        self._pool = pool
        self._url = url
        self._waiting: defaultdict[str, set[asyncio.Queue[JsonObject]]] = defaultdict(set)

    async def announce(self, conversation: str, payload: JsonObject) -> None:
        """Best effort: never raises for want of a database."""
        try:
            async with self._pool.connection() as connection:
                await announce_in(connection, conversation, payload)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("notice lost", error=str(error))

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Receive notices while inside; after a lost connection, listen again and wake everybody to look."""
        async with running(self._keep_listening()):
            yield

    @asynccontextmanager
    async def listen(self, conversation: str) -> AsyncGenerator[asyncio.Queue[JsonObject]]:
        """Notices to one conversation, in order, from the moment the context is entered."""
        queue: asyncio.Queue[JsonObject] = asyncio.Queue(MAX_WAITING)
        self._waiting[conversation].add(queue)
        try:
            yield queue
        finally:
            self._waiting[conversation].discard(queue)
            if not self._waiting[conversation]:
                del self._waiting[conversation]

    async def _keep_listening(self) -> None:
        outage = Outage("notices")
        while True:
            try:
                await self._listen_once(outage)
            except (*OUTAGES, OSError) as error:
                outage.begins(error)
            await asyncio.sleep(1.0)

    async def _listen_once(self, outage: Outage) -> None:
        async with await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"listen {CHANNEL}")
            outage.is_over()
            for conversation in list(self._waiting):
                self._deliver(conversation, {"kind": "message"})
            async for notice in connection.notifies():
                try:
                    told = _Told.model_validate_json(notice.payload)
                except ValidationError:
                    log.warning("notice can't be read")
                    continue
                self._deliver(told.to, told.model_extra or {})

    def _deliver(self, conversation: str, payload: JsonObject) -> None:
        for queue in self._waiting.get(conversation, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(payload)


async def announce_in(connection: AsyncConnection, conversation: str, payload: JsonObject) -> None:
    """Announce when the caller's transaction commits."""
    await connection.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"to": conversation, **payload})])
