"""One chat model, asked as it is: no list, no money, no memory of how it fared."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from helpdesk_bot.models.ask import ModelReply, Offer, ask_model
from helpdesk_bot.models.asks import NOBODY, OnText
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.stream import stream_model
from helpdesk_bot.records.spending import Payer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Direct:
    def __init__(self, model: "BaseChatModel") -> None:
        self._model = model
        self._takes_schemas = True

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
        schema: type[BaseModel] | None = None,
    ) -> ModelReply:
        """Within `begin_s`, if that is less, a streamed reply must have begun, and any other be whole.

        A model that refuses a request with a schema, and takes it without, is not asked for one again.
        """
        whole_s = min(timeout_s, begin_s or timeout_s)
        if tools:
            return await ask_model(self._model, system=system, user=user, timeout_s=whole_s, tools=tools)
        if on_text is None:
            return await self._ask_whole(system, user, whole_s, schema if self._takes_schemas else None)
        return await stream_model(
            self._model, system=system, user=user, timeout_s=timeout_s, on_text=on_text, begin_s=begin_s
        )

    async def _ask_whole(self, system: str, user: str, timeout_s: float, schema: type[BaseModel] | None) -> ModelReply:
        ends_at = time.monotonic() + timeout_s
        try:
            return await ask_model(self._model, system=system, user=user, timeout_s=timeout_s, schema=schema)
        except ModelFailed as error:
            if schema is None or not error.is_refusal or error.is_its_own:
                raise
        left_s = max(0.0, ends_at - time.monotonic())
        reply = await ask_model(self._model, system=system, user=user, timeout_s=left_s)
        self._takes_schemas = False
        return reply
