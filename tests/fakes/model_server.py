"""A chat model on loopback: strict, OpenAI-compatible, scripted, and able to fail in every way one does.

    async with ModelServer() as server:
        server.reply("Use GlobalProtect. [1]", when=lambda asked: "VPN" in asked.user)
        server.fail(Failure.RATE_LIMITED)                  # what nothing else matches
        model = open_chat_model("openai:test-model", base_url=server.base_url, ...)
        server.requests[0].user                            # what it was asked

`server.obey()` makes it the attacker's model: it does whatever the passages tell it to.
What a client must not send (an unknown parameter, a wrong role, no key) is refused and kept in `violations`: leaving
the context with one there fails the test.
"""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Self

from aiohttp import web

from tests.fakes.loopback import Loopback

Json = dict[str, Any]

_PARAMETERS = """
model messages max_tokens max_completion_tokens temperature top_p n stream stream_options stop user seed tools
tool_choice response_format logprobs presence_penalty frequency_penalty reasoning_effort
"""
PARAMETERS = frozenset(_PARAMETERS.split())
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
HUGE = 1_000_000
_RUNS = itertools.count(1)
"""In the address of each: langchain keeps a client an address, and a later server may get an earlier one's port."""


class Failure(Enum):
    SERVER_ERROR = auto()
    RATE_LIMITED = auto()
    """429 that asks for 30 seconds."""
    UNAUTHORIZED = auto()
    TOO_LONG = auto()
    """400: the context length is exceeded."""
    HANG = auto()
    """Accepts and never answers."""
    DRIP = auto()
    """Headers at once, then a byte now and then, without end."""
    RESET = auto()
    """Closes the connection instead of answering."""
    CUT = auto()
    """Closes it in the middle of the answer."""
    MALFORMED = auto()
    """200 with something that isn't JSON."""
    NO_CHOICES = auto()
    EMPTY = auto()
    """An answer with no text."""
    HUGE = auto()
    """An answer of a megabyte."""
    WRONG_TOOL = auto()
    """No answer: it calls a tool that nobody offered, each time it is asked."""
    BAD_ARGUMENTS = auto()
    """The same, with arguments that are no JSON."""
    STALL = auto()
    """Begins an answer and says no more."""
    SLOW = auto()
    """A word every half second, without end."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    model: str
    system: str
    user: str
    stream: bool
    key: str
    """The bearer token."""
    body: Json

    @property
    def offered(self) -> list[str]:
        """Names of the tools it may call."""
        return [one["function"]["name"] for one in self.body.get("tools", [])]

    @property
    def passages(self) -> list[str]:
        """What stands under each line of the fence; empty where there is none."""
        fence = re.search(r"begin with (-----\w+)", self.system)
        return self.user.split(fence[1])[1:-1] if fence else []


@dataclass(frozen=True)
class Calls:
    """An answer that is calls of tools, side by side: names, and arguments as JSON or as a text that may be none."""

    calls: tuple[tuple[str, Json | str], ...]

    def message(self) -> Json:
        calls = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for number, (name, given) in enumerate(self.calls, start=1)
        ]
        return {"role": "assistant", "content": None, "tool_calls": calls}


def calling(name: str, arguments: Json | str) -> Calls:
    return Calls(((name, arguments),))


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer that ends otherwise, or is counted otherwise."""

    text: str
    finish: str = "stop"
    usage: Json | None = None
    """In place of what was used."""
    is_counted: bool = True
    """Whether a stream says at its end what was used, where it is asked to."""
    is_counted_in_every_chunk: bool = False
    """A stream says with each chunk what was used so far, as some servers do."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """No answer, in a provider's own words."""

    status: int
    error: Any
    headers: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Raw:
    """An answer byte for byte, each part sent by itself."""

    parts: tuple[bytes, ...]
    media_type: str = "text/event-stream"
    is_cut: bool = False
    """The connection breaks behind the last part."""
    hangs: bool = False
    """Nothing comes behind the last part."""


Answer = str | Failure | Calls | Told | Refused | Raw | Callable[[Asked], "str | Calls | Told | Refused | Raw"]


