"""One chat model, asked as it is: no list, no money, no memory of how it fared."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from helpdesk_bot.models.ask import ModelReply, ask_model
from helpdesk_bot.models.asks import NOBODY, OnText
from helpdesk_bot.models.ending import ALWAYS_END
from helpdesk_bot.models.errors import Cause, ModelFailed
from helpdesk_bot.models.extras import Extras
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.models.stream import stream_model
from helpdesk_bot.records.spending import Payer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Direct:
    def __init__(
        self, model: "BaseChatModel", *, spec: str = "", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`spec` is its provider:model."""
        self._model = model
        self._extras = Extras(spec=spec, monotonic=monotonic)

    async def ask(
        self,
        request: ModelRequest,
        *,
        timeout_s: float,
        payer: Payer = NOBODY,  # noqa: ARG002 - the port's signature
        on_text: OnText | None = None,
        begin_s: float | None = None,
    ) -> ModelReply:
        """Within `begin_s`, if that is less, a streamed reply must have begun, and any other be whole.

        What the model refuses and can do without is left out, now and for a while. Where it does not say what it
        refuses, it is asked once without the schema.
        """
        began, on_text = time.monotonic(), None if request.tools else on_text
        begin_s = timeout_s if begin_s is None else min(begin_s, timeout_s)
        while True:
            passed_s = time.monotonic() - began
            sent = self._extras.fit(request, is_streamed=on_text is not None)
            try:
                return await self._ask_once(
                    sent,
                    timeout_s=max(0.0, timeout_s - passed_s),
                    begin_s=max(0.0, begin_s - passed_s),
                    on_text=on_text,
                )
            except ModelFailed as error:
                is_unsaid = error.is_refusal and not error.is_its_own and error.cause is Cause.UNKNOWN
                if error.has_begun or not (self._extras.give_up(error.cause, sent) or (is_unsaid and sent.schema)):
                    raise
                request = replace(request, schema=None) if is_unsaid else request

    async def _ask_once(
        self, request: ModelRequest, *, timeout_s: float, begin_s: float, on_text: OnText | None
    ) -> ModelReply:
        if on_text is None:
            return await ask_model(self._model, request, timeout_s=begin_s)
        return await stream_model(
            self._model,
            request,
            timeout_s=timeout_s,
            begin_s=begin_s,
            on_text=on_text,
            always_ends=self._extras.provider in ALWAYS_END,
        )
