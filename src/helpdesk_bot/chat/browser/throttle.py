"""At most so many questions a minute from one address."""

from collections.abc import Callable
from dataclasses import dataclass

MAX_ADDRESSES = 10_000


@dataclass(frozen=True)
class _Bucket:
    tokens: float
    at_s: float


class Throttle:
    """A token bucket for each address, in this process only; a burst may use a whole minute's share at once."""

    def __init__(self, *, per_minute: int, clock_s: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock_s = clock_s
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, address: str) -> bool:
        """Take one token, if there is one."""
        now_s = self._clock_s()
        tokens = self._tokens(address, now_s)
        if tokens < 1:
            return False
        if len(self._buckets) >= MAX_ADDRESSES:
            self._forget_the_rested(now_s)
        self._buckets[address] = _Bucket(tokens - 1, now_s)
        return True

    def _tokens(self, address: str, now_s: float) -> float:
        bucket = self._buckets.get(address)
        if bucket is None:
            return self._per_minute
        return min(self._per_minute, bucket.tokens + (now_s - bucket.at_s) * self._per_minute / 60)

    def _forget_the_rested(self, now_s: float) -> None:
        """A full bucket says nothing, so it needs no memory."""
        self._buckets = {
            address: bucket
            for address, bucket in self._buckets.items()
            if self._tokens(address, now_s) < self._per_minute
        }
