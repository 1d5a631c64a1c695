"""What is forgotten when: conversations, questions, cached answers, calls that lost their process, the audit."""

from dataclasses import dataclass
from datetime import timedelta

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from helpdesk_bot.agent.history import prune
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.records import CachedAnswers, Records
from helpdesk_bot.records.retention import Keeping, Retention
from helpdesk_bot.records.spending import Spending

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
        """Forget conversations that nobody went on with for `CONVERSATIONS_KEPT`, and what is past its time."""
        settings, pool = self.knowledge.settings, self.knowledge.pool
        kept = timedelta(days=settings.keep_questions_days)
        await prune(self.history, older_than=CONVERSATIONS_KEPT)
        await self.records.forget_hearings(silent_for=SILENCE_KEPT, early_for=EARLY_EDITS_KEPT)
        await Retention(pool).sweep(Keeping(questions=kept))
        await self.knowledge.store.forget_runs(older_than=kept)
        await CachedAnswers(pool).purge_cached(older_than=timedelta(days=settings.cache_days))
        await Spending(pool).settle_lost(older_than=CALLS_END_WITHIN)
        await self.records.age_audit(older_than=timedelta(days=settings.keep_audit_days))
