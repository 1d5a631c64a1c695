"""One MCP server: a session for each thing that is wanted of it, so that nothing is left open or out of date."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from helpdesk_bot.tools.errors import ToolFailed
from helpdesk_bot.tools.mcp_connection import McpServerPlan, connected, named, troubles
from helpdesk_bot.tools.mcp_listing import Listed

if TYPE_CHECKING:
    from mcp import ClientSession

FRESH_S = 300.0
"""How long a listing counts; one that failed, a tenth of it."""
MAX_TOOLS = 200
MAX_PAGES = 10


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
        try:
            async with asyncio.timeout(self.plan.timeout_s), connected(self.plan) as session:
                yield session
        except TimeoutError as error:
            raise ToolFailed(self.plan.name, "no answer in time") from error
        except troubles() as error:
            raise ToolFailed(self.plan.name, f"no session ({named(error)})") from error


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
