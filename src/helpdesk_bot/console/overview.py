"""How the bot is doing, on one page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.door import Pass
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.events import Place, PlaceKind
from helpdesk_bot.records import Counts
from helpdesk_bot.records.model_health import Condition
from helpdesk_bot.records.spending import ALERT_FROM
from knowledge.receipts import Receipt
from knowledge.store import SourceStatus

DAYS = 7


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    name: str
    status: SourceStatus | None
    """None where it was never read."""
    receipt: Receipt | None
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Spent:
    period: str
    cost_usd: Decimal
    limit_usd: Decimal
    """0 is no limit."""

    @property
    def is_nearly_used(self) -> bool:
        return bool(self.limit_usd) and self.cost_usd >= self.limit_usd * ALERT_FROM


class Overview:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:  # noqa: ARG002 - a page without parameters
        await admin.opens("overview")
        parts = self._parts
        counts = await parts.records.count_since(datetime.now(UTC) - timedelta(days=DAYS))
        here = Place(platform=admin.visitor.platform, tenant="", channel="", thread=None, kind=PlaceKind.DIRECT)
        return self._frame.show(
            "overview",
            admin=admin,
            active="overview",
            days=DAYS,
            counts=counts,
            outcomes=_outcomes(counts),
            waits=await parts.waiting.count_waits(),
            sources=await list_sources(parts),
            pause=await parts.pauses.find(here),
            has_worker=await parts.jobs.has_living_worker(),
            spent=await self._list_spent(),
            costs=await parts.calls.list_costs(since=parts.today()),
            models=await self._list_models(),
            knowledge=await parts.store.get_status(),
            version=parts.version,
        )

    async def _list_spent(self) -> list[Spent]:
        found: list[Spent] = []
        for account in self._parts.list_budgets():
            _, cost_usd = await self._parts.spending.find_spent(account)
            found.append(Spent(period=account.period, cost_usd=cost_usd, limit_usd=account.limit_usd))
        return found

    async def _list_models(self) -> list[Condition]:
        """Each that is set, as it fares; one that never failed is well."""
        known = {one.model: one for one in await self._parts.health.list_conditions()}
        well = (Condition(model=label, failures=0, reason="", opened_at=None) for label in self._parts.models)
        return [known.get(one.model, one) for one in well]


async def list_sources(parts: ConsoleParts) -> list[SourceLine]:
    """In the order of the settings."""
    statuses = {one.source: one for one in (await parts.store.get_status()).sources}
    due = await parts.next_syncs()
    receipts = await asyncio.gather(*(parts.store.get_receipt(name) for name in parts.source_names))
    return [
        SourceLine(name=name, status=statuses.get(name), receipt=receipt, next_at=due.get(name))
        for name, receipt in zip(parts.source_names, receipts, strict=True)
    ]


def _outcomes(counts: Counts) -> Sequence[tuple[str, int, float]]:
    """Each with its number and its share of all, 0 to 100."""
    numbers = {
        "answered": counts.answered,
        "clarified": counts.clarified,
        "escalated": counts.escalated,
        "declined": counts.declined,
        "failed": counts.failed,
        "open": counts.open,
    }
    total = sum(numbers.values())
    return [(name, number, 100 * number / total if total else 0.0) for name, number in numbers.items()]
