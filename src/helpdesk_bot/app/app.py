"""Everything, put together."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history
from helpdesk_bot.alerts import Alerts, tell_of_budget
from helpdesk_bot.app.agent import open_parts
from helpdesk_bot.app.chats import directories_of
from helpdesk_bot.app.desk import desk_of, escalations_of
from helpdesk_bot.app.guarding import GuardInWaiting
from helpdesk_bot.app.housekeeping import Housekeeping
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.models import models_of
from helpdesk_bot.app.shared import shared_of
from helpdesk_bot.app.work import Work
from helpdesk_bot.delivery import Observer, watch_nothing
from helpdesk_bot.desk import HelpDesk
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.notices import Notices
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
    settings, pool = knowledge.settings, knowledge.pool
    await knowledge.check_space()
    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(open_history(knowledge.url))
        notices = Notices(pool, knowledge.url)
        browser_messages, guard = BrowserMessages(pool, notices), GuardInWaiting(settings)
        shared = await shared_of(knowledge, browser_messages, guard=guard.guard, observe=observe, stack=stack)
        alerts = Alerts(chats=shared.chats, people=shared.people, traces=Traces(pool))
        models = models_of(
            settings, pool, tell=partial(tell_of_budget, shared.jobs), on_rest=shared.jobs.defer_word_of_model
        )
        parts = await open_parts(shared.knowledge, guard=shared.guard, tools=shared.tools, models=models, stack=stack)
        agent = agent_type(parts, history=history)
        escalations = await escalations_of(shared, stack=stack)
        desk = await desk_of(shared, agent, escalations, stack=stack)
        directories = directories_of(shared.chats)
        work = Work(
            knowledge=shared.knowledge,
            desk=desk,
            escalations=escalations,
            directories=directories,
            alerts=alerts,
            jobs=shared.jobs,
            housekeeping=Housekeeping(knowledge=shared.knowledge, records=shared.records, history=history),
        )
        yield App(
            settings=settings,
            knowledge=shared.knowledge,
            agent=agent,
            records=shared.records,
            jobs=shared.jobs,
            notices=notices,
            browser_messages=browser_messages,
            schedules=Schedules(pool),
            chats=shared.chats,
            desk=desk,
            escalations=escalations,
            directories=directories,
            worker=work.worker,
            warm_guard=guard.warm,
            warm_models=models.warm,
        )
