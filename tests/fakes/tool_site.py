"""A system with an HTTP interface on loopback: it writes down what it is asked, and answers what it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.loopback import Loopback


@dataclass(frozen=True, kw_only=True)
class Call:
    method: str
    target: str
    """Path and query as they came over the wire."""
    headers: dict[str, str]
    body: Any


@dataclass(kw_only=True)
class ToolSite:
    answer: Any = field(default_factory=dict[str, Any])
    status: int = 200
    location: str = ""
    waits_s: float = 0.0
    hangs_up: bool = False
    calls: list[Call] = field(default_factory=list[Call])
    base_url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.calls.append(Call(method=request.method, target=request.raw_path, headers=headers, body=body))
        await asyncio.sleep(self.waits_s)
        if self.hangs_up:
            assert request.transport is not None
            request.transport.close()
        if self.location:
            return web.Response(status=302, headers={"location": self.location})
        if isinstance(self.answer, bytes):
            return web.Response(body=self.answer, status=self.status, content_type="application/json")
        return web.json_response(self.answer, status=self.status)


@asynccontextmanager
async def serving_tools(site: ToolSite | None = None) -> AsyncGenerator[ToolSite]:
    site = site or ToolSite()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    async with Loopback(app) as site.base_url:
        yield site
