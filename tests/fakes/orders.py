"""A strict system that takes orders, on loopback, and tools that order there.

async with OrderServer(knows_keys=True) as orders:
    settings = settings.model_copy(update={"tools_file": orders.write_tools(folder, approvers=["ada@example.com"])})
    orders.troubles += [Trouble.ANSWER_LOST]        # what goes wrong with the next requests, one each
    orders.made                                     # what was ordered, once a key where it knows keys
"""

import asyncio
from collections import deque
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web

from tests.fakes.loopback import Loopback

ORDER: dict[str, Any] = {
    "name": "order_laptop",
    "title": "Order a laptop",
    "description": "Orders a laptop for whoever asks.",
    "method": "POST",
    "path": "/orders",
    "body": {"model": "{model}", "note": "{note}"},
    "parameters": {"model": {"choices": ["small", "large"]}, "note": {"optional": True, "max_length": 2_000}},
    "reply": "Order {number}: {state}",
    "link": "https://orders.example.com",
    "private": True,
    "changes": True,
    "examples": ["Please order a laptop for me"],
}


class Trouble(StrEnum):
    NONE = "none"
    REFUSED = "refused"
    ANSWER_LOST = "answer lost"
    """It is ordered, and the connection breaks before it says so."""
    REQUEST_LOST = "request lost"
    """The connection breaks before it is ordered."""


class OrderServer:
    def __init__(self, *, knows_keys: bool = False) -> None:
        self.made: list[dict[str, Any]] = []
        self.keys: list[str] = []
        """Of every request."""
        self.troubles: deque[Trouble] = deque()
        self.state = "on its way"
        self._knows_keys = knows_keys
        self._by_key: dict[str, dict[str, Any]] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/orders", self._order)
        self._server = Loopback(app)
        self.base_url = await self._server.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def write_tools(self, folder: Path, **change: Any) -> Path:
        path = folder / "tools.yaml"
        path.write_text(yaml.safe_dump({"tools": [ORDER | {"url": self.base_url} | change]}), encoding="utf-8")
        return path

    async def _order(self, request: web.Request) -> web.Response:
        body, key = await request.json(), request.headers["Idempotency-Key"]
        assert body.keys() <= {"model", "note"}
        assert body["model"] in {"small", "large"}
        self.keys.append(key)
        trouble = self.troubles.popleft() if self.troubles else Trouble.NONE
        if trouble is Trouble.REFUSED:
            return web.json_response({"error": "no budget"}, status=409)
        if trouble is Trouble.REQUEST_LOST:
            return await self._hang_up(request)
        answer = self._make(key, body)
        return await self._hang_up(request) if trouble is Trouble.ANSWER_LOST else web.json_response(answer)

    def _make(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        known = self._by_key.get(key) if self._knows_keys else None
        if known is not None:
            return known
        self.made.append(body)
        self._by_key[key] = {"number": f"B-{len(self.made)}", "state": self.state}
        return self._by_key[key]

    async def _hang_up(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(0)
        return web.Response()
