"""An MCP server over HTTP on loopback that does what a test wants of it, and writes down what it is asked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.fakes.loopback import Loopback

SESSION = "Mcp-Session-Id"
TOOL: dict[str, Any] = {
    "name": "post",
    "description": "Post a message.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}
Way = Literal["answers", "waits", "refuses", "breaks off", "falls silent", "says too much"]


@dataclass(kw_only=True)
class McpSite:
    by_text: dict[str, Way] = field(default_factory=dict[str, Way])
    """How a call is answered, by its argument."""
    listing: Way = "answers"
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Session and method, in their order."""
    posted: list[str] = field(default_factory=list[str])
    sessions: set[str] = field(default_factory=set[str])
    """Those that it knows."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """For calls that wait."""
    base_url: str = ""

    def methods(self) -> list[str]:
        return [method for _, method in self.asked]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        session = request.headers.get(SESSION, "")
        if request.method != "POST":
            self.asked.append((session, request.method))
            self.sessions.discard(session)
            return web.Response()
        body = await request.json()
        self.asked.append((session, body["method"]))
        if body["method"] == "initialize":
            return self._greet(body)
        if session not in self.sessions:
            return web.Response(status=404)
        if body["method"] == "tools/list":
            return await self._answer(request, self.listing, body, {"tools": [TOOL]})
        if body["method"] == "tools/call":
            text = body["params"]["arguments"]["text"]
            self.posted.append(text)
            said = {"content": [{"type": "text", "text": f"Posted {text}."}]}
            return await self._answer(request, self.by_text.get(text, "answers"), body, said)
        return web.Response(status=202)

    def _greet(self, body: dict[str, Any]) -> web.Response:
        session = f"s{self.methods().count('initialize')}"
        self.sessions.add(session)
        info = {"serverInfo": {"name": "site", "version": "1"}, "capabilities": {"tools": {}}}
        greeting = {"protocolVersion": body["params"]["protocolVersion"], **info}
        return web.json_response(_reply(body, greeting), headers={SESSION: session})

    async def _answer(self, request: web.Request, way: Way, body: dict[str, Any], said: Any) -> web.StreamResponse:
        if way == "refuses":
            return web.Response(status=500)
        if way == "waits":
            await self.go_on.wait()
        if way in {"breaks off", "falls silent", "says too much"}:
            return await _begin(request, way)
        return web.json_response(_reply(body, said))


def _reply(body: dict[str, Any], said: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": body["id"], "result": said}


async def _begin(request: web.Request, way: Way) -> web.StreamResponse:
    """A stream of events that holds no answer."""
    stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
    stream.enable_chunked_encoding()
    await stream.prepare(request)
    await stream.write(b": wait\n\n")
    if way == "says too much":
        await stream.write(b": " + b"x" * 2**20 + b"\n\n")
    if way == "breaks off":
        assert request.transport is not None
        request.transport.close()
    await asyncio.sleep(3600)
    return stream


@asynccontextmanager
async def serving_mcp() -> AsyncGenerator[McpSite]:
    site = McpSite()
    app = web.Application()
    app.router.add_route("*", "/mcp", site.handle)
    async with Loopback(app) as address:
        site.base_url = f"{address}/mcp"
        yield site
