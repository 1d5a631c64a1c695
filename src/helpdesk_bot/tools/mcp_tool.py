"""A tool of an MCP server: called only while it says what an admin has agreed to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpdesk_bot.tools.arguments import Plain, fitted
from helpdesk_bot.tools.errors import ToolFailed, ToolUnclear
from helpdesk_bot.tools.mcp_listing import McpToolPlan, Unusable, agreed_spec, bare_spec
from helpdesk_bot.tools.mcp_server import McpServer
from helpdesk_bot.tools.mcp_session import Listing
from helpdesk_bot.tools.replies import MAX_CHARACTERS
from helpdesk_bot.tools.tool import ToolResult, ToolSpec

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp.types import CallToolResult

DONE = "Done."
REMOVED = "(removed)"


class McpTool:
    def __init__(self, plan: McpToolPlan, server: McpServer) -> None:
        self._plan = plan
        self._server = server

    @property
    def spec(self) -> ToolSpec:
        """As agreed to; without parameters where the server was not asked, or says something else."""
        try:
            return self.usable_spec()
        except Unusable:
            return bare_spec(self._plan)

    def usable_spec(self) -> ToolSpec:
        """Raises `Unusable`."""
        if self._server.trouble:
            raise Unusable(f"its server can't be asked: {self._server.trouble}")
        return agreed_spec(self._plan, self._server.listed.get(self._plan.remote))

    @property
    def says(self) -> str:
        """What its server says of it, with everything invisible spelt out; empty where it says nothing."""
        listed = self._server.listed.get(self._plan.remote)
        return listed.shown if listed else ""

    async def look(self) -> None:
        await self._server.look()

    async def call(self, arguments: Mapping[str, Any], *, timeout_s: float, key: str = "") -> ToolResult:  # noqa: ARG002 - the port's signature; MCP knows no keys
        """In one session: is it still what was agreed to, do the arguments fit, then the call."""
        has_begun = False

        async def work(session: "ClientSession", listing: Listing) -> "CallToolResult":
            nonlocal has_begun
            sent = self._sent(listing, arguments)
            has_begun = True
            return await session.call_tool(self._plan.remote, {**sent, **self._plan.sent})

        try:
            result = await self._server.do(work, timeout_s=timeout_s)
        except ToolFailed as error:
            raise (self._lost if has_begun else self._failed)(error.reason) from error
        return self._read(result)

    def _sent(self, listing: Listing, arguments: Mapping[str, Any]) -> Mapping[str, Plain]:
        """Raises `ToolFailed` or `BadArguments` where nothing is to be sent."""
        try:
            spec = agreed_spec(self._plan, listing.get(self._plan.remote))
        except Unusable as error:
            raise self._failed(error.reason) from error
        return fitted(self._plan.name, spec.parameters, arguments)

    def _read(self, result: "CallToolResult") -> ToolResult:
        if result.isError:
            raise self._lost("it answers with an error")
        return ToolResult(text=self._text(result), at=datetime.now(UTC), link=self._plan.link)

    def _text(self, result: "CallToolResult") -> str:
        texts = [part.text for part in result.content if part.type == "text"]
        text = "\n".join(texts).translate({ord("["): "(", ord("]"): ")"}).strip()
        for secret in self._server.plan.secrets:
            text = text.replace(secret, REMOVED)
        return text[:MAX_CHARACTERS] or DONE

    def _failed(self, reason: str) -> ToolFailed:
        return ToolFailed(self._plan.name, reason)

    def _lost(self, reason: str) -> ToolFailed | ToolUnclear:
        return (ToolUnclear if self._plan.changes else ToolFailed)(self._plan.name, reason)
