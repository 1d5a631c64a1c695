from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import numpy as np
import pytest

from knowledge.embedding import open_embedder
from knowledge.embedding.openai_compatible import OpenAICompatibleEmbedder
from knowledge.errors import EmbedderBroken, EmbedderUnavailable
from tests.fakes.embedding_server import (
    API_KEY,
    MODEL,
    EmbeddingServer,
    Misbehaviour,
    changing,
    failing,
    hang_up,
    rate_limited,
    running_embedding_server,
    saying,
    vector_of,
)


class Pauses(list[float]):
    """Pauses that take no time, and are remembered."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingServer]:
    async with running_embedding_server() as server:
        yield server


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def embedder(server: EmbeddingServer, pauses: Pauses) -> AsyncIterator[OpenAICompatibleEmbedder]:
    http = httpx.AsyncClient(base_url=server.base_url + "/", headers={"authorization": f"Bearer {API_KEY}"})
    embedder = OpenAICompatibleEmbedder(MODEL, http=http, pause=pauses, deadline_s=30)
    yield embedder
    await embedder.aclose()


def unit(text: str, dimension: int = 8) -> Any:
    vector = vector_of(text, dimension)
    return vector / np.linalg.norm(vector)


async def test_vectors_come_in_the_order_of_the_texts_and_at_unit_length(embedder):
    vectors = await embedder.embed(["one", "two", "three"])
    np.testing.assert_allclose(vectors, [unit("one"), unit("two"), unit("three")], atol=1e-6)
    assert vectors.dtype == np.float32


async def test_an_answer_in_base64_is_read_as_well(server, embedder):
    server.answers_base64 = True
    np.testing.assert_allclose(await embedder.embed(["one"]), [unit("one")], atol=1e-6)


async def test_many_texts_go_in_requests_the_endpoint_accepts(server, embedder):
    texts = [f"text {number}" for number in range(70)]
    vectors = await embedder.embed(texts)
    assert [len(request["input"]) for request in server.requests] == [32, 32, 6]
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)


async def test_the_dimension_is_learned_from_the_first_vectors(embedder):
    with pytest.raises(EmbedderUnavailable):
        _ = embedder.dimension
    await embedder.embed(["one"])
    assert embedder.dimension == 8
    assert (await embedder.embed([])).shape == (0, 8)


async def test_a_dimension_that_is_asked_for_is_part_of_the_name(server):
    embedder = open_embedder(f"openai:{MODEL}@4", api_key=API_KEY, base_url=server.base_url)
    assert (embedder.model, embedder.dimension) == (f"openai:{MODEL}@4", 4)
    assert (await embedder.embed(["one"])).shape == (1, 4)
    assert server.requests[0]["dimensions"] == 4
    await embedder.aclose()


async def test_no_texts_send_nothing(server):
    embedder = open_embedder("openai:text-embedding-3-small", api_key=API_KEY, base_url=server.base_url)
    assert (await embedder.embed([])).shape == (0, 1536)
    assert not server.requests
    await embedder.aclose()


@pytest.mark.parametrize("text", ["", "\0", "lone \ud800 surrogate", "a\0b", "x" * 50_000, "\U0001f600" * 9_000, "\n"])
async def test_any_text_is_made_acceptable(embedder, text):
    assert (await embedder.embed([text])).shape == (1, 8)


async def test_a_text_over_the_window_is_cut_to_it(server, embedder):
    await embedder.embed(["word " * 2_000])
    sent = server.requests[0]["input"][0]
    assert 0.9 * embedder.max_tokens < embedder.count_tokens(sent) <= embedder.max_tokens


@pytest.mark.parametrize(("header", "expected"), [("3", 3.0), ("0", 0.0)])
async def test_retry_after_is_kept_to(server, embedder, pauses, header, expected):
    server.misbehaviours.append(rate_limited(header))
    assert len(await embedder.embed(["one"])) == 1
    assert pauses == [expected]


async def test_retry_after_may_be_a_date(server, embedder, pauses):
    server.misbehaviours.append(rate_limited(format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)))
    await embedder.embed(["one"])
    assert 15 < pauses[0] <= 20


async def test_an_endpoint_that_fails_is_asked_again_ever_later(server, embedder, pauses):
    server.misbehaviours = deque([failing(500), failing(503), hang_up, rate_limited("soon")])
    assert len(await embedder.embed(["one"])) == 1
    for pause, least in zip(pauses, [0.5, 1, 2, 4], strict=True):
        assert least <= pause <= 1.5 * least


async def test_a_wait_beyond_the_deadline_is_not_begun(server, embedder, pauses):
    server.misbehaviours.append(rate_limited("3600"))
    with pytest.raises(EmbedderUnavailable) as unavailable:
        await embedder.embed(["one"])
    assert unavailable.value.retry_after_s == 3600
    assert pauses == []
    assert len(server.requests) == 1


async def test_an_endpoint_that_stays_down_is_given_up_at_the_deadline(server, embedder):
    server.misbehaviours = deque([failing(500)] * 50)
    embedder._deadline_s = 3
    with pytest.raises(EmbedderUnavailable, match="HTTP 500"):
        await embedder.embed(["one"])
    assert 2 <= len(server.requests) <= 4


async def test_nobody_listening_is_unavailable(pauses):
    http = httpx.AsyncClient(base_url="http://127.0.0.1:9/v1/")
    embedder = OpenAICompatibleEmbedder(MODEL, http=http, pause=pauses, deadline_s=1)
    with pytest.raises(EmbedderUnavailable, match="no answer"):
        await embedder.embed(["one"])
    await embedder.aclose()


async def test_a_refused_key_is_said_at_once_and_not_shown(server, pauses):
    embedder = open_embedder(f"openai:{MODEL}", api_key="sk-wrong", base_url=server.base_url)
    with pytest.raises(EmbedderUnavailable, match="API key is refused") as refused:
        await embedder.embed(["secret words"])
    assert "sk-wrong" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert len(server.requests) == 1
    await embedder.aclose()


async def test_an_unknown_model_is_broken_and_not_asked_again(server):
    embedder = open_embedder("openai:no-such-model", api_key=API_KEY, base_url=server.base_url)
    with pytest.raises(EmbedderBroken, match="HTTP 404"):
        await embedder.embed(["one"])
    assert len(server.requests) == 1
    await embedder.aclose()


def first_with(value: object) -> Misbehaviour:
    return changing(lambda data: [{**data[0], "embedding": value}, *data[1:]])


@pytest.mark.parametrize(
    "misbehaviour",
    [
        saying("<html>"),
        saying("{}"),
        saying('{"data": []}'),
        changing(lambda data: data[1:]),
        changing(lambda data: [*data, data[0]]),
        changing(lambda data: [{**embedding, "index": 0} for embedding in data]),
        first_with([1.0]),
        first_with([]),
        first_with("not base64!"),
        first_with("AAA="),
        saying('{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [NaN]}]}'),
        saying('{"data": [{"index": 0, "embedding": [1e39]}, {"index": 1, "embedding": [1e39]}]}'),
    ],
)
async def test_an_answer_that_makes_no_sense_is_broken(server, embedder, misbehaviour):
    server.misbehaviours.append(misbehaviour)
    with pytest.raises(EmbedderBroken):
        await embedder.embed(["one", "two"])


async def test_a_dimension_that_changes_is_broken(server, embedder):
    await embedder.embed(["one"])
    server.dimension = 9
    with pytest.raises(EmbedderBroken, match="9 dimensions instead of 8"):
        await embedder.embed(["one"])
