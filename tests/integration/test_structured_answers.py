"""Answers by a schema, from a provider that has one, has none, or does not keep to it."""

import json

import pytest

from helpdesk_bot.agent.compose import Draft, Manner
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.extras import REFUSED_S
from helpdesk_bot.prompts.catalog import load_prompt
from tests.fakes.model_server import Asked, ModelServer, Refused
from tests.fakes.purses import candidate
from tests.fakes.shelf import passage

LEAVE = passage("Interns have 20 days of leave.", title="Annual leave")
QUESTION = "How many days of leave do interns have?"
STRUCTURED = json.dumps(
    {
        "is_answered": True,
        "statements": [{"kind": "sentence", "text": "Interns have 20 days of leave.", "passages": [1]}],
    }
)
PLAIN = "Interns have 20 days. [1]"


def wants_schema(asked: Asked) -> bool:
    return "response_format" in asked.body


async def compose(composer: Generative, *, manner: Manner | None = None) -> Draft:
    return await composer.compose_in(QUESTION, [LEAVE], timeout_s=20, manner=manner or Manner())


def composer_on(server: ModelServer) -> Generative:
    return Generative(Direct(candidate("main", server).open()), prompt=load_prompt("answer"))


async def test_a_provider_with_schemas_is_asked_for_statements_with_their_passages():
    async with ModelServer() as server:
        server.reply(STRUCTURED, when=wants_schema)
        draft = await compose(composer_on(server))
    assert draft.text == "Interns have 20 days of leave. [1]"
    assert draft.input_tokens > 0
    schema = server.requests[0].body["response_format"]
    assert schema["type"] == "json_schema"
    assert "statements" in schema["json_schema"]["schema"]["properties"]


async def test_a_reply_that_does_not_keep_to_it_is_taken_as_text():
    async with ModelServer() as server:
        server.reply(PLAIN)
        draft = await compose(composer_on(server))
    assert draft.text == PLAIN
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "error",
    [
        {"message": "This model does not support response format `json_schema`.", "param": "response_format"},
        {"message": "JSON schema conversion failed: unsupported keyword", "code": 400},
        {"message": "output_format: structured outputs are not available", "type": "invalid_request_error"},
    ],
)
async def test_a_provider_that_refuses_schemas_is_asked_without_and_later_with_one_again(error: object):
    now = 0.0
    async with ModelServer() as server:
        server.reply(Refused(status=400, error=error), when=lambda asked: wants_schema(asked) and now == 0.0)
        server.reply(STRUCTURED, when=wants_schema)
        server.reply(PLAIN)
        model = Direct(candidate("main", server).open(), spec="openai:test-model", monotonic=lambda: now)
        composer = Generative(model, prompt=load_prompt("answer"))
        drafts = [await compose(composer), await compose(composer)]
        assert [draft.text for draft in drafts] == [PLAIN, PLAIN]
        assert [wants_schema(asked) for asked in server.requests] == [True, False, False]
        now = REFUSED_S + 1.0
        assert (await compose(composer)).text.startswith("Interns have 20 days of leave.")
    assert wants_schema(server.requests[-1])


async def test_a_refusal_that_does_not_say_why_is_asked_about_without_a_schema_and_taken_for_no_rule():
    async with ModelServer() as server:
        server.reply(Refused(status=400, error={"message": "bad request"}), when=wants_schema)
        server.reply(PLAIN)
        composer = composer_on(server)
        assert [(await compose(composer)).text for _ in range(2)] == [PLAIN, PLAIN]
    assert [wants_schema(asked) for asked in server.requests] == [True, False, True, False]


async def test_under_a_readers_eyes_the_answer_is_plain_text():
    heard: list[str] = []

    async def listen(text: str) -> None:
        heard.append(text)

    async with ModelServer() as server:
        server.reply(PLAIN)
        draft = await compose(composer_on(server), manner=Manner(on_text=listen))
    assert draft.text == heard[-1].strip() == PLAIN
    assert not any(wants_schema(asked) for asked in server.requests)


async def test_no_answer_by_the_schema_is_an_empty_draft():
    async with ModelServer() as server:
        server.reply(json.dumps({"is_answered": False, "statements": []}))
        assert (await compose(composer_on(server))).text == ""
