"""The port of whoever asks a chat model: one model, or a list of them with money and health looked after."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.records.spending import Payer

NOBODY = Payer()

OnText = Callable[[str], Awaitable[None]]
"""Is told all of a reply that came so far."""


class Asks(Protocol):
    async def ask(
        self, request: ModelRequest, *, timeout_s: float, payer: Payer = NOBODY, on_text: OnText | None = None
    ) -> ModelReply:
        """The reply within `timeout_s`. Raises `ModelFailed`; `ReaderStopped`, which `on_text` may raise, goes on.

        With tools on offer the reply may hold calls; it comes whole, then, and not as text for `on_text`.
        A schema is not asked for then, nor where `on_text` listens: of a JSON object nothing can be said before it
        is whole.
        """
        ...
