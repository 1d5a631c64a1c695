"""Chat models in order: the next one where one fails, each try paid for, and rest for what keeps failing."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.models.asks import NOBODY, OnText
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.errors import Cause, ModelFailed, ModelNotConfigured, OverBudget
from helpdesk_bot.models.purse import Purse
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.records.model_health import OPENS_AFTER, RESTS_S, ModelHealth
from helpdesk_bot.records.spending import Payer
from helpdesk_bot.telemetry import MODEL_SECONDS, MODEL_SKIPS, timed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = structlog.get_logger()

FIRST_SHARE = 0.6
"""Of the time that is left, what a model has to begin in while others stand behind it."""
MAX_TRIES = 2
"""Of one model for one question, where its trouble is passing."""
PAUSE_S = 0.4
"""Before the second try, where the provider names no time; a random half of it comes on top."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model of a list. `weight` is its share of the calls among those that have one; 0 is for falling back."""

    name: str
    """In settings, such as `main`."""
    spec: str
    """provider:model, as it is set and priced."""
    open: Callable[[], "BaseChatModel"]
    """Blocks for seconds: it imports the provider. Raises `ModelNotConfigured`."""
    weight: float = 0.0

    @property
    def label(self) -> str:
        """By which its health is known: two addresses of one model fare differently."""
        return f"{self.name}={self.spec}"


@dataclass(frozen=True, kw_only=True)
class Patience:
    opens_after: int = OPENS_AFTER
    rests_s: float = RESTS_S
    pause_s: float = PAUSE_S


OnRest = Callable[[str], Awaitable[object]]
"""Is told the label of a model that begins to rest."""


async def tell_nobody_of(label: str) -> None:
    """For where nobody is to be told."""


@dataclass(frozen=True, kw_only=True)
class _Errand:
    """A request with whose it is, who listens, and until when."""

    request: ModelRequest
    payer: Payer
    on_text: OnText | None
    ends_at: float
    """By `time.monotonic`."""

    @property
    def left_s(self) -> float:
        return max(0.0, self.ends_at - time.monotonic())


@dataclass(kw_only=True)
class Gateway:
    """Asks for one role. A reply that has begun is never begun anew by another model."""

    role: str
    candidates: Sequence[Candidate]
    purse: Purse
    health: ModelHealth
    on_rest: OnRest = tell_nobody_of
    patience: Patience = field(default_factory=Patience)
    dice: random.Random = field(default_factory=random.Random)
    _opened: dict[str, Direct] = field(default_factory=dict[str, Direct])
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(
        self, request: ModelRequest, *, timeout_s: float, payer: Payer = NOBODY, on_text: OnText | None = None
    ) -> ModelReply:
        has_schema = on_text is None and not request.tools
        errand = _Errand(
            request=request if has_schema else replace(request, schema=None),
            payer=payer,
            on_text=on_text,
            ends_at=time.monotonic() + timeout_s,
        )
        trouble: ModelFailed = ModelFailed("every model rests", is_its_own=False)
        order = self.in_order()
        for place, candidate in enumerate(order):
            if errand.left_s <= 0:
                break
            if not await self.health.may_ask(candidate.label, rests_s=self.patience.rests_s):
                MODEL_SKIPS.labels(candidate.label).inc()
                continue
            is_last = place + 1 == len(order)
            try:
                return await self._ask_one(candidate, errand, is_last=is_last)
            except ModelFailed as error:
                trouble = error if trouble.cause is not Cause.TOO_LONG else trouble
                log.warning("model failed", role=self.role, model=candidate.label, reason=error.reason)
                if error.has_begun or (isinstance(error, OverBudget) and not error.is_about_one_model):
                    raise
        raise trouble

    def in_order(self) -> list[Candidate]:
        """First one of those with a weight, by chance; then the rest as they are listed."""
        weighted = [one for one in self.candidates if one.weight > 0]
        if not weighted:
            return list(self.candidates)
        first = self.dice.choices(weighted, [one.weight for one in weighted])[0]
        return [first, *(one for one in self.candidates if one is not first)]

    async def warm(self) -> None:
        """Import the models' providers. Nothing is asked; trouble shows when it is."""
        for candidate in self.candidates:
            try:
                await self._open(candidate)
            except ModelFailed as error:
                log.warning("model can't be opened", model=candidate.label, reason=error.reason)

    async def _ask_one(self, candidate: Candidate, errand: _Errand, *, is_last: bool) -> ModelReply:
        """With a second try where that may help and the provider's own pause leaves time for it."""
        begins_by = time.monotonic() + errand.left_s * (1.0 if is_last else FIRST_SHARE)
        for tries in range(1, MAX_TRIES + 1):
            try:
                return await self._try(candidate, errand, begin_s=max(0.05, begins_by - time.monotonic()))
            except ModelFailed as error:
                pause_s = error.retry_after_s
                if pause_s is None:
                    pause_s = self.patience.pause_s * (1 + self.dice.random() / 2)
                is_worth_it = error.is_passing and not error.has_begun and time.monotonic() + pause_s < begins_by
                if tries == MAX_TRIES or not is_worth_it:
                    raise
                await asyncio.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    async def _try(self, candidate: Candidate, errand: _Errand, *, begin_s: float) -> ModelReply:
        """One call: paid for, measured, and remembered for how it fared."""
        try:
            model = await self._open(candidate)
        except ModelFailed as error:
            await self._note_failure(candidate, error)
            raise
        tab = await self.purse.open(candidate.spec, role=self.role, payer=errand.payer, texts=errand.request.texts)
        began = time.monotonic()
        try:
            with timed(MODEL_SECONDS.labels(candidate.spec, self.role)):
                reply = await model.ask(
                    errand.request, timeout_s=errand.left_s, on_text=errand.on_text, begin_s=begin_s
                )
        except ModelFailed as error:
            await self.purse.failed(tab, error, took_s=time.monotonic() - began)
            await self._note_failure(candidate, error)
            raise
        except (ReaderStopped, asyncio.CancelledError) as stopped:
            text = stopped.text if isinstance(stopped, ReaderStopped) else ""
            await self.purse.stopped(tab, text=text, took_s=time.monotonic() - began)
            raise
        tokens, took_s = (reply.input_tokens, reply.output_tokens), time.monotonic() - began
        await self.purse.answered(tab, text=reply.written, model=reply.model, tokens=tokens, took_s=took_s)
        await self.health.succeeded(candidate.label)
        return reply

    async def _note_failure(self, candidate: Candidate, error: ModelFailed) -> None:
        opens_after = self.patience.opens_after
        if error.is_its_own and await self.health.failed(candidate.label, error.reason, opens_after=opens_after):
            await self.on_rest(candidate.label)

    async def _open(self, candidate: Candidate) -> Direct:
        """One that is open waits for no other that is being opened."""
        if opened := self._opened.get(candidate.label):
            return opened
        async with self._opening:
            if candidate.label not in self._opened:
                try:
                    model = await asyncio.to_thread(candidate.open)
                except ModelNotConfigured as error:
                    raise ModelFailed(f"not set up: {error}") from error
                self._opened[candidate.label] = Direct(model, spec=candidate.spec)
            return self._opened[candidate.label]
