"""Who is there, and what a site must tell to be changed at random."""

import random
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from tests.fakes.site import PEOPLE, STRANGER, Site, people_in

STAFF = (*PEOPLE, *(f"p{number}@example.com" for number in range(8)))
OUTSIDER = "gus@partner.test"
"""Has an account at the places, and may be named there; not one of the staff."""
EVERYBODY = frozenset({*STAFF, OUTSIDER, STRANGER})
GROUPS = tuple(f"g{number}" for number in range(6))

Twist = Callable[[random.Random], Awaitable[None]]


class CrowdedSite(Site, Protocol):
    classes: Sequence[str]
    """Names for more than one person that `restrict` takes besides e-mail addresses and groups."""

    def pages(self) -> Sequence[str]:
        """Documents that can be changed and moved now."""
        ...

    def folders(self) -> Sequence[str]:
        """What documents can be put in now."""
        ...

    def restrictable(self) -> Sequence[str]: ...

    def restricted(self) -> Sequence[str]:
        """What `open_up` takes now."""
        ...

    def gone(self) -> Sequence[str]:
        """What `restore` takes now."""
        ...

    def removable(self) -> Sequence[str]: ...

    def movable(self) -> Iterator[tuple[str, str | None]]:
        """Everything with each place it can be moved to."""
        ...

    def twists(self) -> Sequence[Twist]:
        """Edits that only this kind of place knows."""
        ...


def people_named(readers: Collection[str], groups: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The people behind e-mail addresses, groups and classes; a link is for nobody who was not given it."""
    named = people_in(readers, groups)
    staff = frozenset(STAFF) if "staff" in named else frozenset[str]()
    return EVERYBODY if "public" in named else (named & EVERYBODY) | staff
