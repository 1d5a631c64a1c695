"""Everything, put together."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history
from helpdesk_bot.alerts import Alerts
from helpdesk_bot.app.agent import open_parts
from helpdesk_bot.app.chats import chats_of, directories_of
from helpdesk_bot.app.desk import desk_of, escalations_of
from helpdesk_bot.app.guarding import GuardInWaiting
from helpdesk_bot.app.housekeeping import Housekeeping
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.models import models_of
from helpdesk_bot.app.shared import shared_of
from helpdesk_bot.app.sources import with_members
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.app.work import Work
from helpdesk_bot.delivery import Observer, watch_nothing
from helpdesk_bot.desk import HelpDesk
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.notices import Notices
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages, Records
from helpdesk_bot.records.schedules import Schedules
from helpdesk_bot.records.traces import Traces
from helpdesk_bot.settings import Settings
from helpdesk_bot.worker import Worker
from knowledge.sync import Directory


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
    worker: Callable[[], Worker]
    warm_guard: Callable[[], Coroutine[None, None, None]]
    """Bring in the engine that runs the checks; until then the rules run by themselves."""
    warm_models: Callable[[], Coroutine[None, None, None]]
    """Import the providers of models; until then the first question waits for it."""


@asynccontextmanager
async def open_app(
    knowledge: Knowledge, *, observe: Observer = watch_nothing, agent_type: type[Agent] = Agent
) -> AsyncGenerator[App]:
    """Everything, on what is known. `observe` is told how far each answer gets; `agent_type` decides it.

    Raises `SpaceMismatch` where the stored vectors are of another embedder than the configured one.
    """
    settings, url = knowledge.settings, knowledge.url
    await knowledge.check_space()
    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(open_history(url))
        records, jobs, notices = Records(knowledge.pool), Jobs(knowledge.pool), Notices(knowledge.pool, url)
        await jobs.open()
        browser_messages = BrowserMessages(knowledge.pool, notices)
        chats = await chats_of(settings, browser_messages, pool=knowledge.pool, stack=stack)
        knowledge = replace(knowledge, sources=with_members(knowledge.sources, chats))
        people = People(chats=chats, access=knowledge.access, admins=settings.helpdesk_admins)
        alerts = Alerts(chats=chats, people=people, traces=Traces(knowledge.pool))

        guard, tools = GuardInWaiting(settings), await tools_of(settings, stack=stack)
        models = models_of(settings, knowledge.pool, tell=alerts.tell_of_budget, on_rest=jobs.defer_word_of_model)
        parts = await open_parts(knowledge, guard=guard.guard, tools=tools, models=models, stack=stack)
        agent = agent_type(parts, history=history)

        shared = await shared_of(
            knowledge,
            records=records,
            jobs=jobs,
            chats=chats,
            people=people,
            tools=tools,
            guard=guard.guard,
            observe=observe,
        )
        escalations = await escalations_of(shared, stack=stack)
        desk = await desk_of(shared, agent, escalations, observe=observe, stack=stack)
        directories = directories_of(chats)
        work = Work(
            knowledge=knowledge,
            desk=desk,
            escalations=escalations,
            directories=directories,
            alerts=alerts,
            jobs=jobs,
            housekeeping=Housekeeping(knowledge=knowledge, records=records, history=history),
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
            directories=directories,
            worker=work.worker,
            warm_guard=guard.warm,
            warm_models=models.warm,
        )
