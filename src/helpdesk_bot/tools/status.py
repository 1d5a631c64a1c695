"""What a status page says, whichever of three kinds it is. A key that is missing, or of another type, says nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

MAX_NAME_CHARACTERS = 120
MAX_COMPONENTS = 300
MAX_INCIDENTS = 20


class Kind(StrEnum):
    STATUSPAGE = "statuspage"
    INSTATUS = "instatus"
    BETTER_STACK = "betterstack"


PATHS: Mapping[Kind, str] = {
    Kind.STATUSPAGE: "/api/v2/summary.json",
    Kind.INSTATUS: "/summary.json",
    Kind.BETTER_STACK: "/index.json",
}
"""Where each kind says it, under the page's own address."""


@dataclass(frozen=True, kw_only=True)
class Component:
    name: str
    state: str
    """In the page's own words, lower case with spaces, such as `partial outage`."""

    @property
    def is_up(self) -> bool:
        return self.state in _UP


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One that goes on, or maintenance that is under way."""

    name: str
    state: str
    components: tuple[str, ...] = ()
    """Names of what it concerns; empty where the page doesn't say."""


@dataclass(frozen=True, kw_only=True)
class Status:
    state: str
    """Of the whole page, in its own words; empty where it doesn't say."""
    components: tuple[Component, ...]
    incidents: tuple[Incident, ...]

    @property
    def is_up(self) -> bool:
        """By incidents and components too: a page can say UP with an incident open."""
        return self.state in _UP and not self.incidents and all(one.is_up for one in self.components)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What became of a look at one page. Either `status` or `trouble`."""

    page: str
    """Its name in our configuration."""
    url: str
    """Of our configuration, never of an answer."""
    at: datetime
    status: Status | None = None
    trouble: str = ""


_UP = frozenset({"", "operational", "up", "none", "all systems operational", "not monitored"})
_OVER = frozenset({"resolved", "postmortem", "completed", "scheduled", "notstartedyet", "not started yet"})


def read_status(kind: Kind, answer: Mapping[str, Any]) -> Status | None:
    """None for an answer that is not of this kind of page."""
    return _READERS[kind](answer)


def _statuspage(answer: Mapping[str, Any]) -> Status | None:
    if not isinstance(answer.get("status"), dict) and not isinstance(answer.get("components"), list):
        return None
    incidents = [*_objects(answer.get("incidents")), *_objects(answer.get("scheduled_maintenances"))]
    return Status(
        state=_state(_object(answer.get("status")).get("indicator")),
        components=_components(answer.get("components"), leave_out=lambda one: one.get("group") is True),
        incidents=_incidents(incidents),
    )


def _instatus(answer: Mapping[str, Any]) -> Status | None:
    page = _object(answer.get("page"))
    if not isinstance(page.get("status"), str):
        return None
    incidents = [*_objects(answer.get("activeIncidents")), *_objects(answer.get("activeMaintenances"))]
    return Status(
        state=_instatus_state(page["status"]),
        components=_components(answer.get("components")),
        incidents=_incidents(incidents),
    )


def _instatus_state(state: str) -> str:
    """`HASISSUES` is one word there."""
    return {"hasissues": "has issues", "undermaintenance": "under maintenance"}.get(_state(state), _state(state))


def _better_stack(answer: Mapping[str, Any]) -> Status | None:
    page = _object(_object(answer.get("data")).get("attributes"))
    if "aggregate_state" not in page:
        return None
    included = list(_objects(answer.get("included")))
    resources = [_object(one.get("attributes")) for one in included if one.get("type") == "status_page_resource"]
    reports = [_object(one.get("attributes")) for one in included if one.get("type") == "status_report"]
    return Status(
        state=_state(page.get("aggregate_state")),
        components=_components([{"name": one.get("public_name"), "status": one.get("status")} for one in resources]),
        incidents=_incidents(
            [{"name": one.get("title"), "status": one.get("aggregate_state")} for one in reports if _goes_on(one)]
        ),
    )


def _goes_on(report: Mapping[str, Any]) -> bool:
    return not report.get("ends_at") and _state(report.get("aggregate_state")) not in _OVER


_READERS: Mapping[Kind, Callable[[Mapping[str, Any]], Status | None]] = {
    Kind.STATUSPAGE: _statuspage,
    Kind.INSTATUS: _instatus,
    Kind.BETTER_STACK: _better_stack,
}


def _components(
    listed: object, *, leave_out: Callable[[Mapping[str, Any]], bool] = lambda _: False
) -> tuple[Component, ...]:
    found = [
        Component(name=_name(one.get("name")), state=_state(one.get("status")))
        for one in _objects(listed)
        if _name(one.get("name")) and not leave_out(one)
    ]
    return tuple(found[:MAX_COMPONENTS])


def _incidents(listed: list[Mapping[str, Any]]) -> tuple[Incident, ...]:
    found = [
        Incident(
            name=_name(one.get("name")) or "an incident without a name",
            state=_state(one.get("status")),
            components=tuple(filter(None, (_name(part.get("name")) for part in _objects(one.get("components"))))),
        )
        for one in listed
        if _state(one.get("status")) not in _OVER
    ]
    return tuple(found[:MAX_INCIDENTS])


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (_object(one) for one in cast("list[object]", value))


def _name(value: object) -> str:
    """On one line, and without brackets, which would read as a citation."""
    text = value if isinstance(value, str) else ""
    return " ".join(text.translate({ord("["): "(", ord("]"): ")"}).split())[:MAX_NAME_CHARACTERS]


def _state(value: object) -> str:
    return _name(value).replace("_", " ").casefold()
