"""Teams' limits per bot and conversation, kept on our side, so that an answer waits a moment and is not refused."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from helpdesk_bot.errors import RateLimited

LIMITS = ((1.0, 7), (2.0, 8), (30.0, 60), (3_600.0, 1_800))
"""Seconds, and how often in them: learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit."""

_MAX_CONVERSATIONS = 10_000
_MARGIN_S = 0.15
"""Messages may come closer to each other on their way."""
_PATIENCE_S = 2.5
"""Shorter waits are waited here; longer ones are the caller's, who can do something else meanwhile."""


class Pace:
    """What was sent to each conversation by this process. Another process has its own: 429 stays the last word."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()

    async def take(self, conversation: str) -> None:
        """Count one message, a moment later if it is too early; raises `RateLimited` where that takes long."""
        sent = self._sent.setdefault(conversation, deque(maxlen=LIMITS[-1][1]))
        self._sent.move_to_end(conversation)
        while (wait_s := max(_wait(sent, self._clock(), period_s, times) for period_s, times in LIMITS)) > 0:
            if wait_s > _PATIENCE_S:
                raise RateLimited(retry_after_s=wait_s)
            await self._sleep(wait_s)
        sent.append(self._clock())
        if len(self._sent) > _MAX_CONVERSATIONS:
            self._sent.popitem(last=False)


def _wait(sent: deque[float], now: float, period_s: float, times: int) -> float:
    """How long until one more fits into the period."""
    return 0.0 if len(sent) < times else max(0.0, sent[-times] + period_s + _MARGIN_S - now)
