"""The escalation file: who is brought in, where and when, as YAML, with errors that say what to do.

people:
  - {name: Bo, slack: UBO}
  - {name: Cy, slack: UCY}
channel: {slack: C0PEOPLE}
second_channel: {slack: C0DUTY}
rota: {people: [Bo, Cy], start: 2026-01-05, days: 7, hand_over: "09:00"}
hours: {time_zone: Europe/Berlin, monday: "09:00-17:00", holidays: [2026-12-25]}
timers: {remind_minutes: 15, next_minutes: 30, tell_minutes: 60, holder_minutes: 480}
routes:
  - {words: [salary, payroll], channel: {slack: C0HR}}
"""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.escalation.office_hours import OfficeHours, Span
from helpdesk_bot.escalation.plan import EscalationPlan, Route, Team
from helpdesk_bot.escalation.rota import Helper, Override, Rota, as_utc
from helpdesk_bot.escalation.timers import Timer
from helpdesk_bot.events import Platform

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
_MAX_BYTES = 1_000_000


def _wall_time(value: object) -> object:
    """YAML 1.1 reads 09:00 without quotes as the number 540: minutes."""
    return time(*divmod(value, 60)) if isinstance(value, int) and 0 <= value < 24 * 60 else value


def _spans(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_span(part) for part in value.split(",") if part.strip())


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text.strip()!r} is no time span; write 09:00-17:00")
    start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
    if start_hour > 23 or end_hour > 24 or start_minute > 59 or end_minute > 59:
        raise ValueError(f"{text.strip()!r} is no time span; hours go from 00:00 to 24:00")
    span = Span(start=time(start_hour, start_minute), end=time(end_hour % 24, end_minute))
    if span.end != time() and span.end <= span.start:
        raise ValueError(f"{text.strip()!r} ends before it begins; split it at midnight")
    return span


_Spans = Annotated[tuple[Span, ...], BeforeValidator(_spans)]
_WallTime = Annotated[time, BeforeValidator(_wall_time)]
_Channels = dict[Platform, str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _Zoned(_Part):
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; use a name such as Europe/Berlin") from error
        return value


class _Person(_Part):
    name: str
    slack: str = ""
    teams: str = ""

    def helper(self) -> Helper:
        ids = {Platform.SLACK: self.slack, Platform.TEAMS: self.teams}
        return Helper(name=self.name, ids={platform: known for platform, known in ids.items() if known})


class _Override(_Part):
    who: str
    start: datetime
    end: datetime


class _Rota(_Zoned):
    people: list[str] = Field(min_length=1)
    start: date = date(2026, 1, 5)
    days: int = Field(default=7, ge=1, le=366)
    hand_over: _WallTime = time(9)
    overrides: list[_Override] = []

    def rota(self, people: dict[str, Helper]) -> Rota:
        return Rota(
            helpers=tuple(people[name] for name in self.people),
            start=self.start,
            days=self.days,
            hand_over=self.hand_over,
            time_zone=self.time_zone,
            overrides=tuple(
                Override(helper=one.who, start=as_utc(one.start, self.time_zone), end=as_utc(one.end, self.time_zone))
                for one in self.overrides
            ),
        )


class _Hours(_Zoned):
    monday: _Spans = ()
    tuesday: _Spans = ()
    wednesday: _Spans = ()
    thursday: _Spans = ()
    friday: _Spans = ()
    saturday: _Spans = ()
    sunday: _Spans = ()
    holidays: frozenset[date] = frozenset()

    def hours(self) -> OfficeHours:
        week: dict[int, tuple[Span, ...]] = {number: getattr(self, day) for number, day in enumerate(DAYS)}
        return OfficeHours(time_zone=self.time_zone, week=week, holidays=self.holidays)


class _Timers(_Part):
    """Minutes in which people are there; 0 leaves a step out."""

    remind_minutes: int = Field(default=15, ge=0)
    next_minutes: int = Field(default=30, ge=0)
    tell_minutes: int = Field(default=60, ge=0)
    holder_minutes: int = Field(default=480, ge=0)

    def timer(self, hours: OfficeHours) -> Timer:
        return Timer(
            remind_after=_minutes(self.remind_minutes),
            call_next_after=_minutes(self.next_minutes),
            tell_asker_after=_minutes(self.tell_minutes),
            nudge_holder_after=_minutes(self.holder_minutes),
            hours=hours,
        )


class _Team(_Part):
    channel: _Channels
    second_channel: _Channels = {}
    rota: _Rota | None = None

    def team(self, people: dict[str, Helper]) -> Team:
        return Team(
            channels=self.channel,
            second_channels=self.second_channel,
            rota=self.rota.rota(people) if self.rota else Rota(),
        )


class _Route(_Team):
    asked_in: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _says_when(self) -> "_Route":
        if not (self.asked_in or self.sources or self.words):
            raise ValueError("a route needs asked_in, sources or words; what fits no route goes to the channel on top")
        return self

    def route(self, people: dict[str, Helper]) -> Route:
        return Route(team=self.team(people), asked_in=self.asked_in, sources=self.sources, words=self.words)


class _File(_Team):
    channel: _Channels = {}
    people: list[_Person] = []
    hours: _Hours = _Hours()
    timers: _Timers = _Timers()
    routes: list[_Route] = []

    @model_validator(mode="after")
    def _names_known_people(self) -> "_File":
        known = {person.name for person in self.people}
        rotas = [team.rota for team in (self, *self.routes) if team.rota]
        named = {name for rota in rotas for name in (*rota.people, *(one.who for one in rota.overrides))}
        if missing := sorted(named - known):
            raise ValueError(f"the rota names {', '.join(missing)}, who is not under people")
        return self

    def plan(self) -> EscalationPlan:
        people = {person.name: person.helper() for person in self.people}
        return EscalationPlan(
            team=self.team(people),
            routes=tuple(route.route(people) for route in self.routes),
            timer=self.timers.timer(self.hours.hours()),
        )


def load_plan(path: Path) -> EscalationPlan:
    """Read once at the start. Raises `NotConfigured` with the place and what to do about it."""
    try:
        with path.open(encoding="utf-8") as file:
            content: Any = yaml.safe_load(file.read(_MAX_BYTES))
        return _File.model_validate(content or {}).plan()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NotConfigured(f"ESCALATION_FILE={path} can't be read: {error}") from error
    except ValidationError as error:
        raise NotConfigured(f"ESCALATION_FILE={path}: {_in_words(error)}") from error


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors()
    )


def _minutes(count: int) -> timedelta | None:
    return timedelta(minutes=count) if count else None
