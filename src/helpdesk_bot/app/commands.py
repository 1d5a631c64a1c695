"""The commands, put together: a new one is a line here."""

from collections.abc import Mapping

from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.shared import Shared
from helpdesk_bot.channels import NAMES as CHANNEL_SETTINGS
from helpdesk_bot.commands import (
    ChannelCommand,
    Command,
    Commands,
    ConsoleCommand,
    CuratedCommand,
    ForgetMeCommand,
    PauseCommand,
    PromptCommand,
    ReceiptCommand,
    ResumeCommand,
    ResyncCommand,
    ReviewCommand,
    ScheduleCommand,
    SourcesCommand,
    StaleCommand,
    StatusCommand,
    SyncCommand,
    WhyCommand,
)
from helpdesk_bot.desk.wording import reference_of
from helpdesk_bot.events import Platform
from helpdesk_bot.feedback import describe_reason
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.prompts.catalog import NAMES as PROMPTS
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.records import Records
from helpdesk_bot.records.calls import ModelCalls
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.console import ConsoleRecords
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.pauses import Pauses
from helpdesk_bot.records.privacy import Privacy
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.records.schedules import Schedules
from helpdesk_bot.records.traces import Traces
from helpdesk_bot.records.unhelped import UnhelpedQuestions
from helpdesk_bot.why import Why


def why_of(knowledge: Knowledge, *, records: Records, people: People, chats: Mapping[Platform, Chat]) -> Why:
    return Why(
        records=records,
        traces=Traces(knowledge.pool),
        calls=ModelCalls(knowledge.pool),
        cases=CaseRecords(knowledge.pool),
        people=people,
        search=knowledge.search,
        chats=chats,
    )


def commands_of(shared: Shared) -> Commands:
    knowledge, records, people = shared.knowledge, shared.records, shared.people
    pool, store, settings = knowledge.pool, knowledge.store, knowledge.settings
    pauses = Pauses(pool)
    why = why_of(knowledge, records=records, people=people, chats=shared.chats)
    commands: tuple[Command, ...] = (
        *_about_sources(shared),
        StatusCommand(
            records=records,
            jobs=shared.jobs,
            store=store,
            pauses=pauses,
            health=ModelHealth(pool),
            calls=ModelCalls(pool),
            today=settings.today,
        ),
        ChannelCommand(channels=shared.channels),
        ReviewCommand(
            unhelped=UnhelpedQuestions(pool),
            may_read=why.may_read,
            describe=describe_reason,
            reference_of=reference_of,
        ),
        WhyCommand(why=why),
        ConsoleCommand(records=ConsoleRecords(pool), address=settings.public_url),
        PauseCommand(pauses=pauses),
        ResumeCommand(pauses=pauses),
        CuratedCommand(curated=shared.curated),
        StaleCommand(records=records, search=knowledge.search, people=people, days=settings.stale_days),
        PromptCommand(prompts=PromptShelf(PromptRecords(pool))),
        ForgetMeCommand(privacy=Privacy(pool), store=store),
    )
    names = (*knowledge.sources, *CHANNEL_SETTINGS, *PROMPTS)
    return Commands(records=records, people=people, commands=commands, names=names)


def _about_sources(shared: Shared) -> tuple[Command, ...]:
    knowledge, settings = shared.knowledge, shared.knowledge.settings
    store, names, schedules = knowledge.store, tuple(knowledge.sources), Schedules(knowledge.pool)
    crons = {name: settings.sync_crons.get(name, settings.sync_cron) for name in names}
    return (
        SourcesCommand(store=store, source_names=names, schedules=schedules),
        ResyncCommand(jobs=shared.jobs, source_names=names),
        SyncCommand(jobs=shared.jobs, store=store, source_names=names),
        ReceiptCommand(store=store, source_names=names),
        ScheduleCommand(schedules=schedules, source_names=names, crons=crons, time_zone=settings.time_zone),
    )
