"""The console, put together."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from helpdesk_bot.admission import Admission
from helpdesk_bot.app.app import App
from helpdesk_bot.app.commands import why_of
from helpdesk_bot.app.models import candidates_of, purse_of
from helpdesk_bot.console import ConsoleParts
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.desk import reference_of
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Platform
from helpdesk_bot.feedback import describe_reason
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.records.asked import AskedQuestions
from helpdesk_bot.records.calls import ModelCalls
from helpdesk_bot.records.console import ConsoleRecords, Visitor
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.pauses import Pauses
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.records.spending import Payer, accounts_of
from helpdesk_bot.records.traces import Traces
from helpdesk_bot.records.unhelped import UnhelpedQuestions
from helpdesk_bot.records.waiting import Waiting
from helpdesk_bot.schedule import Schedule, Work

ListSchedules = Callable[[], Awaitable[Sequence[Schedule]]]


def console_of(app: App, list_schedules: ListSchedules) -> ConsoleParts:
    settings, knowledge, people = app.settings, app.knowledge, app.desk.people
    pool = knowledge.pool
    purse = purse_of(settings, pool)

    async def next_syncs() -> dict[str, datetime]:
        now = datetime.now(UTC)
        syncs = [one for one in await list_schedules() if one.work is Work.SYNC]
        return {one.source: due for one in syncs if (due := one.next_due(now))}

    return ConsoleParts(
        admission=Admission(records=ConsoleRecords(pool), audit=app.records, people=people),
        desk=app.desk,
        may_read=why_of(knowledge, records=app.records, people=people, chats=app.chats).may_read,
        describe_reason=describe_reason,
        reference_of=reference_of,
        name_of=partial(_name_of, app),
        records=app.records,
        asked=AskedQuestions(pool),
        traces=Traces(pool),
        waiting=Waiting(pool),
        unhelped=UnhelpedQuestions(pool),
        curated=CuratedAnswers(records=CuratedRecords(pool), jobs=app.jobs),
        prompts=PromptShelf(PromptRecords(pool)),
        pauses=Pauses(pool),
        jobs=app.jobs,
        store=knowledge.store,
        source_names=tuple(knowledge.sources),
        next_syncs=next_syncs,
        spending=purse.spending,
        list_budgets=lambda: accounts_of(Payer(), purse.limits, purse.today()),
        calls=ModelCalls(pool),
        health=ModelHealth(pool),
        models=[one.label for one in candidates_of(settings)],
        today=settings.today,
        version=version("helpdesk-bot"),
        is_secure=settings.public_url.startswith("https:"),
    )


async def _name_of(app: App, visitor: Visitor) -> str:
    if visitor.platform is Platform.COMMAND_LINE:
        return f"{visitor.person_id}, who runs this machine"
    with suppress(ChatError):
        return (await app.chats[visitor.platform].get_person(visitor.person_id)).name or visitor.person_id
    return visitor.person_id
