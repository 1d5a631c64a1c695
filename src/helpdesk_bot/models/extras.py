"""What a request has beside its words and its tools. Not every model takes it, and an answer comes without it too."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk_bot.models.effort import EFFORTS, thinks
from helpdesk_bot.models.errors import Cause
from helpdesk_bot.models.request import ModelRequest

REFUSED_S = 3_600.0
"""How long a model is asked without what it refused: providers learn, and endpoints get other models."""


@dataclass(kw_only=True)
class Extras:
    """Of one model, with what it refused lately."""

    spec: str
    monotonic: Callable[[], float] = time.monotonic
    _refused: dict[tuple[Cause, bool], tuple[int, float]] = field(
        default_factory=dict[tuple[Cause, bool], tuple[int, float]]
    )
    """How much of it, with tools or without, and until when."""

    @property
    def provider(self) -> str:
        return self.spec.partition(":")[0]

    def fit(self, request: ModelRequest, *, is_streamed: bool) -> ModelRequest:
        """The request as it is sent: without what the model refused, with the options that it takes.

        A stream is asked to tell what was used: OpenAI's client asks only OpenAI's own servers for it.
        """
        has_tools, options = bool(request.tools), dict[str, Any]()
        if thinks(self.spec) and (effort := EFFORTS[self._times(Cause.EFFORT, has_tools)]):
            options["reasoning_effort"] = effort
        if is_streamed and self.provider == "openai" and not self._times(Cause.COUNTING, has_tools):
            options["stream_usage"] = True
        is_refused = has_tools or is_streamed or self._times(Cause.SCHEMA, has_tools)
        return replace(request, schema=None if is_refused else request.schema, options=options)

    def give_up(self, cause: Cause, sent: ModelRequest) -> bool:
        """Remember that it was refused; False where it is nothing that can be left out."""
        was_sent = {
            Cause.EFFORT: "reasoning_effort" in sent.options,
            Cause.COUNTING: "stream_usage" in sent.options,
            Cause.SCHEMA: sent.schema is not None,
        }
        if not was_sent.get(cause):
            return False
        has_tools = bool(sent.tools)
        self._refused[cause, has_tools] = (self._times(cause, has_tools) + 1, self.monotonic() + REFUSED_S)
        return True

    def _times(self, cause: Cause, has_tools: bool) -> int:
        times, until = self._refused.get((cause, has_tools), (0, 0.0))
        return times if self.monotonic() < until else 0
