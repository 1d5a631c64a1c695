"""Everything, put together."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.text.reader import TextReader
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history, prune
from helpdesk_bot.alerts import Alerts
from helpdesk_bot.app.agent import cache_of, parts_of
from helpdesk_bot.app.chats import chats_of, directories_of
from helpdesk_bot.app.commands import commands_of
from helpdesk_bot.app.guarding import GuardInWaiting
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.app.models import models_of
from helpdesk_bot.app.people import plan_of, tickets_of
from helpdesk_bot.app.sources import OWN_SOURCES, with_members
from helpdesk_bot.app.speaking import approvals_of, channels_of
from helpdesk_bot.app.status import status_of
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.delivery import Delivery, Observer, watch_nothing
from helpdesk_bot.desk import DeskOptions, HelpDesk, QuestionFiles, reference_of
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Place, Platform
from helpdesk_bot.feedback import Opinions
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.notices import Notices
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.prompts.registry import Registry
from helpdesk_bot.records import BrowserMessages, CachedAnswers, Records
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.records.pauses import Pauses
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.records.reasons import Reasons
from helpdesk_bot.records.retention import Keeping, Retention
from helpdesk_bot.records.schedules import Schedules
from helpdesk_bot.records.spending import Account, Spending
from helpdesk_bot.records.traces import Traces
from helpdesk_bot.settings import Settings
from helpdesk_bot.worker import Handlers, Worker
from knowledge.sync import Directory

CONVERSATIONS_KEPT = timedelta(days=90)
NEXT_MARKS_AFTER_S = 3_600.0
"""What is not marked after one change, since it is much, is marked from then on."""
SILENCE_KEPT = timedelta(days=30)
"""Which messages were left alone, and why."""
EARLY_EDITS_KEPT = timedelta(days=1)
CALLS_END_WITHIN = timedelta(minutes=15)
"""A call of a model that is open longer has lost its process."""


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything, put together."""

    settings: Settings
    knowledge: Knowledge
    agent: Agent
    records: Records
    jobs: Jobs
    notices: Notices
    browser_messages: BrowserMessages
    schedules: Schedules
    chats: Mapping[Platform, Chat]
    desk: HelpDesk
    escalations: Escalations
    directories: Mapping[str, Directory]
    """Of groups without documents, by name: their members count in every source's rules."""
    alerts: Alerts
    keep_house: Callable[[], Awaitable[None]]
    """Forget conversations that nobody went on with for `CONVERSATIONS_KEPT`, and what is past its time."""
    warm_guard: Callable[[], Coroutine[None, None, None]]
    """Bring in the engine that runs the checks; until then the rules run by themselves."""
    warm_models: Callable[[], Coroutine[None, None, None]]
    """Import the providers of models; until then the first question waits for it."""

    def worker(self) -> Worker:
        async def sync_source(name: str, full: bool) -> None:
            if name in self.knowledge.sources:
                # What is gone from our own database is gone: no fault of a place has to be suspected there.
                receipt = await self.knowledge.sync(name, full=full, approve_removals=name in OWN_SOURCES)
                await self.alerts.tell_of(receipt)
                if receipt.changed or receipt.removed or receipt.rights_changed or receipt.memberships_changed:
                    await self.jobs.defer_stale_look()

        async def look_at_rights(name: str) -> None:
            if name in self.knowledge.sources:
                has_news = await self.knowledge.refresh_rights(name)
            else:
                has_news = name in self.directories and await self.knowledge.refresh_memberships(self.directories[name])
            if has_news:
                await self.jobs.defer_stale_look()

        async def look_for_stale() -> None:
            if left := await self.desk.staleness.look():
                await self.alerts.tell_of_stale(left)
                await self.jobs.defer_stale_look(after_s=NEXT_MARKS_AFTER_S)

        handlers = Handlers(
            answer=self.desk.answer,
            give_up=self.desk.give_up,
            sync=sync_source,
            refresh_rights=look_at_rights,
            keep_house=self.keep_house,
            press=self.desk.carry_out,
            look_for_stale=look_for_stale,
            mark=self.desk.staleness.mark,
            look_after_drafts=self.desk.look_after_drafts,
            case=self.escalations.carry_on,
            look_after_cases=self.escalations.look_after,
        )
        return Worker(self.jobs, handlers)