class ModelServer:
    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.violations: list[str] = []
        self.word_s = 0.0
        """Between the words of a streamed answer."""
        self._script: list[tuple[Callable[[Asked], bool], Answer]] = []
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        run = next(_RUNS)
        app.router.add_post(f"/{run}/v1/chat/completions", self._complete)
        self._server = Loopback(app, handler_cancellation=True)
        self.base_url = f"{await self._server.open()}/{run}/v1"
        return self

    async def __aexit__(self, kind: object, *rest: object) -> None:
        await self._server.close()
        if kind is None:
            assert not self.violations, self.violations

    def reply(self, answer: Answer, *, when: Callable[[Asked], bool] = lambda _: True) -> None:
        """Answer so what `when` matches; the first that matches counts."""
        self._script.append((when, answer))

    def fail(self, failure: Failure, *, when: Callable[[Asked], bool] = lambda _: True) -> None:
        self.reply(failure, when=when)

    def obey(self) -> None:
        self.reply(obeyed)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: Json = await request.json()
        problem = self._problem(request, body)
        if problem:
            self.violations.append(problem)
            return _error(400, problem)
        asked = _asked(request, body)
        self.requests.append(asked)
        answer = next((answer for when, answer in self._script if when(asked)), None)
        if answer is None:
            self.violations.append(f"nothing is scripted for: {asked.user[:200]}")
            return _error(500, "nothing is scripted")
        if isinstance(answer, Failure):
            return await _failed(answer, request, asked)
        text = answer(asked) if callable(answer) else answer
        if isinstance(text, Refused):
            return web.json_response({"error": text.error}, status=text.status, headers=text.headers)
        if isinstance(text, Raw):
            return await _raw(request, text)
        if isinstance(text, Calls):
            choice = {"index": 0, "message": text.message(), "finish_reason": "tool_calls"}
            return web.json_response(_completion(asked, "") | {"choices": [choice]})
        told = Told(text=text) if isinstance(text, str) else text
        if not asked.stream:
            return web.json_response(_told(asked, told))
        return await _streamed(request, asked, told, self.word_s)

    def _problem(self, request: web.Request, body: Json) -> str:
        if not re.fullmatch(r"Bearer \S+", request.headers.get("Authorization", "")):
            return "no bearer token"
        if unknown := body.keys() - PARAMETERS:
            return f"unknown parameters {sorted(unknown)}"
        if not body.get("model") or not body.get("messages"):
            return "no model or no messages"
        if any(one["role"] not in ROLES or not isinstance(one["content"], str) for one in body["messages"]):
            return "a message without a known role and a text"
        return ""


def obeyed(asked: Asked) -> str:
    """What a model without a mind of its own writes: everything that its passages ask for, and a quotation."""
    told = "\n".join(asked.passages)
    parts = [_quotation(asked)]
    parts += [
        f"Details: [click here](https://{place}?leak=secret). [1]" for place in re.findall(r"link to (\S+[^\s.])", told)
    ]
    parts += [
        f"![status](https://{place}/pixel.png?leak=secret) [1]" for place in re.findall(r"image from (\S+[^\s.])", told)
    ]
    parts += [f"<!{word}> <@U{word.upper()}1> @{word} please read. [1]" for word in re.findall(r"call out (\w+)", told)]
    parts += [f'<a href="https://{place}">{place}</a> [1]' for place in re.findall(r"anchor to (\S+[^\s.])", told)]
    parts += [f"{said} [1]" for said in re.findall(r"repeat: (.+)", told)]
    return "\n\n".join(parts)


def _quotation(asked: Asked) -> str:
    lines = [line for passage in asked.passages[:1] for line in passage.split("\n")[1:] if line.strip()]
    return f"{lines[0]} [1]" if lines else asked.user


def _asked(request: web.Request, body: Json) -> Asked:
    def said(*roles: str) -> str:
        return "\n".join(one["content"] for one in body["messages"] if one["role"] in roles)

    return Asked(
        model=body["model"],
        system=said("system", "developer"),
        user=said("user"),
        stream=bool(body.get("stream")),
        key=request.headers["Authorization"].removeprefix("Bearer "),
        body=body,
    )


def _usage(asked: Asked, text: str) -> Json:
    prompt, completion = len(f"{asked.system} {asked.user}".split()), len(text.split())
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _completion(asked: Asked, text: str) -> Json:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": f"{asked.model}-2026-01-01",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _usage(asked, text),
    }


def _told(asked: Asked, told: Told) -> Json:
    choice = {"index": 0, "message": {"role": "assistant", "content": told.text}, "finish_reason": told.finish}
    return _completion(asked, told.text) | {"choices": [choice]} | ({"usage": told.usage} if told.usage else {})


