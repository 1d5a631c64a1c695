"""One question to a chat model, with every kind of trouble made one error."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from helpdesk_bot.models.ending import is_cut_short, model_of, tokens_of
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest, Offer
from helpdesk_bot.models.thinking import MAX_THOUGHT_CHARACTERS, without_thinking
from helpdesk_bot.models.trouble import failed_by
from knowledge.letters import whole_letters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    _Model = Runnable[Any, AIMessage]

MAX_REPLY_CHARACTERS = 16_000
"""More is no chat message; it is not read further."""


_IN_A_FENCE = re.compile(r"```(?:json)?\s*(?P<json>\{.*\})\s*```", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """What a model wants to be called; whether that exists, and is wise, is the caller's to decide."""

    name: str
    arguments: Mapping[str, Any] | None
    """None where they could not be read."""


@dataclass(frozen=True, kw_only=True)
class ModelReply:
    text: str
    """Not empty, unless there are calls or it is `parsed`."""
    model: str
    """As the provider names it; empty where it doesn't."""
    input_tokens: int
    output_tokens: int
    calls: tuple[ToolCall, ...] = ()
    """Of the tools that were offered, or of others: a model writes what it likes."""
    parsed: BaseModel | None = None
    """The reply by the schema that was asked for; None where there was none or the reply does not fit it."""

    @property
    def written(self) -> str:
        """All that the model wrote in it, and bills."""
        return self.text + "".join(json.dumps(call.arguments) for call in self.calls)


async def ask_model(model: "BaseChatModel", request: ModelRequest, *, timeout_s: float) -> ModelReply:
    """The model's reply. Raises `ModelFailed`, and nothing else, whatever happens within `timeout_s`.

    With a schema, and no tools, the provider is asked to keep to it. A reply that does not is text as without one.
    """
    schema = None if request.tools else request.schema
    able = _with_tools(model, request.tools) if request.tools else _structured(model, schema)
    message = await _invoke(able, request, timeout_s)
    written = whole_letters(message.text).strip()
    text = without_thinking(written).strip()
    input_tokens, output_tokens = tokens_of(message.usage_metadata)
    failed = partial(ModelFailed, input_tokens=input_tokens, output_tokens=output_tokens, written=written)
    if is_cut_short(message.response_metadata):
        raise failed("reply cut short", is_its_own=False)
    if message.additional_kwargs.get("refusal"):
        raise failed("it refused to answer", is_its_own=False)
    calls = _calls(message) if request.tools else ()
    parsed = _parsed(text or _arguments(message), schema)
    if not text and not calls and parsed is None:
        raise failed("empty reply")
    if len(text) > MAX_REPLY_CHARACTERS or len(written) > MAX_THOUGHT_CHARACTERS:
        raise failed("oversized reply")
    name = model_of(message.response_metadata)
    return ModelReply(
        text=text, model=name, input_tokens=input_tokens, output_tokens=output_tokens, calls=calls, parsed=parsed
    )


def _calls(message: "AIMessage") -> tuple[ToolCall, ...]:
    readable = [ToolCall(name=one["name"], arguments=one["args"]) for one in message.tool_calls]
    unreadable = [ToolCall(name=one["name"] or "", arguments=None) for one in message.invalid_tool_calls]
    return (*readable, *unreadable)


async def _invoke(model: "_Model", request: ModelRequest, timeout_s: float) -> "AIMessage":
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    try:
        async with asyncio.timeout(timeout_s):
            return await model.ainvoke(request.messages, **request.options)
    except TimeoutError as error:
        raise ModelFailed("no reply in time") from error
    except Exception as error:
        raise failed_by(error) from error


def _with_tools(model: "BaseChatModel", tools: Sequence[Offer]) -> "_Model":
    try:
        return cast("_Model", model.bind_tools([dict(tool) for tool in tools]))
    except (NotImplementedError, ValueError, TypeError) as error:
        raise failed_by(error) from error


def _structured(model: "BaseChatModel", schema: type[BaseModel] | None) -> "_Model":
    """The model kept to a schema; as it is where its provider's package knows no such thing.

    Without LangChain's parser behind it: that takes time by the square of a reply that is no JSON.
    """
    from langchain_core.runnables import RunnableSequence

    if schema is None:
        return model
    try:
        chain = model.with_structured_output(schema.model_json_schema(), method="json_schema")
    except (NotImplementedError, ValueError, TypeError):
        return model
    return cast("_Model", chain.first) if isinstance(chain, RunnableSequence) else model


def _arguments(message: "AIMessage") -> str:
    """What a provider without schemas was made to call with, as JSON; empty where it called nothing."""
    return json.dumps(message.tool_calls[0]["args"]) if message.tool_calls else ""


def _parsed(text: str, schema: type[BaseModel] | None) -> BaseModel | None:
    """None also where the reply is too long, no JSON, or another one than was asked for.

    Many servers that take a schema and don't hold the model to it send what chat models like to write: JSON in a fence.
    """
    if schema is None or len(text) > MAX_REPLY_CHARACTERS:
        return None
    fenced = _IN_A_FENCE.fullmatch(text)
    try:
        return schema.model_validate_json(fenced["json"] if fenced else text)
    except ValidationError:
        return None
