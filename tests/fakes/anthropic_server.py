"""Anthropic's Messages API on loopback: strict about what it is asked, and it answers what a test tells it to.

async with AnthropicServer() as server:
    server.answer = [*BEGUN, text("Yes."), *ended("end_turn")]     # the events of a stream
    server.answer = (529, refusal("overloaded_error"))               # or a status and a body
"""

import json
from collections.abc import Sequence
from typing import Any, Self

from aiohttp import web

from tests.fakes.loopback import Loopback

Json = dict[str, Any]
_NEEDED = {"model", "messages", "max_tokens"}
_KNOWN = _NEEDED | {"system", "stream", "tools", "tool_choice", "output_config", "temperature", "stop_sequences"}


def event(kind: str, **told: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | told)}\n\n".encode()


def message(content: list[Json], *, stop_reason: str | None = "end_turn", usage: Json | None = None) -> Json:
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test-20260101"}
    counted = usage or {"input_tokens": 7, "output_tokens": 3}
    return {**about, "content": content, "stop_reason": stop_reason, "stop_sequence": None, "usage": counted}


BEGUN = (
    event("message_start", message=message([], stop_reason=None, usage={"input_tokens": 7, "output_tokens": 1})),
    event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    event("ping"),
)


def text(words: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": words})


def ended(stop_reason: str, *, usage: Json | None = None) -> tuple[bytes, ...]:
    counted = usage or {"input_tokens": 7, "output_tokens": 3}
    return (
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": stop_reason, "stop_sequence": None}, usage=counted),
        event("message_stop"),
    )


def refusal(kind: str, words: str = "no") -> Json:
    return {"type": "error", "error": {"type": kind, "message": words}}


class AnthropicServer:
    def __init__(self) -> None:
        self.answer: Sequence[bytes] | tuple[int, Json] = (200, message([{"type": "text", "text": "Yes."}]))
        self.requests: list[Json] = []
        self.violations: list[str] = []
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/messages", self._respond)
        self._server = Loopback(app, handler_cancellation=True)
        self.base_url = await self._server.open()
        return self

    async def __aexit__(self, kind: object, *rest: object) -> None:
        await self._server.close()
        if kind is None:
            assert not self.violations, self.violations

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        if not _NEEDED <= body.keys() <= _KNOWN:
            self.violations.append(f"asked with {sorted(body)}")
        if not request.headers.get("x-api-key") and not request.headers.get("authorization"):
            self.violations.append("no key")
        if isinstance(self.answer[0], int):
            return web.json_response(self.answer[1], status=self.answer[0])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in self.answer:
            assert isinstance(part, bytes)
            await response.write(part)
        return response
