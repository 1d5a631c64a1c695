"""What `/metrics` tells: figures of all processes, and counters that are there before they are first counted up."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import get_args

from helpdesk_bot import telemetry
from helpdesk_bot.app.app import App
from helpdesk_bot.app.models import candidates_of
from helpdesk_bot.events import Outcome
from helpdesk_bot.schedule import Schedule, Work
from helpdesk_bot.settings.models import Role
from knowledge.receipts import RunState
from knowledge.sync import RightsState

BUDGETS = (
    "request",
    "person day",
    "channel day",
    "channel month",
    "installation day",
    "installation month",
    "unpriced",
)


async def measure(app: App, list_schedules: Callable[[], Awaitable[Sequence[Schedule]]]) -> None:
    """Read what is the same whichever process tells it."""
    waiting = await app.records.count_open()
    telemetry.QUESTIONS_OPEN.set(waiting.questions)
    telemetry.OLDEST_QUESTION_SECONDS.set(_seconds_since(waiting.oldest_at))
    read_at = {one.source: one.synced_at for one in (await app.knowledge.store.get_status()).sources}
    schedules = {one.source: one for one in await list_schedules() if one.work is Work.SYNC}
    for name in app.knowledge.sources:
        at = read_at.get(name)
        telemetry.SOURCE_READ_AT.labels(name).set(at.timestamp() if at else 0)
        if name in schedules:
            due_at = at and schedules[name].next_due(at)
            telemetry.SOURCE_DUE_AT.labels(name).set(due_at.timestamp() if due_at else 0)
        else:
            telemetry.SOURCE_DUE_AT.remove(name)


def begin_at_zero(app: App) -> None:
    """A counter that begins at 1 hides its first event from Prometheus' `increase`: that sees no step."""
    for platform in app.chats:
        telemetry.QUESTIONS_ACCEPTED.labels(platform)
        telemetry.ANSWER_SECONDS.labels(platform)
    for platform, outcome in product(app.chats, Outcome):
        telemetry.QUESTIONS_ENDED.labels(platform, outcome)
    for platform, value in product(app.chats, (1, -1)):
        telemetry.VOTES.labels(platform, str(value))
    for source, state in product(app.knowledge.sources, RunState):
        telemetry.SYNC_RUNS.labels(source, state)
    for source, state in product((*app.knowledge.sources, *app.directories), RightsState):
        telemetry.RIGHTS_LOOKS.labels(source, state)
    for role in get_args(Role):
        for candidate, outcome in product(candidates_of(app.settings, role), ("answered", "failed", "stopped")):
            telemetry.MODEL_CALLS.labels(candidate.spec, role, outcome)
    for budget in BUDGETS:
        telemetry.BUDGET_REFUSALS.labels(budget)
    for page, outcome in product(app.settings.status_pages, ("read", "failed")):
        telemetry.STATUS_LOOKS.labels(page, outcome)


def _seconds_since(moment: datetime | None) -> float:
    return max(0.0, (datetime.now(UTC) - moment).total_seconds()) if moment else 0.0
