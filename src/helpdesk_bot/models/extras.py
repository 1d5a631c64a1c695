"""What a request has beside its words and its tools. Not every model takes it, and an answer comes without it too."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from helpdesk_bot.models.effort import EFFORTS, thinks
from helpdesk_bot.models.errors import Cause

REFUSED_S = 3_600.0
"""How long a model is asked without what it refused: providers learn, and endpoints get other models."""


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Of one request."""

    schema: type[BaseModel] | None
    options: Mapping[str, Any]
    has_tools: bool


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

    def of(self, *, schema: type[BaseModel] | None, has_tools: bool, is_streamed: bool) -> Extra:
        """A stream is asked to tell what was used: OpenAI's client asks only OpenAI's own servers for it."""
        options: dict[str, Any] = {}
        if thinks(self.spec) and (effort := EFFORTS[self._times(Cause.EFFORT, has_tools)]):
            options["reasoning_effort"] = effort
        if is_streamed and self.provider == "openai" and not self._times(Cause.COUNTING, has_tools):
            options["stream_usage"] = True
        is_refused = has_tools or is_streamed or self._times(Cause.SCHEMA, has_tools)
        return Extra(schema=None if is_refused else schema, options=options, has_tools=has_tools)

    def give_up(self, cause: Cause, extra: Extra) -> bool:
        """Remember that it was refused; False where it is nothing that can be left out."""
        was_sent = {
            Cause.EFFORT: "reasoning_effort" in extra.options,
            Cause.COUNTING: "stream_usage" in extra.options,
            Cause.SCHEMA: extra.schema is not None,
        }
        if not was_sent.get(cause):
            return False
        times = self._times(cause, extra.has_tools) + 1
        self._refused[cause, extra.has_tools] = (times, self.monotonic() + REFUSED_S)
        return True

    def _times(self, cause: Cause, has_tools: bool) -> int:
        times, until = self._refused.get((cause, has_tools), (0, 0.0))
        return times if self.monotonic() < until else 0
