"""What a sync proves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, cast


class RunState(StrEnum):
    COMPLETE = "complete"
    """Everything that the place has is stored, or its absence is explained."""
    INCOMPLETE = "incomplete"
    """What was listed is stored, but nothing was removed: the listing was cut short, too much would have gone, or the
    account does not balance."""
    FAILED = "failed"
    """The place, the embedder or the database was not there. What was stored before the fault stays stored."""
    CANCELLED = "cancelled"
    """Somebody asked it to end. What was stored stays stored, and the next run goes on from there."""
    INTERRUPTED = "interrupted"
    """As cancelled, by the end of its process."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An account of one run in which every document is counted once.

    found = added + changed + unchanged + removed + all of skipped.

    `found` counts, after a complete listing, every document that the place has and every one that was stored before;
    otherwise the documents of which it was settled what becomes of them.
    """

    source: str
    state: RunState
    reason: str = ""
    """Why the run is not complete, for a person."""
    run_id: int = 0
    started_at: datetime | None = None
    listed: int = 0
    """Documents that the listings told of, each once; what did not change is not listed by most places."""
    found: int = 0
    added: int = 0
    changed: int = 0
    """The text was read and stored anew."""
    unchanged: int = 0
    """The text was left as it is; its title, link, place or rights may have moved."""
    removed: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    """Documents that are not stored, or only in an older version, by reason."""
    held_back: int = 0
    """Of the skipped: gone from the place, but so many that their removal waits for a person's word."""
    renamed: int = 0
    """Of the unchanged: title, link, trail or labels moved."""
    rights_changed: int = 0
    """Of all that stay: another access rule."""
    chunks_embedded: int = 0
    chunks_reused: int = 0
    """Chunks of added and changed documents whose vectors were known."""
    memberships_changed: bool = False
    requests: int = 0
    """That the place was asked."""
    points: int = 0
    """Of the place's own quota, as far as it is known."""
    lag_s: float | None = None
    """The longest that a change waited to be stored: from the place's own time of it to the end of the run, over all
    changes since the run before was complete. None where there were none, and in the first run."""
    took_s: float = 0.0

    @property
    def has_news(self) -> bool:
        """Whether what was known before reads otherwise now, or is somebody else's to read."""
        return bool(self.changed or self.removed or self.rights_changed or self.memberships_changed)

    @property
    def accounted(self) -> int:
        return self.added + self.changed + self.unchanged + self.removed + sum(self.skipped.values())

    @property
    def balances(self) -> bool:
        return self.found == self.accounted

    def as_json(self) -> dict[str, object]:
        started_at = self.started_at.isoformat() if self.started_at else None
        return cast("dict[str, object]", asdict(self)) | {"started_at": started_at}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Receipt":
        """As written by this version or another: what it does not know is left out, what is missing is 0."""
        known: dict[str, Any] = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        known["state"] = RunState(known.get("state", RunState.FAILED))
        if started_at := known.get("started_at"):
            known["started_at"] = datetime.fromisoformat(started_at)
        return cls(**known)
