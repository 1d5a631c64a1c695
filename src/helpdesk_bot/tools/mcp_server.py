"""One MCP server: what it offers, and calls in sessions that are kept for the next one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from connectors.http import DIRECT, WayOut
from helpdesk_bot.tools.errors import ToolFailed
from helpdesk_bot.tools.mcp_connection import McpServerPlan, connected
from helpdesk_bot.tools.mcp_kept import KeptSessions
from helpdesk_bot.tools.mcp_listing import Listed
from helpdesk_bot.tools.mcp_session import IDLE_S, Listing, SessionEnded, Work

if TYPE_CHECKING:
    from mcp import ClientSession

T = TypeVar("T")
FRESH_S = 300.0
"""How long a listing counts; one that failed, a tenth of it."""


class McpServer:
    """To be closed: its sessions stay open."""

    def __init__(
        self,
        plan: McpServerPlan,
        *,
        way_out: WayOut = DIRECT,
        idle_s: float = IDLE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.listed: Mapping[str, Listed] = {}
        """By their names there; empty before the first look, and where it failed."""
        self.trouble = "not asked yet"
        self._sessions = KeptSessions(partial(connected, plan, way_out), idle_s=idle_s)
        self._now = monotonic
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def look(self) -> None:
        """At what it offers, unless that was looked at a moment ago. Never raises on the server's account."""
        async with self._lock:
            if self._now() < self._until:
                return
            try:
                self.listed, self.trouble = await self.do(_listing, timeout_s=self.plan.timeout_s), ""
            except ToolFailed as error:
                self.listed, self.trouble = {}, error.reason
            self._until = self._now() + (FRESH_S if not self.trouble else FRESH_S / 10)

    async def do(self, work: Work[T], *, timeout_s: float) -> T:
        """In a session of its own for so long. `work` is begun once at most, with what the server has just offered.

        Raises `ToolFailed` for whatever goes wrong with the session, and `ToolError` as `work` does.
        """
        try:
            async with asyncio.timeout(min(timeout_s, self.plan.timeout_s)):
                return await self._sessions.do(work)
        except TimeoutError as error:
            raise ToolFailed(self.plan.name, "no answer in time") from error
        except SessionEnded as error:
            raise ToolFailed(self.plan.name, f"no session ({error.reason})") from error

    async def aclose(self) -> None:
        await self._sessions.aclose()


async def _listing(_session: "ClientSession", listing: Listing) -> Listing:
    return listing
