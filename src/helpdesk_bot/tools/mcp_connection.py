"""How an MCP server is reached: at a `url`, or started as a `command`."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httpx

from connectors.errors import ConnectorError
from connectors.http.bounds import Bounds
from connectors.http.transport import GuardedTransport
from helpdesk_bot.tools.mcp_listing import McpToolPlan

if TYPE_CHECKING:
    from langchain_mcp_adapters.sessions import Connection
    from mcp import ClientSession


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


@asynccontextmanager
async def connected(plan: McpServerPlan) -> AsyncGenerator["ClientSession"]:
    """A session, open and greeted. Raises `troubles()`."""
    await asyncio.to_thread(importlib.import_module, "langchain_mcp_adapters.sessions")
    from langchain_mcp_adapters.sessions import create_session

    async with create_session(_connection(plan)) as session:
        await session.initialize()
        yield session


def _connection(plan: McpServerPlan) -> "Connection":
    if plan.command:
        command, *args = plan.command
        return {"transport": "stdio", "command": command, "args": args, "env": dict(plan.env)}

    def client(
        headers: dict[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        auth: httpx.Auth | None = None,
    ) -> httpx.AsyncClient:
        """Goes to the server's own host and to no other."""
        bounds = Bounds(plan.url, is_in_private_network=plan.is_private)
        transport = _Limited(GuardedTransport(bounds), max_bytes=plan.max_bytes)
        return httpx.AsyncClient(transport=transport, headers=headers, timeout=timeout, auth=auth, trust_env=False)

    return {
        "transport": "streamable_http",
        "url": plan.url,
        "headers": dict(plan.headers),
        "timeout": plan.timeout_s,
        "sse_read_timeout": plan.timeout_s,
        "httpx_client_factory": client,
    }


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


def troubles() -> tuple[type[Exception], ...]:
    """Everything that the library lets through: its transports run in task groups, which wrap what they raise."""
    import anyio
    from mcp.shared.exceptions import McpError

    closed = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
    return (McpError, OSError, ValueError, RuntimeError, ConnectorError, httpx.HTTPError, ExceptionGroup, *closed)


def named(error: BaseException) -> str:
    """The innermost error's name: its words may hold an address with a secret, or the server's own text."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseException", error.exceptions[0])
    return type(error).__name__
