"""When people are there: a week's opening times on the wall clock of a time zone, and holidays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_AHEAD = timedelta(days=60)
"""Hours that do not open for so long never do."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """From and until, on one day. Until 00:00 means the end of the day."""

    start: time
    end: time


@dataclass(frozen=True, kw_only=True)
class OfficeHours:
    """`week` holds the spans by weekday, Monday is 0, in order; without any, people are always there."""

    time_zone: str = "UTC"
    week: Mapping[int, tuple[Span, ...]] = field(default_factory=dict[int, tuple[Span, ...]])
    holidays: frozenset[date] = frozenset()

    @property
    def is_always_open(self) -> bool:
        return not any(self.week.values())

    def is_open(self, at: datetime) -> bool:
        return self.is_always_open or any(start <= at < end for start, end in self._periods(at, timedelta(days=1)))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when people are there, in UTC; None where there is none in `LOOK_AHEAD`."""
        if self.is_always_open:
            return at
        return next((max(start, at) for start, end in self._periods(at, LOOK_AHEAD) if end > at), None)

    def after(self, begin: datetime, wait: timedelta) -> datetime | None:
        """The moment at which `wait` of open time has passed since `begin`, in UTC: while closed, the clock stands."""
        if self.is_always_open:
            return begin + wait
        for start, end in self._periods(begin, LOOK_AHEAD):
            start_here = max(start, begin)
            if end <= start_here:
                continue
            if start_here + wait <= end:
                return start_here + wait
            wait -= end - start_here
        return None

    def _periods(self, around: datetime, ahead: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """Open periods in UTC, in order, from the day before `around`. Clock changes make a day longer or shorter."""
        zone = ZoneInfo(self.time_zone)
        today = around.astimezone(zone).date()
        for days in range(-1, ahead.days + 1):
            day = today + timedelta(days=days)
            if day not in self.holidays:
                for span in self.week.get(day.weekday(), ()):
                    yield _moment(day, span.start, zone), _end(day, span, zone)


def _moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _end(day: date, span: Span, zone: ZoneInfo) -> datetime:
    return _moment(day + timedelta(days=1) if span.end == time() else day, span.end, zone)


def in_words(moment: datetime, time_zone: str) -> str:
    """`Monday 23 November, 09:00 (Europe/Berlin)`."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({time_zone})"
