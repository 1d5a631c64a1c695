"""What a listed document needs, judged without reading it."""

from enum import Enum

from connectors.documents import Listed
from knowledge.letters import storable
from knowledge.store import Quarantined, StoredDocument, rule_digest

MAX_ATTEMPTS = 3
"""At reading one version of a document by the same rules. A full run tries once more."""

KILLED_ITS_READER = "reading it ended the process each time"


class Need(Enum):
    READING = "reading"
    MOVING = "moving"
    """Its text stays; its title, link, trail, labels or rights go where the listing says."""
    NOTHING = "nothing"
    LEAVING = "leaving"
    """It could not be read, and this version won't be tried again."""


def find_need(
    listed: Listed, stored: StoredDocument | None, failed: Quarantined | None, *, recipe: str, full: bool
) -> Need:
    """Judge a document by its listing, without reading it."""
    if failed and is_same_try(failed, listed, recipe=recipe):
        return Need.LEAVING if failed.attempts >= MAX_ATTEMPTS and not full else Need.READING
    if stored is None or stored.version != storable(listed.version) or stored.recipe != recipe:
        return Need.READING
    if has_same_label(stored, listed) and stored.access_digest == rule_digest(listed.access):
        return Need.NOTHING
    return Need.MOVING


def is_same_try(failed: Quarantined, listed: Listed, *, recipe: str) -> bool:
    """Whether it would be read as it was when that failed. What kills processes is not tried anew by other rules."""
    in_same_way = failed.recipe == recipe or failed.reason == KILLED_ITS_READER
    return in_same_way and failed.listed.version == storable(listed.version)


def has_same_label(stored: StoredDocument, listed: Listed) -> bool:
    """Whether title, link, trail and labels are as listed."""
    return (stored.listed_title, stored.url, [*stored.trail], [*stored.labels]) == (
        storable(listed.title),
        storable(listed.url),
        [storable(title) for title in listed.trail],
        [storable(label) for label in listed.labels],
    )


def title_after_moving(stored: StoredDocument, listed: Listed) -> str:
    """A title that was read in the text stays with the text; one that the place gave is as the place gives it now."""
    return listed.title if stored.title == stored.listed_title else stored.title
