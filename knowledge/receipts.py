"""What a sync proves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import cast


class RunState(StrEnum):
    COMPLETE = "complete"
    """Everything that the place has is stored, or its absence is explained."""
    INCOMPLETE = "incomplete"
    """What was listed is stored, but nothing was removed: the listing was cut short, or too much would have gone."""
    FAILED = "failed"
    """The place or the embedder was not there. What was stored before the fault stays stored."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An account of one run in which every document is counted once.

    found = added + changed + unchanged + removed + all of skipped.

    `found` counts, after a complete listing, every document that the place has and every one that was stored before;
    otherwise the documents that were listed.
    """

    source: str
    state: RunState
    reason: str = ""
    """Why the run is not complete, for a person."""
    found: int = 0
    added: int = 0
    changed: int = 0
    """The text was read and stored anew."""
    unchanged: int = 0
    """The text was left as it is; its title, link or rights may have moved."""
    removed: int = 0
    skipped: Mapping[str, int]
    """Documents that are not stored, or only in an older version, by reason."""
    renamed: int = 0
    """Of the unchanged: title or link moved."""
    rights_changed: int = 0
    """Of all that stay: another access rule."""
    chunks_embedded: int = 0
    chunks_reused: int = 0
    """Chunks of added and changed documents whose vectors were known."""
    memberships_changed: bool = False
    took_s: float = 0.0

    @property
    def balances(self) -> bool:
        accounted = self.added + self.changed + self.unchanged + self.removed + sum(self.skipped.values())
        return self.found == accounted

    def as_json(self) -> dict[str, object]:
        return cast("dict[str, object]", asdict(self))
