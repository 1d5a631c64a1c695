"""One chat model, asked as it is: no list, no money, no memory of how it fared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpdesk_bot.models.ask import ModelReply, Offer, ask_model
from helpdesk_bot.models.asks import NOBODY, OnText
from helpdesk_bot.models.stream import stream_model
from helpdesk_bot.records.spending import Payer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Direct:
    def __init__(self, model: "BaseChatModel") -> None:
        self._model = model

    async def ask(
        self,
        *,
        system: str,
        user: str,
        timeout_s: float,
        payer: Payer = NOBODY,  # noqa: ARG002 - the port's signature
        on_text: OnText | None = None,
        begin_s: float | None = None,
        tools: Sequence[Offer] = (),
    ) -> ModelReply:
        """Within `begin_s`, if that is less, a streamed reply must have begun, and any other be whole."""
        if on_text is None or tools:
            whole_s = min(timeout_s, begin_s or timeout_s)
            return await ask_model(self._model, system=system, user=user, timeout_s=whole_s, tools=tools)
        return await stream_model(
            self._model, system=system, user=user, timeout_s=timeout_s, on_text=on_text, begin_s=begin_s
        )
