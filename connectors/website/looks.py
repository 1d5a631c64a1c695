"""What one look at one address can show."""

from dataclasses import dataclass
from datetime import datetime

from connectors.website.memory import Visited


@dataclass(frozen=True, kw_only=True)
class Found:
    """A document, read."""

    visited: Visited
    title: str
    trail: tuple[str, ...]
    media_type: str
    modified_at: datetime


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    visited: Visited


@dataclass(frozen=True, kw_only=True)
class Moved:
    to: str


@dataclass(frozen=True, kw_only=True)
class Gone:
    pass


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Something that is no document, or that asks not to be one."""

    links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A page that not everybody may read: by whom is not known."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A document that exists and can't be read."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """Nothing is known about the page now."""

    reason: str


Look = Found | Unchanged | Moved | Gone | Ignored | Closed | Skipped | Unanswered
