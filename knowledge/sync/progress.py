"""How far a run is, for whoever watches: a callback in its own process, the run's row for all others."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from knowledge.store import Writer
from knowledge.store.account import Delta

REPORT_EVERY_S = 2.0
"""Within a page, whose embeddings may take long."""


class Phase(StrEnum):
    LISTING = "listing"
    """Asking the place what changed, reading it and storing it, page by page."""
    COMPARING = "comparing"
    """Asking what there is and who may read it."""
    FINISHING = "finishing"
    """Moving rights, removing what is gone, putting the index in order."""


@dataclass(frozen=True, kw_only=True)
class SyncProgress:
    """How far a run is; how much is to come is not known before the listing ends."""

    source: str
    settled: int
    """Documents of which it is known what became of them."""
    skipped: int
    chunks_embedded: int
    chunks_reused: int
    phase: Phase = Phase.LISTING

    def numbers(self) -> dict[str, int]:
        return {
            "settled": self.settled,
            "skipped": self.skipped,
            "chunks_embedded": self.chunks_embedded,
            "chunks_reused": self.chunks_reused,
        }


class Ended(Exception):
    """A run stops before its end. `by` is who asked for it, None where its process ends."""

    def __init__(self, by: str | None) -> None:
        super().__init__(by)
        self.by = by


@dataclass(kw_only=True)
class Watch:
    """Counts, tells whoever watches, and hears whether the run shall end."""

    writer: Writer
    run_id: int
    progress: Callable[[SyncProgress], None] | None
    should_stop: Callable[[], bool] | None
    phase: Phase = Phase.LISTING
    settled: int = 0
    skipped: int = 0
    chunks_embedded: int = 0
    chunks_reused: int = 0
    _in_hand: Mapping[str, str] = field(default_factory=dict[str, str])
    _reported_at: float = 0.0

    def add(self, delta: Delta) -> None:
        self.settled += delta.settled
        self.skipped += delta.skipped

    async def enter(self, phase: Phase) -> None:
        self.phase = phase
        await self.report()

    async def report(self, *, in_hand: Mapping[str, str] | None = None) -> None:
        """Between pages: to this process and all others. Raises `Ended` where the run shall end here.

        `in_hand` are the documents about to be read, version by key; none after a page.
        """
        self._in_hand = in_hand or {}
        self._reported_at = time.monotonic()
        seen = self._tell()
        by = await self.writer.runs.report(
            self.run_id, phase=seen.phase, progress=seen.numbers(), in_hand=self._in_hand
        )
        if by is not None:
            raise Ended(by)
        self._check()

    async def report_embedded(self, chunks: int) -> None:
        """Between batches of embeddings: to this process, and to others when they heard nothing for a while."""
        self.chunks_embedded += chunks
        if time.monotonic() - self._reported_at > REPORT_EVERY_S:
            await self.report(in_hand=self._in_hand)
        self._tell()
        self._check()

    def _check(self) -> None:
        if self.should_stop and self.should_stop():
            raise Ended(None)

    def _tell(self) -> SyncProgress:
        seen = SyncProgress(
            source=self.writer.source,
            settled=self.settled,
            skipped=self.skipped,
            chunks_embedded=self.chunks_embedded,
            chunks_reused=self.chunks_reused,
            phase=self.phase,
        )
        if self.progress is not None:
            self.progress(seen)
        return seen