async def _streamed(request: web.Request, asked: Asked, told: Told, word_s: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for event in _events(asked, told):
        await response.write(f"data: {event}\n\n".encode())
        await asyncio.sleep(word_s)
    await response.write_eof()
    return response


async def _events(asked: Asked, told: Told) -> AsyncIterator[str]:
    def chunk(delta: Json, *, finish: str | None = None, **more: object) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_750_000_000}
        return json.dumps({**whole, "model": f"{asked.model}-2026-01-01", "choices": choices, **more})

    yield chunk({"role": "assistant", "content": ""})
    said = ""
    for word in re.findall(r"\S+\s*", told.text):
        said += word
        yield chunk({"content": word}, **({"usage": _usage(asked, said)} if told.is_counted_in_every_chunk else {}))
    yield chunk({}, finish=told.finish)
    is_asked_to_count = (asked.body.get("stream_options") or {}).get("include_usage")
    if (is_asked_to_count and told.is_counted) or told.usage:
        yield chunk({}, choices=[], usage=told.usage or _usage(asked, told.text))
    yield "[DONE]"


async def _raw(request: web.Request, raw: Raw) -> web.StreamResponse:
    assert request.transport is not None
    response = web.StreamResponse(headers={"Content-Type": raw.media_type})
    await response.prepare(request)
    for part in raw.parts:
        await response.write(part)
        await asyncio.sleep(0.01)
    if raw.hangs:
        await asyncio.Event().wait()
    if raw.is_cut:
        request.transport.abort()
    return response


def chunk_of(delta: Json, *, finish: str | None = None, **more: object) -> bytes:
    """A part of a streamed answer, as its event."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_750_000_000, "model": "test-model"}
    return f"data: {json.dumps({**whole, 'choices': choices, **more}, ensure_ascii=False)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def _error(status: int, message: str, *, headers: dict[str, str] | None = None) -> web.Response:
    error = {"message": message, "type": "invalid_request_error" if status < 500 else "server_error", "code": None}
    return web.json_response({"error": error}, status=status, headers=headers)


async def _failed(failure: Failure, request: web.Request, asked: Asked) -> web.StreamResponse:
    if asked.stream and failure in {Failure.EMPTY, Failure.HUGE, Failure.STALL, Failure.SLOW}:
        return await _streamed_badly(failure, request, asked)
    match failure:
        case Failure.SERVER_ERROR:
            return _error(500, "the server had an error")
        case Failure.RATE_LIMITED:
            return _error(429, "slow down", headers={"Retry-After": "30"})
        case Failure.UNAUTHORIZED:
            return _error(401, "incorrect API key provided")
        case Failure.TOO_LONG:
            return _error(400, "this model's maximum context length is 8192 tokens")
        case Failure.MALFORMED:
            return web.Response(text="<html>Bad gateway</html>", content_type="application/json")
        case Failure.NO_CHOICES:
            return web.json_response(_completion(asked, "") | {"choices": []})
        case Failure.EMPTY:
            return web.json_response(_completion(asked, ""))
        case Failure.HUGE:
            return web.json_response(_completion(asked, "word " * (HUGE // 5)))
        case Failure.HANG | Failure.STALL | Failure.SLOW:
            await asyncio.Event().wait()
        case Failure.WRONG_TOOL:
            return web.json_response(_tool_call(asked, '{"channel": "C1"}'))
        case Failure.BAD_ARGUMENTS:
            return web.json_response(_tool_call(asked, '{"channel": '))
        case Failure.RESET | Failure.CUT | Failure.DRIP:
            pass
    return await _broken(failure, request)


def _tool_call(asked: Asked, arguments: str) -> Json:
    call = {"id": "call_1", "type": "function", "function": {"name": "post_message", "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return _completion(asked, "") | {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}


async def _streamed_badly(failure: Failure, request: web.Request, asked: Asked) -> web.StreamResponse:
    if failure is Failure.EMPTY:
        return await _streamed(request, asked, Told(text=""), 0.0)
    if failure is Failure.HUGE:
        return await _streamed(request, asked, Told(text="word " * (HUGE // 50)), 0.0)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for event in _events(asked, Told(text="Interns have " * 1000)):
        await response.write(f"data: {event}\n\n".encode())
        await asyncio.sleep(0.5 if failure is Failure.SLOW else 3600 if "Interns" in event else 0)
    return response


async def _broken(failure: Failure, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    if failure is not Failure.RESET:
        await response.prepare(request)
        await response.write(b'{"id": "chatcmpl-1", ')
    while failure is Failure.DRIP:
        await asyncio.sleep(0.05)
        await response.write(b" ")
    request.transport.abort()
    return response
