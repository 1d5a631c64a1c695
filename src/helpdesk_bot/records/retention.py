"""How long each table keeps its rows. A table is in `LIMITS` with a statement, or in `STANDING` with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString

from helpdesk_bot.records.rows import Table
from helpdesk_bot.records.spending import ERASED_FOR_DAYS


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """The spans that an organisation chooses."""

    questions: timedelta = timedelta(days=365)
    """Questions with all that was made of them, votes, and messages of the browser chat."""
    working: timedelta = timedelta(days=30)
    """What is only needed for a while to do nothing twice, and jobs that failed."""


LIMITS: Mapping[str, LiteralString] = {
    "helpdesk.question": "delete from helpdesk.question where accepted_at < now() - %(questions)s",
    "helpdesk.hearing": "delete from helpdesk.hearing where heard_at < now() - %(questions)s",
    "helpdesk.feedback": "delete from helpdesk.feedback where voted_at < now() - %(questions)s",
    "helpdesk.feedback_reason": "delete from helpdesk.feedback_reason where given_at < now() - %(questions)s",
    "helpdesk.browser_message": "delete from helpdesk.browser_message where posted_at < now() - %(questions)s",
    "helpdesk.thread": "delete from helpdesk.thread where changed_at < now() - %(questions)s",
    "helpdesk.teams_sent": "delete from helpdesk.teams_sent where tried_at < now() - %(questions)s",
    "helpdesk.teams_person": "delete from helpdesk.teams_person where seen_at < now() - %(questions)s",
    "helpdesk.teams_conversation": "delete from helpdesk.teams_conversation where seen_at < now() - %(questions)s",
    "helpdesk.curated": (
        "delete from helpdesk.curated where state in ('declined', 'expired') and decided_at < now() - %(questions)s"
    ),
    "helpdesk.model_call": "delete from helpdesk.model_call where started_at < now() - %(questions)s",
    # a month that is not over is what its budget is held against
    "helpdesk.budget": (
        "delete from helpdesk.budget where starts_on + ('1 ' || period)::interval < now() - %(questions)s"  # noqa: S608 - literals
        " or (starts_with(person_id, 'erased:') and starts_on < current_date - " + ERASED_FOR_DAYS + ")"
    ),
    "helpdesk.console_link": "delete from helpdesk.console_link where expires_at < now() - interval '1 hour'",
    "helpdesk.console_session": "delete from helpdesk.console_session where expires_at < now() - interval '1 hour'",
    "helpdesk.press": "delete from helpdesk.press where at < now() - %(working)s",
    "helpdesk.schedule_run": "delete from helpdesk.schedule_run where fired_at < now() - %(working)s",
    "public.procrastinate_jobs": (
        "delete from procrastinate_jobs as job where status not in ('todo', 'doing')"
        " and not exists (select from procrastinate_events where job_id = job.id and at >= now() - %(working)s)"
    ),
}
"""Besides: the audit (`Audit.age_audit`), sync runs (`Store.forget_runs`), conversations (`agent.history.prune`), and
cached answers (`CachedAnswers.purge_cached`)."""

STANDING: Mapping[str, str] = {
    "helpdesk.audit_head": "one row",
    "helpdesk.channel": "a setting, until it is taken back",
    "helpdesk.pause": "a setting, until it is taken back",
    "helpdesk.prompt": "a version that answers of any age may name",
    "helpdesk.prompt_move": "a setting, and what it was before",
    "helpdesk.prompt_trial": "a setting, and what it was before",
    "helpdesk.source_schedule": "a setting, until it is taken back",
    "helpdesk.model_health": "one row a model that ever failed",
    "helpdesk.token": "one row a connection, replaced when it is used",
    "helpdesk.upload": "a document, until it is removed",
    "helpdesk.decision": "goes with its question",
    "helpdesk.outgoing": "goes with its question",
    "helpdesk.draft": "goes with its question",
    "helpdesk.proposal": "goes with its question",
    "helpdesk.escalation": "goes with its question",
    "helpdesk.case_event": "goes with its question",
    "helpdesk.ticket": "goes with its question",
    "public.helpdesk_bot_migration": "the database's own history",
    "public.procrastinate_events": "goes with its job",
    "public.procrastinate_periodic_defers": "not used",
    "public.procrastinate_workers": "procrastinate takes out the dead",
    "public.checkpoint_migrations": "the database's own history",
}


class Retention(Table):
    async def sweep(self, keeping: Keeping) -> dict[str, int]:
        """Take away what is past its time, a table a transaction; how much of each."""
        spans = {"questions": keeping.questions, "working": keeping.working}
        return {table: await self._execute(statement, spans) for table, statement in LIMITS.items()}
