"""One question to a chat model, its reply as it comes, with every kind of trouble made one error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import MAX_REPLY_CHARACTERS, ModelReply
from helpdesk_bot.models.ending import added, counted, has_ended, is_cut_short, model_of, tokens_of
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.models.thinking import MAX_THOUGHT_CHARACTERS, without_thinking
from helpdesk_bot.models.trouble import failed_by
from knowledge.letters import whole_letters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk


async def stream_model(
    model: "BaseChatModel",
    request: ModelRequest,
    *,
    timeout_s: float,
    begin_s: float,
    on_text: Callable[[str], Awaitable[None]],
    always_ends: bool,
) -> ModelReply:
    """The whole reply; `on_text` is told all of it that came so far, each time more has come, without its thinking.

    Within `begin_s`, if that is less, its first words must have come, thought or said.
    Raises `ModelFailed`, and nothing else of the model's, whatever happens within `timeout_s`. `ReaderStopped`, which
    `on_text` may raise, ends the model's work and is passed on. A provider that `always_ends` its streams with a word
    on how has broken off where that is missing.
    """
    told = await _gather(model, request, timeout_s=timeout_s, begin_s=begin_s, on_text=on_text)
    text = told.said.strip()
    input_tokens, output_tokens = counted(*told.tokens)
    failed = partial(ModelFailed, input_tokens=input_tokens, output_tokens=output_tokens, written=told.text.strip())
    if told.is_too_long:
        raise failed("oversized reply", has_begun=True)
    if told.is_cut_short:
        raise failed("reply cut short", is_its_own=False, has_begun=bool(text))
    if not text:
        raise failed("empty reply")
    if always_ends and not told.has_ended:
        raise failed("reply broken off", has_begun=True)
    return ModelReply(text=text, model=told.model, input_tokens=input_tokens, output_tokens=output_tokens)


@dataclass(kw_only=True)
class _Told:
    """What came so far. Adding up LangChain's chunks themselves takes time by the square of their number."""

    raw: str = ""
    """With half letters whose other halves may come yet."""
    text: str = ""
    model: str = ""
    tokens: tuple[int, int] = (0, 0)
    has_ended: bool = False
    is_cut_short: bool = False
    said: str = ""
    """Of the text what is not thought."""

    @property
    def is_too_long(self) -> bool:
        return len(self.said) > MAX_REPLY_CHARACTERS or len(self.text) > MAX_THOUGHT_CHARACTERS

    def add(self, chunk: "AIMessageChunk") -> None:
        self.raw += chunk.text
        self.text = whole_letters(self.raw)
        self.said = without_thinking(self.text)
        self.model = model_of(chunk.response_metadata) or self.model
        self.tokens = added(self.tokens, tokens_of(chunk.usage_metadata))
        self.has_ended = self.has_ended or has_ended(chunk.response_metadata)
        self.is_cut_short = self.is_cut_short or is_cut_short(chunk.response_metadata)


async def _gather(
    model: "BaseChatModel",
    request: ModelRequest,
    *,
    timeout_s: float,
    begin_s: float,
    on_text: Callable[[str], Awaitable[None]],
) -> _Told:
    """Each provider has its own tree of errors: fail open here, keeping their names only; the caller falls back."""
    told = _Told()
    ends_at = asyncio.get_running_loop().time() + timeout_s
    has_begun = False
    try:
        async with asyncio.timeout(min(timeout_s, begin_s)) as deadline:
            async for chunk in model.astream(request.messages, **request.options):
                told.add(chunk)
                if told.is_too_long:
                    break
                if told.text.strip():
                    deadline.reschedule(ends_at)
                if told.said.strip():
                    has_begun = True
                    await on_text(told.said)
    except ReaderStopped:
        raise
    except TimeoutError as error:
        raise ModelFailed("no reply in time", has_begun=has_begun, written=told.text) from error
    except Exception as error:
        raise failed_by(error, has_begun=has_begun, written=told.text) from error
    return told
