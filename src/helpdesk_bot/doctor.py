"""What an admin wants to know before anyone asks: does every setting, key and connection work, and what if not?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from helpdesk_bot.settings import Settings


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


async def examine_all(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding, as soon as it is known."""
    yield Finding(name="settings", health=Health.GOOD, detail="all readable")
