"""What is forgotten when: conversations, questions, cached answers, calls that lost their process, the audit."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from helpdesk_bot.agent.history import prune
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.records import CachedAnswers, Records
from helpdesk_bot.records.retention import Keeping, Retention
from helpdesk_bot.records.spending import Spending
from knowledge.postgres import OUTAGES

log = structlog.get_logger()

CONVERSATIONS_KEPT = timedelta(days=90)
SILENCE_KEPT = timedelta(days=30)
"""Which messages were left alone, and why."""
EARLY_EDITS_KEPT = timedelta(days=1)
CALLS_END_WITHIN = timedelta(minutes=15)
"""A call of a model that is open longer has lost its process."""


@dataclass(frozen=True, kw_only=True)
class Housekeeping:
    knowledge: Knowledge
    records: Records
    history: AsyncPostgresSaver

    async def keep_house(self) -> None:
        """Forget conversations that nobody went on with for `CONVERSATIONS_KEPT`, and what is past its time.

        What fails holds up nothing else, and is due again the next time. Raises the last of what an outage made fail.
        """
        outage: Exception | None = None
        for what, forget in self._steps().items():
            try:
                await forget()
            except OUTAGES as error:
                outage = error
            except Exception:
                log.exception("housekeeping is postponed", what=what)
        if outage:
            raise outage

    def _steps(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        settings, pool = self.knowledge.settings, self.knowledge.pool
        kept = timedelta(days=settings.keep_questions_days)
        cached, audited = timedelta(days=settings.cache_days), timedelta(days=settings.keep_audit_days)
        return {
            "conversations": partial(prune, self.history, older_than=CONVERSATIONS_KEPT),
            "hearings": partial(self.records.forget_hearings, silent_for=SILENCE_KEPT, early_for=EARLY_EDITS_KEPT),
            "questions": partial(Retention(pool).sweep, Keeping(questions=kept)),
            "runs": partial(self.knowledge.store.forget_runs, older_than=kept),
            "cached answers": partial(CachedAnswers(pool).purge_cached, older_than=cached),
            "lost calls": partial(Spending(pool).settle_lost, older_than=CALLS_END_WITHIN),
            "audit": partial(self.records.age_audit, older_than=audited),
        }
