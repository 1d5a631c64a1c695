"""The port of whoever asks a chat model: one model, or a list of them with money and health looked after."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.records.spending import Payer

NOBODY = Payer()

OnText = Callable[[str], Awaitable[None]]
"""Is told all of a reply that came so far."""


class Asks(Protocol):
    async def ask(
        self, *, system: str, user: str, timeout_s: float, payer: Payer = NOBODY, on_text: OnText | None = None
    ) -> ModelReply:
        """The reply within `timeout_s`. Raises `ModelFailed`; `ReaderStopped`, which `on_text` may raise, goes on."""
        ...
