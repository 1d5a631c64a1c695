"""A cron expression is due when crontab(5) says so."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk_bot.cron import check_cron, read_cron

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def list_due(cron: str, *, days: int) -> list[datetime]:
    trigger = read_cron(cron, time_zone=UTC)
    due, moment = [], MONDAY
    while (found := trigger.get_next_fire_time(None, moment)) is not None and found < MONDAY + timedelta(days=days):
        due.append(found)
        moment = found + timedelta(seconds=1)
    return due


@pytest.mark.parametrize(
    ("weekdays", "names"),
    [
        ("*", "Mon Tue Wed Thu Fri Sat Sun"),
        ("1", "Mon"),
        ("0", "Sun"),
        ("7", "Sun"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("5-7", "Fri Sat Sun"),
        ("6,0", "Sat Sun"),
        ("*/2", "Tue Thu Sat Sun"),
        ("1-5/2", "Mon Wed Fri"),
        ("2/2", "Tue Thu Sat"),
        ("mon-fri", "Mon Tue Wed Thu Fri"),
        ("SUN", "Sun"),
        ("sun-mon", "Mon Sun"),
        ("fri-mon", "Mon Fri Sat Sun"),
        ("0-7", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_weekdays_are_those_of_crontab(weekdays: str, names: str) -> None:
    assert " ".join(f"{due:%a}" for due in list_due(f"0 2 * * {weekdays}", days=7)) == names


def test_a_day_and_a_weekday_are_each_enough() -> None:
    assert [f"{due:%a %d}" for due in list_due("0 2 4 * 1", days=9)] == ["Mon 30", "Fri 04", "Mon 07"]


def test_a_step_of_days_and_a_weekday_are_needed_both_as_in_crontab() -> None:
    assert [f"{due:%a %d}" for due in list_due("0 2 */2 * 1", days=9)] == ["Mon 07"]


@pytest.mark.parametrize("cron", ["", "0 2 * *", "0 2 * * * *", "0 2 * * 8", "0 2 * * x", "0 2 * * 1-", "61 2 * * *"])
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match=r"fields|weekday|validating"):
        read_cron(cron, time_zone=UTC)


@pytest.mark.parametrize("cron", ["0 0 31 2 *", "0 0 31 4,6,9,11 *", "* * 30-31 2 */2"])
def test_a_day_that_never_comes_is_refused_at_once(cron: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="no such day ever comes"):
        check_cron(cron)
    assert time.process_time() - began < 0.2


def test_a_day_that_never_comes_holds_up_nothing_where_a_weekday_is_enough() -> None:
    began = time.process_time()
    assert [f"{due:%a %d %b}" for due in list_due("0 0 31 2,4 1", days=75)] == ["Mon 01 Feb", "Mon 08 Feb"]
    assert time.process_time() - began < 0.2


def test_a_leap_day_is_found() -> None:
    assert f"{read_cron('0 2 29 2 *', time_zone=UTC).get_next_fire_time(None, MONDAY):%Y-%m-%d}" == "2028-02-29"
    leap_sunday = read_cron("0 2 29 2 */7", time_zone=UTC).get_next_fire_time(None, MONDAY)
    assert f"{leap_sunday:%Y-%m-%d %a}" == "2032-02-29 Sun"
