"""Who is on call: people take turns, each for a number of days from a start, but for the days that somebody swapped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk_bot.events import Platform


@dataclass(frozen=True, kw_only=True)
class Helper:
    """Somebody who can be called, by each platform's id for them."""

    name: str
    ids: Mapping[Platform, str]


@dataclass(frozen=True, kw_only=True)
class Override:
    """Somebody stands in from a moment until another."""

    helper: str
    """By name."""
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Rota:
    """`helpers` in the order of their turns; the first one's first turn begins on `start` at `hand_over`."""

    helpers: tuple[Helper, ...] = ()
    start: date = date(2026, 1, 5)
    """A Monday."""
    days: int = 7
    hand_over: time = time(9)
    time_zone: str = "UTC"
    overrides: tuple[Override, ...] = ()

    def on_call(self, at: datetime, *, platform: Platform, then: int = 0) -> str:
        """The platform's id of who is called at that moment, or of the `then`-th after them; empty for nobody."""
        reachable = [helper for helper in self.helpers if platform in helper.ids]
        if not reachable:
            return ""
        first = self._stand_in(at, reachable) or reachable[self._turn(at) % len(reachable)]
        place = (reachable.index(first) + then) % len(reachable)
        return reachable[place].ids[platform]

    def _stand_in(self, at: datetime, helpers: list[Helper]) -> Helper | None:
        names = [override.helper for override in self.overrides if override.start <= at < override.end]
        return next((helper for name in reversed(names) for helper in helpers if helper.name == name), None)

    def _turn(self, at: datetime) -> int:
        """How many turns ended before the moment, counted on the wall clock: the hand-over keeps its hour."""
        local = at.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)
        return (local - datetime.combine(self.start, self.hand_over)) // timedelta(days=self.days)


def as_utc(local: datetime, time_zone: str) -> datetime:
    """A moment without a zone, read on the wall clock of one."""
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
