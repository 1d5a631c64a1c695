"""A tool of an MCP server: called only while it says what an admin has agreed to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpdesk_bot.tools.arguments import Plain, fitted
from helpdesk_bot.tools.errors import BadArguments, ToolError, ToolFailed, ToolUnclear
from helpdesk_bot.tools.mcp_listing import McpToolPlan, Unusable, agreed_spec, bare_spec
from helpdesk_bot.tools.mcp_server import McpServer, list_tools
from helpdesk_bot.tools.replies import MAX_CHARACTERS
from helpdesk_bot.tools.tool import ToolResult, ToolSpec

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp.types import CallToolResult

DONE = "Done."
REMOVED = "(removed)"


@dataclass(kw_only=True)
class _Sending:
    """How far a call got."""

    has_begun: bool = False
    result: "CallToolResult | None" = None


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
        return json.dumps({"description": listed.description, "schema": listed.schema}, indent=2) if listed else ""

    async def look(self) -> None:
        await self._server.look()

    async def call(self, arguments: Mapping[str, Any], *, timeout_s: float, key: str = "") -> ToolResult:  # noqa: ARG002 - the port's signature; MCP knows no keys, and a session has its own time
        """In one session: is it still what was agreed to, do the arguments fit, then the call."""
        sending = _Sending()
        try:
            async with self._server.session() as session:
                sent = await self._sent(session, arguments)
                if not isinstance(sent, ToolError):
                    sending.has_begun = True
                    sending.result = await session.call_tool(self._plan.remote, {**sent, **self._plan.sent})
        except ToolFailed as error:
            if sending.result is None:
                raise (self._lost if sending.has_begun else self._failed)(error.reason) from error
            sent = {}  # it answered, and parting went wrong
        if isinstance(sent, ToolError):
            raise sent
        return self._read(sending.result)

    async def _sent(self, session: "ClientSession", arguments: Mapping[str, Any]) -> Mapping[str, Plain] | ToolError:
        """What is sent, or why nothing is: not raised, since the library's task groups would wrap it."""
        listed = await list_tools(session)
        try:
            spec = agreed_spec(self._plan, listed.get(self._plan.remote))
            return fitted(self._plan.name, spec.parameters, arguments)
        except Unusable as error:
            return self._failed(error.reason)
        except BadArguments as error:
            return error

    def _read(self, result: "CallToolResult | None") -> ToolResult:
        if result is None or result.isError:
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
