"""When people are there, through weekends, holidays and clock changes."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.escalation.office_hours import OfficeHours, Span, in_words

NINE_TO_FIVE = (Span(start=time(9), end=time(17)),)
BERLIN = OfficeHours(
    time_zone="Europe/Berlin",
    week=dict.fromkeys(range(5), NINE_TO_FIVE),
    holidays=frozenset({date(2026, 12, 25)}),
)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_without_hours_people_are_always_there() -> None:
    always = OfficeHours()
    assert always.is_open(utc(1, 1, 3))
    assert always.next_opening(utc(1, 1, 3)) == utc(1, 1, 3)
    assert always.after(utc(1, 1, 3), timedelta(minutes=15)) == utc(1, 1, 3, 15)


def test_hours_are_read_on_the_wall_clock_in_winter_and_summer() -> None:
    assert BERLIN.is_open(utc(11, 23, 8))  # 09:00 in winter
    assert not BERLIN.is_open(utc(11, 23, 7, 59))
    assert BERLIN.is_open(utc(7, 6, 7))  # 09:00 in summer
    assert not BERLIN.is_open(utc(7, 6, 15))  # 17:00: closed


def test_the_next_opening_skips_weekends_and_holidays() -> None:
    assert BERLIN.next_opening(utc(11, 21, 12)) == utc(11, 23, 8)  # a Saturday
    assert BERLIN.next_opening(utc(12, 24, 20)) == utc(12, 28, 8)  # Christmas is a Friday
    assert BERLIN.next_opening(utc(11, 23, 10)) == utc(11, 23, 10)


def test_the_clock_stands_while_nobody_is_there() -> None:
    friday_late = utc(11, 20, 15, 50)  # 16:50
    assert BERLIN.after(friday_late, timedelta(minutes=15)) == utc(11, 23, 8, 5)
    assert BERLIN.after(utc(11, 23, 8), timedelta(minutes=15)) == utc(11, 23, 8, 15)


def test_hours_that_never_open_again_lead_nowhere() -> None:
    year = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(500))
    never = OfficeHours(week={0: NINE_TO_FIVE}, holidays=year)
    assert never.next_opening(utc(6, 1, 0)) is None
    assert never.after(utc(6, 1, 0), timedelta(minutes=1)) is None


def test_a_night_shift_ends_with_the_day_and_goes_on_with_the_next() -> None:
    nights = OfficeHours(week={0: (Span(start=time(22), end=time()),), 1: (Span(start=time(), end=time(6)),)})
    assert nights.is_open(utc(11, 23, 23, 59))
    assert nights.is_open(utc(11, 24, 0))
    assert nights.after(utc(11, 23, 23, 30), timedelta(hours=1)) == utc(11, 24, 0, 30)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    st.integers(min_value=1, max_value=2_000),
)
def test_waiting_takes_its_time_and_ends_while_people_are_there(begin: datetime, minutes: int) -> None:
    due = BERLIN.after(begin, timedelta(minutes=minutes))
    assert due is not None
    assert due - begin >= timedelta(minutes=minutes)
    assert BERLIN.is_open(due - timedelta(microseconds=1))


def test_a_moment_in_words_names_its_zone() -> None:
    assert in_words(utc(11, 23, 8), "Europe/Berlin") == "Monday 23 November, 09:00 (Europe/Berlin)"
