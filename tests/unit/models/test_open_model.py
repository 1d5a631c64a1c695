import sys
from subprocess import run

import pytest
from pydantic import SecretStr

from helpdesk_bot.models.ask import ask_model
from helpdesk_bot.models.errors import ModelFailed, ModelNotConfigured
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.models.request import ModelRequest
from tests.fakes.model_server import Failure, ModelServer

KEY = SecretStr("sk-test")


def opened(server: ModelServer, *, timeout_s: float = 5):
    return open_chat_model(
        "openai:test-model", api_key=KEY, base_url=server.base_url, timeout_s=timeout_s, max_tokens=300
    )


async def test_a_model_is_asked_with_its_name_its_key_and_its_limit():
    async with ModelServer() as server:
        server.reply("Forty-two.")
        reply = await ask_model(opened(server), ModelRequest(system="Be brief.", user="What is it?"), timeout_s=5)

    asked = server.requests[0]
    assert (asked.model, asked.system, asked.user) == ("test-model", "Be brief.", "What is it?")
    assert asked.body["max_completion_tokens"] == 300
    assert reply.text == "Forty-two."
    assert reply.model == "test-model-2026-01-01"
    assert (reply.input_tokens, reply.output_tokens) == (5, 1)


async def test_a_model_streams_too():
    async with ModelServer() as server:
        server.reply("one two three")
        chunks = [chunk.text async for chunk in opened(server).astream("count")]

    assert "".join(chunks) == "one two three"
    assert len(chunks) > 3


@pytest.mark.parametrize("failure", list(Failure))
async def test_every_kind_of_trouble_is_one_error_within_the_time(failure: Failure):
    async with ModelServer() as server:
        server.fail(failure)
        with pytest.raises(ModelFailed) as failed:
            await ask_model(opened(server), ModelRequest(system="s", user="u"), timeout_s=1)

    assert failed.value.reason


async def test_tokens_of_an_unusable_reply_are_spent_all_the_same():
    async with ModelServer() as server:
        server.fail(Failure.HUGE)
        with pytest.raises(ModelFailed) as failed:
            await ask_model(opened(server), ModelRequest(system="s", user="u"), timeout_s=5)

    assert failed.value.output_tokens == 200_000


async def test_an_endpoint_of_ones_own_needs_no_key():
    async with ModelServer() as server:
        server.reply(lambda asked: asked.model)
        model = open_chat_model("openai:llama-3", api_key=None, base_url=server.base_url, timeout_s=5, max_tokens=100)
        assert (await ask_model(model, ModelRequest(system="s", user="u"), timeout_s=5)).text == "llama-3"


async def test_the_key_is_the_one_handed_in_and_never_the_environments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    async with ModelServer() as server:
        server.reply("fine")
        without = open_chat_model("openai:test", api_key=None, base_url=server.base_url, timeout_s=5, max_tokens=9)
        await ask_model(without, ModelRequest(system="s", user="u"), timeout_s=5)
        await ask_model(opened(server), ModelRequest(system="s", user="u"), timeout_s=5)

    assert [asked.key for asked in server.requests] == ["none", "sk-test"]


def test_the_key_is_not_shown():
    model = open_chat_model(
        "openai:test", api_key=SecretStr("sk-canary"), base_url="http://127.0.0.1:9", timeout_s=5, max_tokens=9
    )
    assert "sk-canary" not in repr(model)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("gpt-4.1", "provider:model"),
        ("openai:", "provider:model"),
        ("openai:gpt-4.1", "API key"),
        ("nonesuch:model", "nonesuch"),
        ("mistralai:mistral-small", "langchain-mistralai"),
    ],
)
def test_a_wrong_setting_says_what_to_do(spec: str, says: str):
    key = None if spec == "openai:gpt-4.1" else KEY
    with pytest.raises(ModelNotConfigured, match=says):
        open_chat_model(spec, api_key=key, base_url=None, timeout_s=5, max_tokens=100)


@pytest.mark.slow
def test_a_model_of_anthropic_opens():
    model = open_chat_model("anthropic:claude-test", api_key=KEY, base_url=None, timeout_s=7, max_tokens=100)
    assert type(model).__name__ == "ChatAnthropic"


HEAVY = ("langchain_openai", "langchain", "langgraph.graph", "langchain_core.messages")


@pytest.mark.parametrize("module", ["agent.wording.generate", "agent.quoting.extract", "models.open_model"])
def test_importing_what_uses_a_model_imports_none(module: str):
    code = f"import sys, helpdesk_bot.{module}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "[]"
