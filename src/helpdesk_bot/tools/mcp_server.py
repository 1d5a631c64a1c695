"""One MCP server: a session for each thing that is wanted of it, so that nothing is left open or out of date."""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import httpx

from connectors.errors import ConnectorError
from connectors.http.bounds import Bounds
from connectors.http.transport import GuardedTransport
from helpdesk_bot.tools.errors import ToolFailed
from helpdesk_bot.tools.mcp_listing import Listed, McpToolPlan

if TYPE_CHECKING:
    from langchain_mcp_adapters.sessions import Connection
    from mcp import ClientSession

FRESH_S = 300.0
"""How long a listing counts; one that failed, a tenth of it."""
MAX_TOOLS = 200
MAX_PAGES = 10


@dataclass(frozen=True, kw_only=True)
class McpServerPlan:
    """A server as it is configured: asked at `url`, or started as `command`."""

    name: str
    url: str = ""
    command: tuple[str, ...] = ()
    tools: tuple[McpToolPlan, ...] = ()
    is_private: bool = False
    timeout_s: float = 10.0
    max_bytes: int = 2**20
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class McpServer:
    def __init__(self, plan: McpServerPlan, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.plan = plan
        self.listed: Mapping[str, Listed] = {}
        """By their names there; empty before the first look, and where it failed."""
        self.trouble = "not asked yet"
        self._now = monotonic
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def look(self) -> None:
        """At what it offers, unless that was looked at a moment ago. Never raises on the server's account."""
        async with self._lock:
            if self._now() < self._until:
                return
            try:
                async with self.session() as session:
                    self.listed, self.trouble = await list_tools(session), ""
            except ToolFailed as error:
                self.listed, self.trouble = {}, error.reason
            self._until = self._now() + (FRESH_S if not self.trouble else FRESH_S / 10)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator["ClientSession"]:
        """Open and greeted. Raises `ToolFailed` for whatever goes wrong in it, but for errors of tools."""
        await asyncio.to_thread(importlib.import_module, "langchain_mcp_adapters.sessions")
        from langchain_mcp_adapters.sessions import create_session

        try:
            async with asyncio.timeout(self.plan.timeout_s), create_session(self._connection()) as session:
                await session.initialize()
                yield session
        except TimeoutError as error:
            raise ToolFailed(self.plan.name, "no answer in time") from error
        except _troubles() as error:
            raise ToolFailed(self.plan.name, f"no session ({_named(error)})") from error

    def _connection(self) -> "Connection":
        plan = self.plan
        if plan.command:
            command, *args = plan.command
            return {"transport": "stdio", "command": command, "args": args, "env": dict(plan.env)}
        return {
            "transport": "streamable_http",
            "url": plan.url,
            "headers": dict(plan.headers),
            "timeout": plan.timeout_s,
            "sse_read_timeout": plan.timeout_s,
            "httpx_client_factory": self._client,
        }

    def _client(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        auth: httpx.Auth | None = None,
    ) -> httpx.AsyncClient:
        """Goes to the server's own host and to no other."""
        bounds = Bounds(self.plan.url, is_in_private_network=self.plan.is_private)
        transport = _Limited(GuardedTransport(bounds), max_bytes=self.plan.max_bytes)
        return httpx.AsyncClient(transport=transport, headers=headers, timeout=timeout, auth=auth, trust_env=False)


async def list_tools(session: "ClientSession") -> Mapping[str, Listed]:
    """All pages, up to a bound."""
    from mcp.types import PaginatedRequestParams

    found: dict[str, Listed] = {}
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        for tool in page.tools[: MAX_TOOLS - len(found)]:
            schema = cast("Mapping[str, Any]", tool.inputSchema)
            found[tool.name] = Listed(name=tool.name, description=tool.description or "", schema=schema)
        cursor = page.nextCursor
        if not cursor:
            break
    return found


class _Limited(httpx.AsyncBaseTransport):
    """Reads no more of an answer than its owner wants."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, max_bytes: int) -> None:
        self._inner = inner
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        stream = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _LimitedStream(stream, self._max_bytes)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _LimitedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, max_bytes: int) -> None:
        self._inner = inner
        self._left = max_bytes

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _troubles() -> tuple[type[Exception], ...]:
    """Everything that the library lets through: its transports run in task groups, which wrap what they raise."""
    import anyio
    from mcp.shared.exceptions import McpError

    closed = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
    return (McpError, OSError, ValueError, RuntimeError, ConnectorError, httpx.HTTPError, ExceptionGroup, *closed)


def _named(error: BaseException) -> str:
    """The innermost error's name: its words may hold an address with a secret, or the server's own text."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseException", error.exceptions[0])
    return type(error).__name__
