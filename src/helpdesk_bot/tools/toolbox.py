"""All tools by name, and which of them can be offered now."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from helpdesk_bot.tools.checked import CheckedTool
from helpdesk_bot.tools.http_tool import HttpTool
from helpdesk_bot.tools.mcp_entry import own_name
from helpdesk_bot.tools.mcp_listing import McpToolPlan, Unusable, bare_spec
from helpdesk_bot.tools.mcp_server import McpServer
from helpdesk_bot.tools.mcp_tool import McpTool
from helpdesk_bot.tools.tool import Tool, ToolSpec

_REMOTE = re.compile(r"[A-Za-z][\w-]{0,39}", re.ASCII)
"""Names on a server that the file can hold."""
LOOK_EVERY_S = 30.0
"""A listing that is fresh is not asked for again: `mcp_server.FRESH_S`."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether one tool is offered."""

    spec: ToolSpec
    trouble: str = ""
    """Why it is not, and what an admin can do."""
    says: str = ""
    """What a server says of it, as JSON, for an admin to read and agree to."""


class Toolbox(Mapping[str, Tool]):
    """Holds a tool that is not offered too: what a person agreed to is looked for here, and its call says no."""

    def __init__(self, tools: Sequence[HttpTool | McpTool] = (), *, servers: Sequence[McpServer] = ()) -> None:
        self._kinds = {tool.spec.name: tool for tool in tools}
        self._has_servers = any(isinstance(tool, McpTool) for tool in tools)
        self._servers = servers
        self._looked = False
        self._checked = {name: CheckedTool(tool) for name, tool in self._kinds.items()}

    def __getitem__(self, name: str) -> Tool:
        return self._checked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checked)

    def __len__(self) -> int:
        return len(self._checked)

    async def look(self) -> list[Standing]:
        """Of every tool, in the order of the file. Servers are asked what they offer, unless they were a moment ago."""
        await asyncio.gather(*(tool.look() for tool in self._kinds.values() if isinstance(tool, McpTool)))
        self._looked = True
        return [_standing(tool) for tool in self._kinds.values()]

    async def survey(self) -> list[Standing]:
        """The same, and what servers have that the file doesn't name: for an admin who sets it up."""
        standings = await self.look()
        await asyncio.gather(*(server.look() for server in self._servers))
        return [*standings, *(one for server in self._servers for one in _unnamed(server))]

    async def reach(self) -> list[Standing]:
        """The same, after every host of an HTTP tool was asked for a sign of life."""
        standings = await self.look()
        http = [tool for tool in self._kinds.values() if isinstance(tool, HttpTool)]
        reached = await asyncio.gather(*(tool.reach() for tool in http))
        troubles = {tool.spec.name: trouble for tool, trouble in zip(http, reached, strict=True)}
        return [replace(one, trouble=one.trouble or troubles.get(one.spec.name, "")) for one in standings]

    async def offered(self) -> list[ToolSpec]:
        """As the last look found them; before the first one has ended, it is waited for."""
        if self._has_servers and not self._looked:
            await self.look()
        return [one.spec for one in map(_standing, self._kinds.values()) if not one.trouble]

    async def keep_looking(self, *, every_s: float = LOOK_EVERY_S) -> None:
        """For ever, so that no question waits for a server; returns at once where there is none."""
        while self._has_servers:
            await self.look()
            await asyncio.sleep(every_s)


def _standing(tool: HttpTool | McpTool) -> Standing:
    if isinstance(tool, HttpTool):
        return Standing(spec=tool.spec)
    try:
        return Standing(spec=tool.usable_spec(), says=tool.says)
    except Unusable as error:
        return Standing(spec=tool.spec, trouble=error.reason, says=tool.says)


def _unnamed(server: McpServer) -> Iterator[Standing]:
    """Foreign names that the file could not hold are left out."""
    plan = server.plan
    if server.trouble and not plan.tools:
        nothing = McpToolPlan(name=plan.name, remote="", title="A server without tools in TOOLS_FILE")
        yield Standing(spec=bare_spec(nothing), trouble=f"it can't be asked: {server.trouble}")
    for listed in server.listed.values():
        if listed.name in {tool.remote for tool in plan.tools} or not _REMOTE.fullmatch(listed.name):
            continue
        one = McpToolPlan(name=own_name(plan.name, listed.name), remote=listed.name, title=listed.name)
        trouble = f"TOOLS_FILE doesn't name it: read this, then name {listed.name} under tools, with pin: {listed.pin}"
        yield Standing(spec=bare_spec(one), trouble=trouble, says=listed.shown)
