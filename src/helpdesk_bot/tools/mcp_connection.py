"""How an MCP server is reached: at a `url`, or started as a `command`."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httpx

from connectors.errors import ConnectorError
from connectors.http import WayOut, trouble_of
from connectors.http.bounds import Bounds
from connectors.http.transport import GuardedTransport
from helpdesk_bot.tools.mcp_listing import McpToolPlan
from helpdesk_bot.tools.mcp_process import started

if TYPE_CHECKING:
    from langchain_mcp_adapters.sessions import Connection
    from mcp import ClientSession


LAST_EVENT_ID = "last-event-id"
"""Sent where the answer to a request is taken up again."""


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


Breakage = Callable[[str], None]
"""Told why, when an answer broke off: the library lets whoever waits for it wait on."""


@asynccontextmanager
async def connected(plan: McpServerPlan, way_out: WayOut, on_break: Breakage) -> AsyncGenerator["ClientSession"]:
    """A session, open and greeted. Raises `troubles()`."""
    await asyncio.to_thread(importlib.import_module, "langchain_mcp_adapters.sessions")
    from langchain_mcp_adapters.sessions import create_session

    opening = (
        started(plan.command, env=plan.env, max_bytes=plan.max_bytes, on_break=on_break)
        if plan.command
        else create_session(_connection(plan, way_out, on_break))
    )
    async with opening as session:
        await session.initialize()
        yield session


def _connection(plan: McpServerPlan, way_out: WayOut, on_break: Breakage) -> "Connection":
    def client(
        headers: dict[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        auth: httpx.Auth | None = None,
    ) -> httpx.AsyncClient:
        """Goes to the server's own host and to no other."""
        bounds = Bounds(plan.url, is_in_private_network=plan.is_private)
        transport = _Answers(GuardedTransport(bounds, way_out=way_out), max_bytes=plan.max_bytes, on_break=on_break)
        return httpx.AsyncClient(transport=transport, headers=headers, timeout=timeout, auth=auth, trust_env=False)

    return {
        "transport": "streamable_http",
        "url": plan.url,
        "headers": dict(plan.headers),
        "timeout": plan.timeout_s,
        "sse_read_timeout": plan.timeout_s,
        "httpx_client_factory": client,
    }


class _Answers(httpx.AsyncBaseTransport):
    """Reads answers, each no longer than its owner wants, and nothing that a server says of its own accord."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, max_bytes: int, on_break: Breakage) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._on_break = on_break

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and LAST_EVENT_ID not in request.headers:
            return httpx.Response(httpx.codes.METHOD_NOT_ALLOWED, request=request)  # as a server without such a stream
        response = await self._inner.handle_async_request(request)
        if request.method == "POST":
            stream = cast("httpx.AsyncByteStream", response.stream)
            response.stream = _Answer(stream, max_bytes=self._max_bytes, on_break=self._on_break)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Answer(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, *, max_bytes: int, on_break: Breakage) -> None:
        self._inner = inner
        self._left = max_bytes
        self._on_break = on_break

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        try:
            async for chunk in self._inner:
                self._left -= len(chunk)
                if self._left < 0:
                    raise httpx.ReadError("the answer is too large")
                yield chunk
        except httpx.HTTPError as error:
            self._on_break("the answer is too large" if self._left < 0 else named(error))
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()


def troubles() -> tuple[type[Exception], ...]:
    """Everything that the library lets through: its transports run in task groups, which wrap what they raise."""
    import anyio
    from mcp.shared.exceptions import McpError

    closed = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream)
    return (McpError, OSError, ValueError, RuntimeError, ConnectorError, httpx.HTTPError, ExceptionGroup, *closed)


def named(error: BaseException) -> str:
    """The innermost error in our words: its own may hold an address with a secret, or the server's text."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseException", error.exceptions[0])
    return trouble_of(error)
