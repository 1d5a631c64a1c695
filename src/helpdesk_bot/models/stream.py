"""One question to a chat model, its reply as it comes, with every kind of trouble made one error."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import MAX_REPLY_CHARACTERS, ModelReply
from helpdesk_bot.models.errors import ModelFailed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk


async def stream_model(
    model: "BaseChatModel", *, system: str, user: str, timeout_s: float, on_text: Callable[[str], Awaitable[None]]
) -> ModelReply:
    """The whole reply; `on_text` is told all of it that came so far, each time more has come.

    Raises `ModelFailed`, and nothing else of the model's, whatever happens within `timeout_s`. `ReaderStopped`, which
    `on_text` may raise, ends the model's work and is passed on.
    """
    whole = await _gather(model, [("system", system), ("human", user)], timeout_s, on_text)
    text = whole.text.strip() if whole else ""
    usage = whole.usage_metadata if whole else None
    input_tokens, output_tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    if not text:
        raise ModelFailed("empty reply", input_tokens=input_tokens, output_tokens=output_tokens)
    if len(text) > MAX_REPLY_CHARACTERS:
        raise ModelFailed("oversized reply", input_tokens=input_tokens, output_tokens=output_tokens)
    name = str(whole.response_metadata.get("model_name", "")) if whole else ""
    return ModelReply(text=text, model=name, input_tokens=input_tokens, output_tokens=output_tokens)


async def _gather(
    model: "BaseChatModel",
    messages: list[tuple[str, str]],
    timeout_s: float,
    on_text: Callable[[str], Awaitable[None]],
) -> "AIMessageChunk | None":
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    whole: AIMessageChunk | None = None
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in model.astream(messages):
                whole = chunk if whole is None else whole + chunk
                if len(whole.text) > MAX_REPLY_CHARACTERS:
                    break
                await on_text(whole.text)
    except ReaderStopped:
        raise
    except TimeoutError as error:
        raise ModelFailed("no reply in time") from error
    except Exception as error:
        raise ModelFailed(type(error).__name__) from error
    return whole
