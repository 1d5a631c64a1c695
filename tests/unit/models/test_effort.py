"""Which models think unasked, and what they are asked for then."""

import pytest

from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.effort import thinking_tokens, thinks
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest, Offer
from tests.fakes.model_server import Asked, ModelServer, Refused, calling
from tests.fakes.purses import candidate

OFFER = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}}
NO_TOOLS = Refused(
    status=400,
    error={
        "message": "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. To use "
        "function tools, use /v1/responses or set reasoning_effort to 'none'.",
        "param": "reasoning_effort",
    },
)


@pytest.mark.parametrize(
    "spec",
    ["openai:gpt-5-mini", "openai:gpt-5-nano-2025-08-07", "openai:o4-mini", "openai:gpt-5.6", "openai:gpt-6-sol"],
)
def test_models_that_think_unasked_are_given_room_for_it(spec: str):
    assert thinks(spec)
    assert thinking_tokens(spec) > 0


@pytest.mark.parametrize(
    "spec",
    [
        "openai:gpt-4.1-mini",
        "openai:gpt-5.2",
        "openai:gpt-5-chat-latest",
        "anthropic:claude-haiku-4-5",
        "openai:olmo-2",
    ],
)
def test_models_that_do_not_are_given_none(spec: str):
    assert not thinks(spec)
    assert thinking_tokens(spec) == 0


def effort(asked: Asked) -> str | None:
    return asked.body.get("reasoning_effort")


async def ask(model: Direct, *tools: Offer) -> None:
    await model.ask(ModelRequest(system="s", user="u", tools=tools), timeout_s=20)


async def test_it_thinks_little_and_not_at_all_where_it_takes_no_tools_otherwise():
    async with ModelServer() as server:
        server.reply(NO_TOOLS, when=lambda asked: bool(asked.offered) and effort(asked) != "none")
        server.reply(calling("look", {}), when=lambda asked: bool(asked.offered))
        server.reply("Yes.")
        model = Direct(candidate("main", server, spec="openai:gpt-5.6").open(), spec="openai:gpt-5.6")
        await ask(model)
        await ask(model, OFFER)
        await ask(model, OFFER)
        await ask(model)
    assert [effort(asked) for asked in server.requests] == ["low", "low", "none", "none", "low"]


async def test_who_takes_no_effort_at_all_is_left_alone_with_it():
    refused = Refused(status=400, error={"message": "Unsupported parameter: 'reasoning_effort'"})
    async with ModelServer() as server:
        server.reply(refused, when=lambda asked: effort(asked) is not None)
        server.reply("Yes.")
        model = Direct(candidate("main", server, spec="openai:o1").open(), spec="openai:o1")
        await ask(model)
        await ask(model)
    assert [effort(asked) for asked in server.requests] == ["low", "none", None, None]


async def test_who_refuses_whatever_is_left_out_has_failed():
    async with ModelServer() as server:
        server.reply(Refused(status=400, error={"message": "Unsupported parameter: 'reasoning_effort'"}))
        with pytest.raises(ModelFailed, match="reasoning effort"):
            await ask(Direct(candidate("main", server, spec="openai:o1").open(), spec="openai:o1"))
    assert len(server.requests) == 3
