"""One question to a chat model, with every kind of trouble made one error."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.trouble import failed_by

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

MAX_REPLY_CHARACTERS = 16_000
"""More is no chat message; it is not read further."""


Offer = Mapping[str, Any]
"""A tool as models are told of it: `{"type": "function", "function": {name, description, parameters}}`."""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """What a model wants to be called; whether that exists, and is wise, is the caller's to decide."""

    name: str
    arguments: Mapping[str, Any] | None
    """None where they could not be read."""


@dataclass(frozen=True, kw_only=True)
class ModelReply:
    text: str
    """Not empty, unless there are calls."""
    model: str
    """As the provider names it; empty where it doesn't."""
    input_tokens: int
    output_tokens: int
    calls: tuple[ToolCall, ...] = ()
    """Of the tools that were offered, or of others: a model writes what it likes."""


async def ask_model(
    model: "BaseChatModel", *, system: str, user: str, timeout_s: float, tools: Sequence[Offer] = ()
) -> ModelReply:
    """The model's reply. Raises `ModelFailed`, and nothing else, whatever happens within `timeout_s`."""
    message = await _invoke(model, [("system", system), ("human", user)], timeout_s, tools)
    text = message.text.strip()
    usage = message.usage_metadata
    input_tokens, output_tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    calls = _calls(message) if tools else ()
    if not text and not calls:
        raise ModelFailed("empty reply", input_tokens=input_tokens, output_tokens=output_tokens)
    if len(text) > MAX_REPLY_CHARACTERS:
        raise ModelFailed("oversized reply", input_tokens=input_tokens, output_tokens=output_tokens)
    name = str(message.response_metadata.get("model_name", ""))
    return ModelReply(text=text, model=name, input_tokens=input_tokens, output_tokens=output_tokens, calls=calls)


def _calls(message: "AIMessage") -> tuple[ToolCall, ...]:
    readable = [ToolCall(name=one["name"], arguments=one["args"]) for one in message.tool_calls]
    unreadable = [ToolCall(name=one["name"] or "", arguments=None) for one in message.invalid_tool_calls]
    return (*readable, *unreadable)


async def _invoke(
    model: "BaseChatModel", messages: list[tuple[str, str]], timeout_s: float, tools: Sequence[Offer]
) -> "AIMessage":
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    try:
        async with asyncio.timeout(timeout_s):
            asked = model.bind_tools([dict(tool) for tool in tools]) if tools else model
            return await asked.ainvoke(messages)
    except TimeoutError as error:
        raise ModelFailed("no reply in time") from error
    except Exception as error:
        raise failed_by(error) from error
