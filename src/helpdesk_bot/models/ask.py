"""One question to a chat model, with every kind of trouble made one error."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.trouble import failed_by

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

MAX_REPLY_CHARACTERS = 16_000
"""More is no chat message; it is not read further."""


@dataclass(frozen=True, kw_only=True)
class ModelReply:
    text: str
    """Not empty."""
    model: str
    """As the provider names it; empty where it doesn't."""
    input_tokens: int
    output_tokens: int


async def ask_model(model: "BaseChatModel", *, system: str, user: str, timeout_s: float) -> ModelReply:
    """The model's reply as text. Raises `ModelFailed`, and nothing else, whatever happens within `timeout_s`."""
    message = await _invoke(model, [("system", system), ("human", user)], timeout_s)
    text = message.text.strip()
    usage = message.usage_metadata
    input_tokens, output_tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    if not text:
        raise ModelFailed("empty reply", input_tokens=input_tokens, output_tokens=output_tokens)
    if len(text) > MAX_REPLY_CHARACTERS:
        raise ModelFailed("oversized reply", input_tokens=input_tokens, output_tokens=output_tokens)
    name = str(message.response_metadata.get("model_name", ""))
    return ModelReply(text=text, model=name, input_tokens=input_tokens, output_tokens=output_tokens)


async def _invoke(model: "BaseChatModel", messages: list[tuple[str, str]], timeout_s: float) -> "AIMessage":
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    try:
        async with asyncio.timeout(timeout_s):
            return await model.ainvoke(messages)
    except TimeoutError as error:
        raise ModelFailed("no reply in time") from error
    except Exception as error:
        raise failed_by(error) from error
