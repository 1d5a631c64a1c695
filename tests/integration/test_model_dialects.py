"""Each provider's way to stream, count, refuse and break off, with the real clients of OpenAI and Anthropic."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.errors import Cause, ModelFailed
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.models.request import ModelRequest
from knowledge.postgres import Pool
from tests.fakes.anthropic_server import BEGUN, AnthropicServer, ended, event, message, refusal, text
from tests.fakes.model_server import DONE, ModelServer, Raw, chunk_of
from tests.fakes.purses import calls_of, candidate, gateway_on

CLAUDE = "anthropic:claude-haiku-4-5"
STOP = chunk_of({}, finish="stop")
COUNT = chunk_of({}, choices=[], usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10})
SAID = "Grüße \U0001f44b\U0001f3fd, 日本. [1]"
JSON = "application/json"


def whole(answer: dict[str, Any] | None = None, **more: Any) -> Raw:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Yes."} | (answer or {}), "finish_reason": "stop"}
    completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Raw(parts=(json.dumps(completion | more).encode(),), media_type=JSON)


def in_pieces(written: bytes) -> tuple[bytes, ...]:
    return tuple(written[at : at + 7] for at in range(0, len(written), 7))


async def ask_openai(answer: Raw, *, is_streamed: bool = True) -> tuple[str, int, int, str]:
    """What is said, the tokens, and the model."""

    async def hear(_: str) -> None: ...

    async with ModelServer() as server:
        server.reply(answer)
        model = Direct(candidate("main", server).open(), spec="openai:m")
        reply = await model.ask(ModelRequest(system="s", user="u"), timeout_s=60, on_text=hear if is_streamed else None)
    return reply.text, reply.input_tokens, reply.output_tokens, reply.model


async def failed(answer: Raw, *, is_streamed: bool = True) -> ModelFailed:
    with pytest.raises(ModelFailed) as trouble:
        await ask_openai(answer, is_streamed=is_streamed)
    return trouble.value


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((b": PROCESSING\n\n", chunk_of({"content": "Yes."}), b": ping\n\n", STOP, COUNT, DONE), "Yes."),
        ((chunk_of({}, choices=[]), chunk_of({"content": "Yes."}), STOP, COUNT, DONE), "Yes."),
        ((chunk_of({"reasoning_content": "hm"}), chunk_of({"content": "Yes."}), STOP, COUNT, DONE), "Yes."),
        ((*in_pieces(chunk_of({"content": SAID})), STOP, COUNT, DONE), SAID),
        ((chunk_of({"content": "Yes."}), STOP, STOP, COUNT, COUNT, DONE, DONE), "Yes."),
        ((chunk_of({"content": "Yes."}, usage=None), STOP, COUNT, DONE), "Yes."),
        (tuple(part.replace(b"\n\n", b"\r\n\r\n") for part in (chunk_of({"content": "Yes."}), STOP, COUNT)), "Yes."),
    ],
    ids=["comments", "empty choices", "reasoning apart", "letters in pieces", "twice", "no usage yet", "crlf"],
)
async def test_every_way_to_stream_is_understood(parts: tuple[bytes, ...], said: str):
    assert await ask_openai(Raw(parts=parts)) == (said, 7, 3, "test-model")


async def test_halves_of_letters_are_put_together_and_never_left():
    halves = [
        chunk_of({"content": "X"}).replace(b'"X"', f'"{half}"'.encode()) for half in ("Hi \\ud83d", "\\udc4b \\ud83d.")
    ]
    assert (await ask_openai(Raw(parts=(*halves, STOP, DONE))))[0] == "Hi \U0001f44b \ufffd."


@pytest.mark.parametrize(
    ("parts", "reason", "is_its_own"),
    [
        ((chunk_of({"content": "Yes, but"}),), "broken off", True),
        ((chunk_of({"content": "Yes, but"}), chunk_of({}, finish="error"), DONE), "cut short", False),
        ((chunk_of({"content": "Yes, but"}), b'data: {"error": {"code": 502}}\n\n'), "HTTP 502", True),
        ((chunk_of({"content": "Yes, but"}), b"data: {oops\n\n"), "can't be read", True),
    ],
)
async def test_a_stream_that_does_not_come_to_its_end_is_no_reply_and_paid_for(
    parts: tuple[bytes, ...], reason: str, is_its_own: bool
):
    trouble = await failed(Raw(parts=parts))
    assert reason in trouble.reason
    assert (trouble.is_its_own, trouble.has_begun, trouble.is_refusal) == (is_its_own, True, False)
    assert trouble.written == "Yes, but"


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_what_is_no_chat_model_at_all_is_said_to_be_unreadable(is_streamed: bool):
    trouble = await failed(Raw(parts=(b"<html>It works!</html>",), media_type="text/html"), is_streamed=is_streamed)
    assert "its reply can't be read" in trouble.reason


async def test_an_error_that_comes_with_a_200_may_pass_as_its_code_says():
    trouble = await failed(
        Raw(parts=(b'{"error": {"code": 502, "message": "Provider returned error"}}',), media_type=JSON),
        is_streamed=False,
    )
    assert (trouble.reason, trouble.is_passing) == ("it is in trouble (HTTP 502)", True)


async def test_a_refusal_says_nothing_against_the_model():
    trouble = await failed(whole({"content": None, "refusal": "I can't help with that."}), is_streamed=False)
    assert (trouble.reason, trouble.is_its_own) == ("it refused to answer", False)


async def test_a_model_without_a_name_has_none():
    assert (await ask_openai(whole(model=None), is_streamed=False))[3] == ""


async def ask_anthropic(
    server: AnthropicServer, *, is_streamed: bool = True, timeout_s: float = 60
) -> ModelFailed | str:
    async def hear(_: str) -> None: ...

    model = open_chat_model(CLAUDE, api_key=SecretStr("k"), base_url=server.base_url, timeout_s=60, max_tokens=100)
    asked = Direct(model, spec=CLAUDE)
    try:
        reply = await asked.ask(
            ModelRequest(system="s", user="u"), timeout_s=timeout_s, on_text=hear if is_streamed else None
        )
    except ModelFailed as error:
        return error
    return f"{reply.text} {reply.input_tokens} {reply.output_tokens} {reply.model}"


async def test_anthropic_streams_and_counts():
    async with AnthropicServer() as server:
        server.answer = [*BEGUN, text("Yes"), text("."), *ended("end_turn")]
        assert await ask_anthropic(server) == "Yes. 7 3 claude-test-20260101"
        server.answer = (200, message([{"type": "text", "text": "Yes."}]))
        assert await ask_anthropic(server, is_streamed=False) == "Yes. 7 3 claude-test-20260101"


OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded"})


@pytest.mark.parametrize(
    ("answer", "reason", "is_passing", "is_refusal"),
    [
        ([OVERLOADED], "HTTP 529", True, True),
        ([*BEGUN, text("Yes"), OVERLOADED], "HTTP 529", True, False),
        ([*BEGUN, text("Yes")], "broken off", False, False),
        ([*BEGUN, text("Yes"), *ended("max_tokens")], "cut short", False, False),
        ([*BEGUN, *ended("refusal")], "cut short", False, False),
        ((529, refusal("overloaded_error")), "it is overloaded (HTTP 529)", True, True),
        ((404, refusal("not_found_error", "model: claude-9")), "no such model", False, True),
        ((400, refusal("invalid_request_error", "Your credit balance is too low")), "no credit", False, True),
    ],
)
async def test_anthropics_trouble_is_understood(answer: Any, reason: str, is_passing: bool, is_refusal: bool):
    async with AnthropicServer() as server:
        server.answer = answer
        trouble = await ask_anthropic(server)
    assert isinstance(trouble, ModelFailed)
    assert reason in trouble.reason
    assert (trouble.is_passing, trouble.is_refusal) == (is_passing, is_refusal)


async def test_a_prompt_that_is_too_long_for_anthropic_is_told_from_others():
    async with AnthropicServer() as server:
        server.answer = (400, refusal("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"))
        trouble = await ask_anthropic(server)
    assert isinstance(trouble, ModelFailed)
    assert trouble.cause is Cause.TOO_LONG


async def test_a_count_of_half_of_it_is_completed_by_an_estimate(pool: Pool):
    async def hear(_: str) -> None: ...

    half = chunk_of({}, choices=[], usage={"prompt_tokens": 0, "completion_tokens": 3, "total_tokens": 3})
    async with ModelServer() as server:
        server.reply(Raw(parts=(chunk_of({"content": "Yes."}), STOP, half, DONE)))
        gateway = gateway_on(pool, candidate("main", server))
        await gateway.ask(ModelRequest(system="Be brief.", user="Say yes."), timeout_s=60, on_text=hear)
    (call,) = await calls_of(pool)
    assert call.is_estimated
    assert call.output_tokens == 3
    assert call.input_tokens > 50
