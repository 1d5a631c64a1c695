"""What the desk, the escalations and the commands share."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from helpdesk_bot.app.chats import chats_of
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.sources import with_members
from helpdesk_bot.app.speaking import channels_of
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.channels import Channels
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.delivery import Delivery, Observer
from helpdesk_bot.escalation.lost import tell_admins_of_lost
from helpdesk_bot.events import Platform
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages, Records
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.tools.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class Shared:
    knowledge: Knowledge
    records: Records
    jobs: Jobs
    chats: Mapping[Platform, Chat]
    people: People
    delivery: Delivery
    curated: CuratedAnswers
    channels: Channels
    tools: Toolbox
    guard: Guard
    observe: Observer
    """Is told how far each answer gets."""


async def shared_of(
    knowledge: Knowledge, browser: BrowserMessages, *, guard: Guard, observe: Observer, stack: AsyncExitStack
) -> Shared:
    """`stack` closes what is opened here: chats, and servers of tools."""
    settings, pool = knowledge.settings, knowledge.pool
    records, jobs = Records(pool), Jobs(pool)
    await jobs.open()
    chats = await chats_of(settings, browser, pool=pool, stack=stack)
    return Shared(
        knowledge=replace(knowledge, sources=with_members(knowledge.sources, chats)),
        records=records,
        jobs=jobs,
        chats=chats,
        people=People(chats=chats, access=knowledge.access, admins=settings.helpdesk_admins),
        delivery=Delivery(
            records=records, chats=chats, observe=observe, tell_lost=tell_admins_of_lost(records=records, jobs=jobs)
        ),
        curated=CuratedAnswers(records=CuratedRecords(pool), jobs=jobs),
        channels=await channels_of(settings, records=records, source_names=tuple(knowledge.sources)),
        tools=await tools_of(settings, stack=stack),
        guard=guard,
        observe=observe,
    )
