"""What escalation works with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.documents import AccessRule
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.delivery import Delivery
from helpdesk_bot.escalation.plan import EscalationPlan
from helpdesk_bot.escalation.tickets import Tickets
from helpdesk_bot.events import Place, Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Records
from helpdesk_bot.records.cases import CaseRecords
from knowledge.search import Search


def utc_now() -> datetime:
    return datetime.now(UTC)


async def call_nobody(place: Place) -> tuple[str, ...]:  # noqa: ARG001 - the signature of `find_called`
    return ()


@dataclass(frozen=True, kw_only=True)
class Parts:
    plan: EscalationPlan
    chats: Mapping[Platform, Chat]
    people: People
    search: Search
    records: Records
    cases: CaseRecords
    curated: CuratedAnswers
    jobs: Jobs
    delivery: Delivery
    list_rules: Callable[[Sequence[int]], Awaitable[list[AccessRule]]]
    """The access rules of chunks that still exist."""
    help_contact: str
    """Where people find help who can't be reached through the bot."""
    tickets: Tickets | None = None
    """None where no tickets are made."""
    find_called: Callable[[Place], Awaitable[tuple[str, ...]]] = call_nobody
    """Whom a channel's settings call, by the platform's ids; empty where they say nothing."""
    now: Callable[[], datetime] = utc_now
    """The clock, with the days of the organisation."""