@asynccontextmanager
async def open_app(settings: Settings, url: str, *, observe: Observer = watch_nothing) -> AsyncGenerator[App]:
    """Everything, on a migrated database. `observe` is told how far each answer gets."""
    async with AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(open_knowledge(settings, url))
        history = await stack.enter_async_context(open_history(url))
        guard = GuardInWaiting(settings)
        prompts = Registry(PromptRecords(knowledge.pool), url=url)
        if settings.model:
            await stack.enter_async_context(prompts.following())

        async def tell_of_budget(account: Account) -> None:
            await alerts.tell_of_budget(account)

        models = models_of(settings, knowledge.pool, tell=tell_of_budget)
        parts = parts_of(
            settings,
            knowledge,
            guard=guard.guard,
            prompts=prompts,
            cache=cache_of(settings, knowledge.pool),
            status=await status_of(settings, stack=stack),
            models=models,
        )
        agent = Agent(parts, history=history)

        async def keep_house() -> None:
            await prune(history, older_than=CONVERSATIONS_KEPT)
            await records.forget_hearings(silent_for=SILENCE_KEPT, early_for=EARLY_EDITS_KEPT)
            kept = timedelta(days=settings.keep_questions_days)
            await Retention(knowledge.pool).sweep(Keeping(questions=kept))
            await knowledge.store.forget_runs(older_than=kept)
            await CachedAnswers(knowledge.pool).purge_cached(older_than=timedelta(days=settings.cache_days))
            await Spending(knowledge.pool).settle_lost(older_than=CALLS_END_WITHIN)
            await records.age_audit(older_than=timedelta(days=settings.keep_audit_days))

        records, jobs, notices = Records(knowledge.pool), Jobs(knowledge.pool), Notices(knowledge.pool, url)
        await jobs.open()
        browser_messages = BrowserMessages(knowledge.pool, notices)
        chats = {
            chat.platform: chat for chat in await chats_of(settings, browser_messages, pool=knowledge.pool, stack=stack)
        }
        knowledge = replace(knowledge, sources=with_members(knowledge.sources, chats))
        people = People(chats=chats, access=knowledge.access, admins=settings.helpdesk_admins)
        alerts = Alerts(chats=chats, people=people, traces=Traces(knowledge.pool))
        delivery = Delivery(records=records, chats=chats, observe=observe)
        curated = CuratedAnswers(records=CuratedRecords(knowledge.pool), jobs=jobs)
        channels = await channels_of(settings, records=records, source_names=tuple(knowledge.sources))

        async def find_called(place: Place) -> tuple[str, ...]:
            return (await channels.get(place)).called

        escalations = Escalations(
            plan=await plan_of(settings),
            tickets=await tickets_of(settings, records=records, jobs=jobs, pool=knowledge.pool, stack=stack),
            list_rules=knowledge.store.list_rules_of,
            chats=chats,
            people=people,
            search=knowledge.search,
            records=records,
            cases=CaseRecords(knowledge.pool),
            curated=curated,
            jobs=jobs,
            delivery=delivery,
            help_contact=settings.help_contact,
            find_called=find_called,
        )
        commands = commands_of(
            knowledge,
            records=records,
            jobs=jobs,
            people=people,
            chats=chats,
            channels=channels,
            curated=curated,
        )
        desk = HelpDesk(
            records=records,
            jobs=jobs,
            chats=chats,
            agent=agent,
            search=knowledge.search,
            people=people,
            escalations=escalations,
            opinions=Opinions(
                records=records,
                reasons=Reasons(knowledge.pool),
                traces=Traces(knowledge.pool),
                cases=CaseRecords(knowledge.pool),
                escalations=escalations,
                people=people,
                chats=chats,
                jobs=jobs,
                reference_of=reference_of,
                forget_cached=CachedAnswers(knowledge.pool).forget_cached_of,
            ),
            commands=commands,
            delivery=delivery,
            observe=observe,
            channels=channels,
            find_pause=Pauses(knowledge.pool).find,
            is_command=commands.recognises,
            files=QuestionFiles(
                chats=chats,
                reader=await stack.enter_async_context(TextReader()),
                embed=knowledge.embedder.embed,
            ),
            approvals=approvals_of(settings),
            options=DeskOptions(
                answer_deadline_s=settings.answer_deadline_s,
                stale_days=settings.stale_days,
                max_marks=settings.stale_max_marks,
            ),
        )
        yield App(
            settings=settings,
            knowledge=knowledge,
            agent=agent,
            records=records,
            jobs=jobs,
            notices=notices,
            browser_messages=browser_messages,
            schedules=Schedules(knowledge.pool),
            chats=chats,
            desk=desk,
            escalations=escalations,
            directories=directories_of(chats),
            alerts=alerts,
            keep_house=keep_house,
            warm_guard=guard.warm,
            warm_models=models.warm,
        )
