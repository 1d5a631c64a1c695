"""What the desk, the escalations and the commands share."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.speaking import channels_of
from helpdesk_bot.channels import Channels
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.delivery import Delivery, Observer
from helpdesk_bot.events import Platform
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Records
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.tools.tool import Tool


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
    tools: Mapping[str, Tool]
    guard: Guard


async def shared_of(
    knowledge: Knowledge,
    *,
    records: Records,
    jobs: Jobs,
    chats: Mapping[Platform, Chat],
    people: People,
    tools: Mapping[str, Tool],
    guard: Guard,
    observe: Observer,
) -> Shared:
    """With how the bot speaks in each channel, and how it delivers what it says."""
    return Shared(
        knowledge=knowledge,
        records=records,
        jobs=jobs,
        chats=chats,
        people=people,
        delivery=Delivery(records=records, chats=chats, observe=observe),
        curated=CuratedAnswers(records=CuratedRecords(knowledge.pool), jobs=jobs),
        channels=await channels_of(knowledge.settings, records=records, source_names=tuple(knowledge.sources)),
        tools=tools,
        guard=guard,
    )
