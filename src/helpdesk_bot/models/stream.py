"""One question to a chat model, its reply as it comes, with every kind of trouble made one error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import MAX_REPLY_CHARACTERS, ModelReply
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.trouble import failed_by

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk
    from langchain_core.messages.ai import UsageMetadata


async def stream_model(
    model: "BaseChatModel",
    *,
    system: str,
    user: str,
    timeout_s: float,
    on_text: Callable[[str], Awaitable[None]],
    begin_s: float | None = None,
) -> ModelReply:
    """The whole reply; `on_text` is told all of it that came so far, each time more has come.

    Within `begin_s`, if that is less, its first words must have come.
    Raises `ModelFailed`, and nothing else of the model's, whatever happens within `timeout_s`. `ReaderStopped`, which
    `on_text` may raise, ends the model's work and is passed on.
    """
    told = await _gather(model, [("system", system), ("human", user)], timeout_s, on_text, begin_s)
    text = told.text.strip()
    input_tokens, output_tokens = (told.usage["input_tokens"], told.usage["output_tokens"]) if told.usage else (0, 0)
    if not text:
        raise ModelFailed("empty reply", input_tokens=input_tokens, output_tokens=output_tokens)
    if len(text) > MAX_REPLY_CHARACTERS:
        raise ModelFailed("oversized reply", input_tokens=input_tokens, output_tokens=output_tokens, has_begun=True)
    return ModelReply(text=text, model=told.model, input_tokens=input_tokens, output_tokens=output_tokens)


@dataclass(kw_only=True)
class _Told:
    """What came so far. Adding up LangChain's chunks themselves takes time by the square of their number."""

    text: str = ""
    model: str = ""
    usage: "UsageMetadata | None" = None

    def add(self, chunk: "AIMessageChunk") -> None:
        from langchain_core.messages.ai import add_usage

        self.text += chunk.text
        self.model = str(chunk.response_metadata.get("model_name") or self.model)
        if chunk.usage_metadata:
            self.usage = add_usage(self.usage, chunk.usage_metadata)


async def _gather(
    model: "BaseChatModel",
    messages: list[tuple[str, str]],
    timeout_s: float,
    on_text: Callable[[str], Awaitable[None]],
    begin_s: float | None,
) -> _Told:
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    told = _Told()
    ends_at = asyncio.get_running_loop().time() + timeout_s
    has_begun = False
    try:
        async with asyncio.timeout(min(timeout_s, begin_s or timeout_s)) as deadline:
            async for chunk in model.astream(messages):
                told.add(chunk)
                if len(told.text) > MAX_REPLY_CHARACTERS:
                    break
                if not has_begun and told.text.strip():
                    has_begun = True
                    deadline.reschedule(ends_at)
                await on_text(told.text)
    except ReaderStopped:
        raise
    except TimeoutError as error:
        raise ModelFailed("no reply in time", has_begun=has_begun) from error
    except Exception as error:
        raise failed_by(error, has_begun=has_begun) from error
    return told
