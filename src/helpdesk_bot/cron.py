"""Cron expressions as crontab(5) reads them.

APScheduler 3 reads them otherwise: it counts weekdays from Monday, so that `1-5` was Tuesday to Saturday and 7 was
refused (github.com/agronholm/apscheduler/issues/286), and wants day and weekday both where crontab takes either.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = rf"[0-7]|{'|'.join(_WEEKDAYS)}"
_DAYS = re.compile(rf"(?:\*|(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?)(?:/(?P<step>[1-7]))?", re.IGNORECASE)

_SOUGHT = timedelta(days=366 * 40)
"""29 February comes on each weekday within 40 years. Without an end, 31 April was looked for up to the year 9999, which
took five seconds."""


def read_cron(expression: str, *, time_zone: tzinfo) -> BaseTrigger:
    """When the five fields are due. Raises `ValueError`, which says what is wrong with them."""
    fields = dict(zip(_FIELDS, values := expression.split(), strict=False))
    if len(values) != len(_FIELDS):
        raise ValueError(f"it has {len(values)} fields, not {len(_FIELDS)}")
    is_either = not any(fields[name].startswith("*") for name in ("day", "day_of_week"))
    fields["day_of_week"] = _name_weekdays(fields["day_of_week"])
    either = (fields | {"day_of_week": "*"}, fields | {"day": "*"}) if is_either else (fields,)
    until = datetime.now(time_zone) + _SOUGHT
    return OrTrigger([CronTrigger(**one, timezone=time_zone, end_date=until) for one in either])


def check_cron(expression: str) -> None:
    """Raises `ValueError` for what can't be read, and for a day that never comes, such as 31 February."""
    if read_cron(expression, time_zone=UTC).get_next_fire_time(None, datetime.now(UTC)) is None:
        raise ValueError("no such day ever comes")


def _name_weekdays(field: str) -> str:
    """The days by their names, which mean the same to everybody; `*` for all of them."""
    days = {day for part in field.split(",") for day in _list_weekdays(part)}
    return "*" if len(days) == len(_WEEKDAYS) else ",".join(_WEEKDAYS[day] for day in sorted(days))


def _list_weekdays(part: str) -> list[int]:
    """From 0, which is Sunday. `fri-mon` goes past the end of the week."""
    match = _DAYS.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is no weekday: they are 0 to 7, where 0 and 7 are Sunday, or names such as mon")
    first = _number(match["first"] or "0")
    is_open = match["first"] is None or (match["step"] is not None and match["last"] is None)
    last = len(_WEEKDAYS) - 1 if is_open else _number(match["last"] or match["first"])
    if last < first:
        last += len(_WEEKDAYS)
    return [day % len(_WEEKDAYS) for day in range(first, last + 1, int(match["step"] or 1))]


def _number(day: str) -> int:
    return int(day) if day.isdecimal() else _WEEKDAYS.index(day.casefold())
