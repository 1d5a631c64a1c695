"""The receipt of a run: what became of all that the place has, and whether that adds up."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connectors.documents import Spent
from connectors.source import Source
from knowledge.receipts import Receipt, RunState
from knowledge.store import SyncRun, Writer
from knowledge.sync.pages import Pages
from knowledge.sync.progress import Watch

MAX_REASONS = 50
"""Told apart in a receipt."""

HELD_BACK = "the place no longer has it; its removal waits for approval"


@dataclass(kw_only=True)
class Accounting:
    source: Source
    writer: Writer
    pages: Pages
    watch: Watch
    begun: SyncRun
    spent_before: Spent
    """When the run began: a source goes on counting from run to run."""
    began_at: float = field(default_factory=time.monotonic)
    memberships_changed: bool = False

    async def of_complete_listing(self) -> Receipt:
        receipt = replace(
            await self.of_what_was_done(RunState.COMPLETE, ""), found=await self.writer.account.count_known()
        )
        lost = await self.writer.account.count_astray() + abs(receipt.found - receipt.accounted)
        if lost:
            reason = f"the account does not balance: {lost} documents are not where they should be"
            return replace(receipt, state=RunState.INCOMPLETE, reason=reason)
        if receipt.held_back:
            reason = f"{receipt.held_back} documents are no longer there; they are kept until their removal is approved"
            return replace(receipt, state=RunState.INCOMPLETE, reason=reason)
        return receipt

    async def of_what_was_done(self, state: RunState, reason: str) -> Receipt:
        totals = await self.writer.account.add_up()
        return replace(
            self.without_totals(state, reason=reason),
            listed=totals.listed,
            found=sum(totals.by_fate.values()),
            added=totals.by_fate.get("added", 0),
            changed=totals.by_fate.get("changed", 0),
            unchanged=totals.by_fate.get("unchanged", 0),
            removed=totals.by_fate.get("removed", 0),
            skipped=_told(totals.by_reason),
            held_back=totals.by_reason.get(HELD_BACK, 0),
            renamed=totals.renamed,
            rights_changed=totals.rights_moved,
        )

    def without_totals(self, state: RunState, *, reason: str) -> Receipt:
        """All that is known without asking the database: for a run that an error ends."""
        spent, oldest_news = self.source.spent, self.pages.oldest_news
        return Receipt(
            source=self.source.name,
            state=state,
            reason=reason,
            run_id=self.begun.id,
            started_at=self.begun.started_at,
            chunks_embedded=self.watch.chunks_embedded,
            chunks_reused=self.watch.chunks_reused,
            memberships_changed=self.memberships_changed,
            requests=spent.requests - self.spent_before.requests,
            points=spent.points - self.spent_before.points,
            lag_s=max(0.0, (datetime.now(UTC) - oldest_news).total_seconds()) if oldest_news else None,
            took_s=round(time.monotonic() - self.began_at, 3),
        )


def _told(by_reason: Mapping[str, int]) -> dict[str, int]:
    """How often each reason was given, the most frequent first; beyond MAX_REASONS together."""
    counted = sorted(by_reason.items(), key=lambda reason: (-reason[1], reason[0]))
    told = dict(counted[:MAX_REASONS])
    if others := sum(number for _, number in counted[MAX_REASONS:]):
        told["other reasons"] = others
    return told
