"""Everything, put together."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history, prune
from helpdesk_bot.app.agent import parts_of
from helpdesk_bot.app.chats import chats_of
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.commands import Commands
from helpdesk_bot.delivery import Delivery, Observer, watch_nothing
from helpdesk_bot.desk import HelpDesk
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.notices import Notices
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages, Records
from helpdesk_bot.records.schedules import Schedules
from helpdesk_bot.settings import Settings
from helpdesk_bot.worker import Handlers, Worker

CONVERSATIONS_KEPT = timedelta(days=90)


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
    keep_house: Callable[[], Awaitable[None]]
    """Forget conversations that nobody went on with for `CONVERSATIONS_KEPT`."""

    def worker(self) -> Worker:
        async def sync_source(name: str, full: bool) -> None:
            if name in self.knowledge.sources:
                await self.knowledge.sync(name, full=full)

        async def refresh_rights(name: str) -> None:
            if name in self.knowledge.sources:
                await self.knowledge.refresh_rights(name)

        handlers = Handlers(
            answer=self.desk.answer,
            give_up=self.desk.give_up,
            sync=sync_source,
            refresh_rights=refresh_rights,
            keep_house=self.keep_house,
        )
        return Worker(self.jobs, handlers)


@asynccontextmanager
async def open_app(settings: Settings, url: str, *, observe: Observer = watch_nothing) -> AsyncGenerator[App]:
    """Everything, on a migrated database. `observe` is told how far each answer gets."""
    async with AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(open_knowledge(settings, url))
        history = await stack.enter_async_context(open_history(url))
        agent = Agent(parts_of(settings, knowledge), history=history)

        async def keep_house() -> None:
            await prune(history, older_than=CONVERSATIONS_KEPT)

        records, jobs, notices = Records(knowledge.pool), Jobs(knowledge.pool), Notices(knowledge.pool, url)
        await jobs.open()
        browser_messages = BrowserMessages(knowledge.pool, notices)
        chats = {chat.platform: chat for chat in await chats_of(settings, browser_messages, stack)}
        people = People(chats=chats, access=knowledge.access, admins=settings.helpdesk_admins)
        escalations = Escalations(
            chats=chats,
            channels={Platform.SLACK: settings.slack_escalation_channel} if settings.slack_escalation_channel else {},
            people=people,
            search=knowledge.search,
            help_contact=settings.help_contact,
        )
        commands = Commands(
            records=records, jobs=jobs, people=people, store=knowledge.store, source_names=tuple(knowledge.sources)
        )
        desk = HelpDesk(
            records=records,
            jobs=jobs,
            chats=chats,
            agent=agent,
            search=knowledge.search,
            people=people,
            escalations=escalations,
            commands=commands,
            delivery=Delivery(records=records, chats=chats, observe=observe),
            observe=observe,
            answer_deadline_s=settings.answer_deadline_s,
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
            keep_house=keep_house,
        )
