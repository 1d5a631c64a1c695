"""Any tool behind the checks that hold for all: arguments that fit, an end in time, one log line and count a call."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from helpdesk_bot.telemetry import TOOL_CALLS
from helpdesk_bot.tools.arguments import fitted, without_fixed
from helpdesk_bot.tools.errors import BadArguments, ToolError, ToolFailed, ToolUnclear
from helpdesk_bot.tools.tool import Tool, ToolResult, ToolSpec

log = structlog.get_logger()


class CheckedTool:
    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    @property
    def spec(self) -> ToolSpec:
        return self._tool.spec

    async def call(self, arguments: Mapping[str, Any], *, timeout_s: float, key: str = "") -> ToolResult:
        began = time.monotonic()
        outcome, reason = "cancelled", ""
        try:
            result = await self._call(arguments, timeout_s, key)
            outcome = "done"
        except ToolError as error:
            outcome, reason = _OUTCOMES[type(error)], error.reason
            raise
        else:
            return result
        finally:
            name, took_s = self.spec.name, round(time.monotonic() - began, 3)
            TOOL_CALLS.labels(tool=name, outcome=outcome).inc()
            log.info(
                "tool called",
                action="tool.call",
                tool=name,
                changes=self.spec.changes,
                outcome=outcome,
                reason=reason,
                took_s=took_s,
            )

    async def _call(self, arguments: Mapping[str, Any], timeout_s: float, key: str) -> ToolResult:
        spec = self.spec
        arguments = without_fixed(spec, arguments)
        sent = fitted(spec.name, spec.parameters, arguments)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._tool.call(sent, timeout_s=timeout_s, key=key)
        except TimeoutError as error:
            lost = ToolUnclear if spec.changes else ToolFailed
            raise lost(spec.name, "no answer in time") from error


_OUTCOMES: Mapping[type[ToolError], str] = {
    BadArguments: "refused",
    ToolFailed: "failed",
    ToolUnclear: "unclear",
    ToolError: "failed",
}
