"""Any endpoint that answers `POST {base_url}/embeddings` as OpenAI's does: OpenAI, Azure, vLLM, Ollama, TEI, LocalAI.

Reference: https://platform.openai.com/docs/api-reference/embeddings/create
"""

import asyncio
import base64
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from connectors.http import DIRECT, WayOut, client_by, trouble_of
from connectors.http.trouble import is_refused_by_proxy
from knowledge.embedding.embedder import embeddable, estimated_tokens, unit_length
from knowledge.errors import EmbedderBroken, EmbedderUnavailable

DEFAULT_BASE_URL = "https://api.openai.com/v1"

KNOWN_MODELS = {
    "text-embedding-3-small": (1536, 8191),
    "text-embedding-3-large": (3072, 8191),
    "text-embedding-ada-002": (1536, 8191),
}
"""Dimension and window of OpenAI's own models; https://platform.openai.com/docs/guides/embeddings."""

ASSUMED_WINDOW = 512
"""Of a model that is not known: that of BGE, E5 and GTE, the models that are mostly served by oneself."""

BATCH_TEXTS = 32
"""Texts in a request: text-embeddings-inference refuses more by default, OpenAI takes 2,048."""


class _Embedding(BaseModel):
    index: int
    embedding: list[float] | str
    """Numbers, or little-endian float32 as base64."""


class _Answer(BaseModel):
    data: list[_Embedding]


class OpenAICompatibleEmbedder:
    """A model behind an HTTP endpoint.

    A request that meets 429, 5xx or a broken connection is sent again after `Retry-After`, or after 0.5, 1, 2, 4, 8 s
    with jitter, until `deadline_s` after the first try; then EmbedderUnavailable. A refused key is EmbedderUnavailable
    at once; a refused request or an answer that makes no sense is EmbedderBroken.
    """

    unrelated = 0.0

    def __init__(
        self,
        model: str,
        *,
        http: httpx.AsyncClient,
        dimension: int | None = None,
        max_tokens: int | None = None,
        deadline_s: float = 30,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """A `dimension` is asked of the endpoint, which shortens the vectors of models that can be shortened."""
        known_dimension, known_window = KNOWN_MODELS.get(model, (None, ASSUMED_WINDOW))
        self._model = model
        self._http = http
        self._asked_dimension = dimension
        self._dimension = dimension or known_dimension
        self._max_tokens = max_tokens or known_window
        self._deadline_s = deadline_s
        self._pause = pause

    @classmethod
    def connect(
        cls,
        model: str,
        *,
        api_key: str | None,
        base_url: str | None = None,
        dimension: int | None = None,
        way_out: WayOut = DIRECT,
    ) -> Self:
        """An embedder with a client of its own, closed by `aclose`. Nothing is sent before the first texts."""
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        base = (base_url or DEFAULT_BASE_URL).rstrip("/") + "/"
        http = client_by(way_out, timeout_s=20, base_url=base, headers=headers)
        return cls(model, http=http, dimension=dimension)

    @property
    def model(self) -> str:
        shortened = f"@{self._asked_dimension}" if self._asked_dimension else ""
        return f"openai:{self._model}{shortened}"

    @property
    def dimension(self) -> int:
        if self._dimension is None:
            raise EmbedderUnavailable(self.model, "its dimension is known only after its first vectors")
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def count_tokens(self, text: str) -> int:
        return estimated_tokens(text)

    def is_word(self, _: str, /) -> bool:
        return False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        batches = [texts[start : start + BATCH_TEXTS] for start in range(0, len(texts), BATCH_TEXTS)]
        return np.concatenate([await self._embed_batch([self._fitting(text) for text in batch]) for batch in batches])

    async def aclose(self) -> None:
        await self._http.aclose()

    def _fitting(self, text: str) -> str:
        """A text within the window: endpoints refuse a longer one, and an empty one."""
        fitting = embeddable(text)
        while (tokens := estimated_tokens(fitting)) > self._max_tokens:
            fitting = fitting[: len(fitting) * self._max_tokens // (tokens + 1)]
        return fitting or " "

    async def _embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._vectors(await self._post(texts), count=len(texts))
        if self._dimension is None:
            self._dimension = vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            reason = f"it answered with {vectors.shape[1]} dimensions instead of {self._dimension}"
            raise EmbedderBroken(self.model, reason)
        return unit_length(vectors)

    async def _post(self, texts: Sequence[str]) -> bytes:
        """The body of the first good answer within the deadline."""
        until = time.monotonic() + self._deadline_s
        attempt = 0
        while True:
            outcome = await self._try(texts)
            if isinstance(outcome, bytes):
                return outcome
            wait_s = outcome.retry_after_s if outcome.retry_after_s is not None else _backoff_s(attempt)
            if time.monotonic() + wait_s > until:
                raise outcome
            await self._pause(wait_s)
            attempt += 1

    async def _try(self, texts: Sequence[str]) -> bytes | EmbedderUnavailable:
        """One request: the body, or what may pass if it is tried again."""
        request: dict[str, object] = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        if self._asked_dimension:
            request["dimensions"] = self._asked_dimension
        try:
            response = await self._http.post("embeddings", json=request)
        except httpx.TransportError as error:
            unavailable = EmbedderUnavailable(self.model, f"no answer ({trouble_of(error)})")
            if is_refused_by_proxy(error):
                raise unavailable from error
            return unavailable
        if response.is_success:
            return response.content
        return self._refusal(response)

    def _refusal(self, response: httpx.Response) -> EmbedderUnavailable:
        """What a refused request means: returned when it may pass, raised when it won't."""
        status = response.status_code
        if status == 429 or response.is_server_error:
            return EmbedderUnavailable(self.model, f"HTTP {status}", retry_after_s=_retry_after_s(response))
        if status in {401, 403}:
            raise EmbedderUnavailable(self.model, f"the API key is refused (HTTP {status})")
        raise EmbedderBroken(self.model, f"the request is refused (HTTP {status}): check the model's name and base URL")

    def _vectors(self, body: bytes, *, count: int) -> NDArray[np.float32]:
        """The vectors of an answer in the order of the request: (count, dimension)."""
        try:
            embeddings = sorted(_Answer.model_validate_json(body).data, key=lambda embedding: embedding.index)
            vectors = np.array([_numbers(embedding.embedding) for embedding in embeddings], dtype=np.float32)
        except (ValidationError, ValueError) as error:
            raise EmbedderBroken(self.model, "its answer is not a list of embeddings") from error
        if [embedding.index for embedding in embeddings] != list(range(count)) or vectors.ndim != 2:
            raise EmbedderBroken(self.model, f"it answered {len(embeddings)} vectors to {count} texts")
        if not np.isfinite(vectors).all():
            raise EmbedderBroken(self.model, "its vectors hold numbers that are not finite")
        return vectors


def _numbers(embedding: list[float] | str) -> NDArray[np.float32]:
    """Raises ValueError for what is neither base64 nor whole numbers of four bytes."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as that
        return np.array(embedding, dtype=np.float32)


def _backoff_s(attempt: int) -> float:
    """Half a second doubled each time, 8 s at most, with up to half of it as jitter."""
    return min(8.0, 0.5 * 2**attempt) * random.uniform(1, 1.5)  # noqa: S311 - jitter, not a secret


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds from `Retry-After`, given as seconds or as a date (RFC 9110, 10.2.3); None without a readable one."""
    value = response.headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
