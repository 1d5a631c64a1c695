import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from connectors.http import Politeness, Verdict, judge
from connectors.http.pace import Pace, backoff_s, retry_after_s


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1_000.0

    async def sleep(self, seconds):
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)

    def monotonic(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def paced(clock, **politeness):
    return Pace(Politeness(**politeness), sleep=clock.sleep, monotonic=clock.monotonic)


async def start(pace, clock, *, points=1):
    async with pace.turn(points):
        return clock.now - 1_000


async def test_a_pause_that_the_place_asks_for_holds_for_everyone(clock):
    pace = paced(clock)
    pace.rest(30)

    assert [await start(pace, clock) for _ in range(3)] == [30, 30, 30]


async def test_requests_start_an_interval_apart(clock):
    pace = paced(clock, parallel=3)
    pace.slow_down(2.5)

    assert [await start(pace, clock) for _ in range(4)] == [0, 2.5, 5, 7.5]


async def test_a_shorter_interval_does_not_shorten_one_that_was_asked_for(clock):
    pace = paced(clock)
    pace.slow_down(5)
    pace.slow_down(1)

    assert [await start(pace, clock) for _ in range(2)] == [0, 5]


async def test_no_hour_takes_more_points_than_it_may(clock):
    pace = paced(clock, points_per_hour=600)

    starts = [await start(pace, clock, points=2) for _ in range(900)]

    assert starts[4] == pytest.approx(0, abs=1e-6)
    for first in range(0, 600, 7):
        assert sum(2 for at in starts if starts[first] <= at < starts[first] + 3600) <= 600
    assert starts[-1] < 3.2 * 3600
    assert pace.points == 1800


async def test_no_more_at_once_than_asked_for(clock):
    pace = paced(clock, parallel=2)
    inside = most = 0

    async def ask():
        nonlocal inside, most
        async with pace.turn(1):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask() for _ in range(10)))
    assert most == 2


def test_backoff_doubles_with_jitter_up_to_its_limit():
    for attempt, least in ((1, 1), (2, 2), (3, 4), (4, 8)):
        assert least <= backoff_s(attempt, at_most_s=1_000) <= 1.5 * least
    assert backoff_s(30, at_most_s=120) == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), (" 120 ", 120), ("", None), ("soon", None), ("-5", None), ("1e9", None), ("²", None)],
)
def test_retry_after_in_seconds(value, seconds):
    assert retry_after_s(httpx.Response(429, headers={"retry-after": value.encode()})) == seconds


def test_retry_after_as_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    assert 55 < (retry_after_s(httpx.Response(503, headers={"retry-after": in_a_minute})) or 0) <= 60
    assert retry_after_s(httpx.Response(503, headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.FINE) for status in (200, 204, 304)),
        *((status, Verdict.TRY_AGAIN) for status in (408, 425, 429, 500, 502, 503, 504)),
        *((status, Verdict.REFUSED) for status in (300, 400, 403, 404, 409, 410, 501)),
        (401, Verdict.LOG_IN),
    ],
)
def test_what_a_status_means(status, verdict):
    assert judge(httpx.Response(status)) is verdict
