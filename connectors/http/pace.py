"""How often and how many at once a place is asked."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

_FIRST_BACKOFF_S = 1.0
_BURST_SHARE = 1 / 60
"""Of the points of an hour: what may be spent at once."""


@dataclass(frozen=True, kw_only=True)
class Politeness:
    """How a place is asked."""

    timeout_s: float = 30.0
    """For each step: to connect, to send, to hear something."""
    max_answer_s: float = 300.0
    """From asking to the last byte."""
    max_attempts: int = 6
    max_wait_s: float = 120.0
    """A place that asks for a longer pause is left alone: WantsRest says until when."""
    max_response_bytes: int = 64 * 2**20
    """Unpacked."""
    parallel: int = 4
    points_per_hour: int | None = None


class Pace:
    """Turns at asking: so many at once, so many points an hour, and no turn for anyone while the place wants rest."""

    def __init__(
        self, politeness: Politeness, *, sleep: Callable[[float], Awaitable[None]], monotonic: Callable[[], float]
    ) -> None:
        self.points = 0
        """Spent so far."""
        self._gate = asyncio.Semaphore(politeness.parallel)
        self._sleep = sleep
        self._now = monotonic
        self._interval_s = 0.0
        self._free_at = 0.0
        """When the next request may start."""
        self._points_per_s = (politeness.points_per_hour or 0) * (1 - _BURST_SHARE) / 3600
        self._burst_s = 3600 * _BURST_SHARE / (1 - _BURST_SHARE)
        self._paid_until = 0.0
        """When all that was spent is paid off, at `points_per_hour` less the burst."""

    def slow_down(self, interval_s: float) -> None:
        """Let at least this long pass between the starts of two requests."""
        self._interval_s = max(self._interval_s, interval_s)

    def rest(self, seconds: float) -> None:
        """Let nobody ask before that."""
        self._free_at = max(self._free_at, self._now() + seconds)

    @asynccontextmanager
    async def turn(self, points: int) -> AsyncGenerator[None]:
        """Entered when it is this request's turn, whose points are spent by then."""
        async with self._gate:
            wait_s = self._book(points) - self._now()
            if wait_s > 0:
                await self._sleep(wait_s)
            yield

    def _book(self, points: int) -> float:
        """When this request may start. Bookings queue up: nobody starts in the same interval as another."""
        starts_at = max(self._now(), self._free_at)
        if self._points_per_s:
            self._paid_until = max(self._paid_until, starts_at) + points / self._points_per_s
            starts_at = max(starts_at, self._paid_until - self._burst_s)
        if self._interval_s:
            self._free_at = starts_at + self._interval_s
        self.points += points
        return starts_at


def backoff_s(attempt: int, *, at_most_s: float) -> float:
    """1, 2, 4, … s after the 1st, 2nd, 3rd, … attempt, with up to half of it as jitter."""
    return min(at_most_s, _FIRST_BACKOFF_S * 2 ** (attempt - 1) * random.uniform(1, 1.5))  # noqa: S311  jitter, not a secret


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds from `Retry-After`, given as seconds or as a date (RFC 9110, 10.2.3); None without a readable one."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
