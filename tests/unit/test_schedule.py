"""Each nightly sync is due once per date on the wall, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.schedule import Schedule

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
)
TWO_YEARS = (datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC))


def due_moments(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    moments, moment = [], schedule.next_due(start)
    while moment is not None and moment < end:
        moments.append(moment)
        moment = schedule.next_due(moment)
    return moments


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", ["30 1 * * *", "30 2 * * *", "0 0 * * *"])
def test_every_date_of_two_years_is_due_exactly_once(zone: str, cron: str) -> None:
    start, end = TWO_YEARS
    moments = due_moments(Schedule(source="s", cron=cron, time_zone=zone), start, end)
    dates = [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
    assert dates == [dates[0] + timedelta(days=day) for day in range(len(dates))]
    assert len(dates) >= 729


def test_the_hour_that_comes_twice_is_due_once() -> None:
    schedule = Schedule(source="s", cron="30 1 * * *", time_zone="America/New_York")
    night = due_moments(schedule, datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC))
    assert night == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]


def test_a_time_that_spring_skips_is_due_all_the_same() -> None:
    schedule = Schedule(source="s", cron="30 2 * * *", time_zone="Europe/Berlin")
    night = due_moments(schedule, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert night == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]


@given(
    st.datetimes(min_value=datetime(2026, 1, 2), max_value=datetime(2027, 12, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
def test_a_night_that_nobody_was_awake_for_is_found_within_a_day(now: datetime, zone: str) -> None:
    schedule = Schedule(source="s", cron="15 2 * * *", time_zone=zone)
    wall = schedule.last_due_wall(now)
    upcoming = schedule.next_due(now)
    assert wall is not None
    assert upcoming is not None
    assert timedelta(0) < upcoming.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - wall < timedelta(days=1, hours=2)


def test_a_weekday_is_the_one_that_crontab_means() -> None:
    schedule = Schedule(source="s", cron="0 2 * * 1", time_zone="Asia/Tokyo")
    due = schedule.next_due(datetime(2026, 11, 26, tzinfo=UTC))
    assert due is not None
    assert f"{due.astimezone(ZoneInfo('Asia/Tokyo')):%A %d %H:%M}" == "Monday 30 02:00"
