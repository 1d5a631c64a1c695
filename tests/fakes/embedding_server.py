"""A strict OpenAI-compatible `/v1/embeddings` on loopback, which can misbehave in the ways that endpoints do."""

import base64
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from tests.fakes.loopback import Loopback

API_KEY = "sk-test-embeddings"
MODEL = "text-embedding-test"
ALLOWED_FIELDS = {"model", "input", "encoding_format", "dimensions", "user"}

Misbehaviour = Callable[[web.Request, dict[str, Any]], web.StreamResponse]
"""Makes another answer out of the right one."""


def vector_of(text: str, dimension: int) -> NDArray[np.float32]:
    """The same numbers for the same text, not of unit length."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=dimension).astype(np.float32)


@dataclass(kw_only=True)
class EmbeddingServer:
    """`misbehaviours` are used up one a request, the first first; then the server behaves."""

    base_url: str = ""
    dimension: int = 8
    max_texts: int = 32
    answers_base64: bool = False
    misbehaviours: deque[Misbehaviour] = field(default_factory=deque[Misbehaviour])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return refusal(401, "invalid_api_key")
        if body.get("model") != MODEL:
            return refusal(404, "model_not_found")
        if wrong := self._what_is_wrong(body):
            return refusal(400, wrong)
        answer = self._answer(body)
        if self.misbehaviours:
            return self.misbehaviours.popleft()(request, answer)
        return web.json_response(answer)

    def _what_is_wrong(self, body: Mapping[str, Any]) -> str | None:
        texts = body.get("input")
        if unknown := set(body) - ALLOWED_FIELDS:
            return f"unknown fields {unknown}"
        if not isinstance(texts, list) or not 0 < len(texts) <= self.max_texts:
            return "input must be a list that is neither empty nor too long"
        if not all(isinstance(text, str) and is_readable(text) for text in texts):
            return "each input must be a readable string that is not empty"
        if body.get("encoding_format") not in {"float", "base64"}:
            return "encoding_format must be float or base64"
        return None

    def _answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The data in the reverse order: an answer's order is that of `index`, not of the list."""
        vectors = [vector_of(text, body.get("dimensions", self.dimension)) for text in body["input"]]
        as_base64 = self.answers_base64 or body["encoding_format"] == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": encoded(vector) if as_base64 else vector.tolist()}
            for index, vector in enumerate(vectors)
        ]
        return {"object": "list", "data": data[::-1], "model": MODEL, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@asynccontextmanager
async def running_embedding_server(server: EmbeddingServer | None = None) -> AsyncIterator[EmbeddingServer]:
    server = server or EmbeddingServer()
    app = web.Application()
    app.router.add_post("/v1/embeddings", server.embeddings)
    async with Loopback(app) as address:
        server.base_url = f"{address}/v1"
        yield server


def is_readable(text: str) -> bool:
    return bool(text) and "\0" not in text and text.encode("utf-8", "ignore").decode() == text


def encoded(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def refusal(status: int, code: str, **headers: str) -> web.Response:
    return web.json_response(
        {"error": {"code": code, "type": "error", "message": code}}, status=status, headers=headers
    )


def rate_limited(retry_after: str) -> Misbehaviour:
    return lambda _request, _answer: refusal(429, "rate_limit_exceeded", **{"Retry-After": retry_after})


def failing(status: int) -> Misbehaviour:
    return lambda _request, _answer: refusal(status, "server_error")


def hang_up(request: web.Request, _answer: dict[str, Any]) -> web.StreamResponse:
    """Close the connection without an answer."""
    if request.transport:
        request.transport.close()
    return web.Response()


def saying(body: str) -> Misbehaviour:
    """A body of 200 that is no answer."""
    return lambda _request, _answer: web.Response(text=body, content_type="application/json")


def changing(change: Callable[[list[dict[str, Any]]], Sequence[dict[str, Any]]]) -> Misbehaviour:
    """The right answer with other data."""
    return lambda _request, answer: web.json_response({**answer, "data": change(answer["data"])})
