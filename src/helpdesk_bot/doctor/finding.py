"""One thing looked at, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    GOOD = "good"
    OFF = "off"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at. `advice` says what to do, and is empty where nothing is to be done."""

    name: str
    health: Health
    detail: str
    advice: str = ""


def good(name: str, detail: str) -> Finding:
    return Finding(name=name, health=Health.GOOD, detail=detail)


def bad(name: str, detail: str, advice: str) -> Finding:
    return Finding(name=name, health=Health.BAD, detail=detail, advice=advice)
