"""What a worker does with each kind of job."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk_bot.alerts import Alerts
from helpdesk_bot.app.housekeeping import Housekeeping
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.sources import OWN_SOURCES
from helpdesk_bot.desk import HelpDesk
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.worker import Handlers, Worker
from knowledge.sync import Directory

NEXT_MARKS_AFTER_S = 3_600.0
"""What is not marked after one change, since it is much, is marked from then on."""


@dataclass(frozen=True, kw_only=True)
class Work:
    knowledge: Knowledge
    desk: HelpDesk
    escalations: Escalations
    directories: Mapping[str, Directory]
    alerts: Alerts
    jobs: Jobs
    housekeeping: Housekeeping

    def worker(self) -> Worker:
        handlers = Handlers(
            answer=self.desk.answer,
            give_up=self.desk.give_up,
            sync=self.sync,
            refresh_rights=self.refresh_rights,
            keep_house=self.housekeeping.keep_house,
            press=self.desk.carry_out,
            look_for_stale=self.look_for_stale,
            tell_of_model=self.tell_of_model,
            warn_admins=self.warn_admins,
            mark=self.desk.staleness.mark,
            look_after_drafts=self.desk.look_after_drafts,
            case=self.escalations.carry_on,
            look_after_cases=self.escalations.look_after,
        )
        return Worker(self.jobs, handlers)

    async def sync(self, name: str, full: bool) -> None:
        if name not in self.knowledge.sources:
            return
        # What is gone from our own database is gone: no fault of a place has to be suspected there.
        receipt = await self.knowledge.sync(name, full=full, approve_removals=name in OWN_SOURCES)
        await self.alerts.tell_of(receipt)
        if receipt.has_news:
            await self.jobs.defer_stale_look()

    async def refresh_rights(self, name: str) -> None:
        if name in self.knowledge.sources:
            has_news = await self.knowledge.refresh_rights(name)
        else:
            has_news = name in self.directories and await self.knowledge.refresh_memberships(self.directories[name])
        if has_news:
            await self.jobs.defer_stale_look()

    async def tell_of_model(self, label: str) -> None:
        for condition in await ModelHealth(self.knowledge.pool).list_resting():
            if condition.model == label:
                await self.alerts.tell_of_model(condition)

    async def warn_admins(self, text: str, marker: str) -> None:
        await self.alerts.tell_in_words(text, marker=marker)

    async def look_for_stale(self) -> None:
        if left := await self.desk.staleness.look():
            await self.alerts.tell_of_stale(left)
            await self.jobs.defer_stale_look(after_s=NEXT_MARKS_AFTER_S)
