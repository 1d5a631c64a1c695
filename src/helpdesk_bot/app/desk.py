"""The desk and the people behind it, put together."""

from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from connectors.text.reader import TextReader
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.app.commands import commands_of
from helpdesk_bot.app.models import purse_of
from helpdesk_bot.app.people import plan_of, tickets_of
from helpdesk_bot.app.shared import Shared
from helpdesk_bot.app.speaking import approvals_of
from helpdesk_bot.desk import DeskOptions, HelpDesk, Parts, QuestionFiles, reference_of
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.escalation import Parts as EscalationParts
from helpdesk_bot.events import Place
from helpdesk_bot.feedback import Opinions
from helpdesk_bot.records import CachedAnswers
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.pauses import Pauses
from helpdesk_bot.records.reasons import Reasons
from helpdesk_bot.records.traces import Traces
from knowledge.embedding import likeness_to


async def escalations_of(shared: Shared, *, stack: AsyncExitStack) -> Escalations:
    knowledge, settings = shared.knowledge, shared.knowledge.settings
    pool = knowledge.pool

    async def find_called(place: Place) -> tuple[str, ...]:
        return (await shared.channels.get(place)).called

    parts = EscalationParts(
        plan=await plan_of(settings),
        tickets=await tickets_of(settings, records=shared.records, jobs=shared.jobs, pool=pool, stack=stack),
        list_rules=knowledge.store.list_rules_of,
        chats=shared.chats,
        people=shared.people,
        search=knowledge.search,
        records=shared.records,
        cases=CaseRecords(pool),
        curated=shared.curated,
        jobs=shared.jobs,
        delivery=shared.delivery,
        help_contact=settings.help_contact,
        find_called=find_called,
        now=partial(datetime.now, ZoneInfo(settings.time_zone)),
    )
    return Escalations(parts)


async def desk_of(shared: Shared, agent: Agent, escalations: Escalations, *, stack: AsyncExitStack) -> HelpDesk:
    knowledge, settings = shared.knowledge, shared.knowledge.settings
    commands = commands_of(shared)
    reader = await stack.enter_async_context(TextReader())
    parts = Parts(
        records=shared.records,
        jobs=shared.jobs,
        chats=shared.chats,
        agent=agent,
        search=knowledge.search,
        people=shared.people,
        escalations=escalations,
        commands=commands,
        delivery=shared.delivery,
        observe=shared.observe,
        today=settings.today,
        channels=shared.channels,
        find_pause=Pauses(knowledge.pool).find,
        is_command=commands.recognises,
        is_nearly_used=purse_of(settings, knowledge.pool).is_nearly_used,
        files=QuestionFiles(chats=shared.chats, reader=reader, likeness_to=partial(likeness_to, knowledge.embedder)),
        tools=shared.tools,
        guard=shared.guard,
        options=DeskOptions(
            answer_deadline_s=settings.answer_deadline_s,
            direct_follow_up_s=settings.direct_follow_up_minutes * 60,
            stale_days=settings.stale_days,
            max_marks=settings.stale_max_marks,
            proposal_wait_s=settings.proposal_wait_minutes * 60,
        ),
    )
    return HelpDesk(parts, opinions=_opinions_of(shared, escalations), approvals=approvals_of(settings))


def _opinions_of(shared: Shared, escalations: Escalations) -> Opinions:
    pool = shared.knowledge.pool
    return Opinions(
        records=shared.records,
        reasons=Reasons(pool),
        traces=Traces(pool),
        cases=CaseRecords(pool),
        escalations=escalations,
        people=shared.people,
        chats=shared.chats,
        jobs=shared.jobs,
        reference_of=reference_of,
        forget_cached=CachedAnswers(pool).forget_cached_of,
    )
