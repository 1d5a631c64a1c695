"""A tool that is one request to one host, both fixed by an admin; only values at their places come from outside."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.errors import ConnectorError, NotReached, OutOfBounds
from connectors.http import Download, Visit
from helpdesk_bot.tools.errors import ToolFailed, ToolUnclear
from helpdesk_bot.tools.replies import worded
from helpdesk_bot.tools.templates import filled_body, filled_path, filled_query
from helpdesk_bot.tools.tool import ToolResult, ToolSpec

DONE = "Done."
REMOVED = "(removed)"


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """What is asked, with `{placeholders}` for arguments. Who is asked is the visit's."""

    method: str = "GET"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    """A JSON value; None for no body."""
    reply: str = ""
    """What is said of the answer, with `{fields}` of it; empty for all of it."""
    link: str | None = None
    key_header: str = "Idempotency-Key"
    """In which a change is named, so that a repeated one has no second effect."""


class HttpTool:
    """Arguments that came through `CheckedTool` fit the schema; where they stand is checked here."""

    def __init__(self, spec: ToolSpec, request: HttpRequest, visit: Visit, *, secrets: Collection[str] = ()) -> None:
        """`secrets` are what the visit's headers hold: an answer that repeats one loses it."""
        self._spec = spec
        self._request = request
        self._visit = visit
        self._secrets = tuple(secret for secret in secrets if secret)

    @property
    def spec(self) -> ToolSpec:
        return self._spec

    async def call(self, arguments: Mapping[str, Any], *, timeout_s: float, key: str = "") -> ToolResult:  # noqa: ARG002 - the port's signature; the visit has its own time
        name, request = self._spec.name, self._request
        path, query = filled_path(name, request.path, arguments), filled_query(name, request.query, arguments)
        body = filled_body(request.body, arguments)
        headers = {request.key_header: key} if key and self._spec.changes else {}
        try:
            answer = await self._visit.send_once(request.method, path, params=query, json=body, headers=headers)
        except OutOfBounds as error:
            raise ToolFailed(name, _why_not(error)) from error
        except NotReached as error:
            raise ToolFailed(name, error.reason) from error
        except ConnectorError as error:
            raise self._lost("no whole answer") from error
        return self._read(answer)

    async def reach(self) -> str:
        """Why its host can't be reached; empty where it answers anything at all."""
        try:
            await self._visit.send_once("HEAD", "")
        except OutOfBounds as error:
            return _why_not(error)
        except ConnectorError as error:
            return getattr(error, "reason", type(error).__name__)
        return ""

    def _read(self, answer: Download) -> ToolResult:
        status = answer.status
        if status >= 500 or status == 408:
            raise self._lost(f"HTTP {status}")
        if not 200 <= status < 300:
            raise ToolFailed(self._spec.name, _REFUSALS.get(status, f"HTTP {status}"))
        text = worded(self._request.reply, self._decoded(answer.content)) or DONE
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        return ToolResult(text=text, at=datetime.now(UTC), link=self._request.link)

    def _decoded(self, content: bytes) -> object:
        """What a change answers matters less than that it was made; a lookup that answers no JSON says nothing."""
        try:
            return json.loads(content) if content.strip() else {}
        except (ValueError, RecursionError) as error:
            if self._spec.changes:
                return {}
            raise ToolFailed(self._spec.name, "its answer is not JSON") from error

    def _lost(self, reason: str) -> ToolFailed | ToolUnclear:
        return (ToolUnclear if self._spec.changes else ToolFailed)(self._spec.name, reason)


_REFUSALS = {
    401: "it refuses the credentials (HTTP 401)",
    403: "it refuses the credentials (HTTP 403)",
    404: "there is no such thing (HTTP 404)",
    429: "it asks to wait (HTTP 429)",
} | {status: f"it answers with a redirect (HTTP {status})" for status in (301, 302, 303, 307, 308)}


def _why_not(error: OutOfBounds) -> str:
    return f"not sent: {error.reason}"
