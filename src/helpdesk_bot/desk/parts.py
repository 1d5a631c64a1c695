"""What the desk works with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.channels import Channels
from helpdesk_bot.commands import Commands
from helpdesk_bot.delivery import Delivery, Observer
from helpdesk_bot.desk.files import QuestionFiles
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Place, Platform
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Records
from helpdesk_bot.records.spending import Payer
from helpdesk_bot.tools.tool import Tool
from knowledge.search import Search


@dataclass(frozen=True, kw_only=True)
class DeskOptions:
    answer_deadline_s: float = 45.0
    max_thread_messages: int = 60
    """Read of the thread before a question; what of them is used is the agent's to say."""
    direct_follow_up_s: float = 900.0
    """How long after a question a direct message outside of its thread still goes on with its conversation."""
    stale_days: int = 14
    """How far back answers are looked at whose sources changed."""
    max_marks: int = 50
    """How many of them are marked after one change; the rest follow by the hour."""
    my_questions: int = 5
    """Shown on a person's own page."""
    proposal_wait_s: float = 900.0
    """How long a change waits for whoever may agree to it."""


def no_command(words: tuple[str, ...]) -> bool:  # noqa: ARG001 - the signature of `is_command`
    return False


async def never_used(payer: Payer) -> bool:  # noqa: ARG001 - the signature of `is_nearly_used`
    return False


async def never_paused(place: Place) -> object | None:  # noqa: ARG001 - the signature of `find_pause`
    return None


@dataclass(frozen=True, kw_only=True)
class Parts:
    records: Records
    jobs: Jobs
    chats: Mapping[Platform, Chat]
    agent: Agent
    search: Search
    people: People
    escalations: Escalations
    commands: Commands
    delivery: Delivery
    channels: Channels
    observe: Observer
    today: Callable[[], date]
    """The day where the organisation is."""
    find_pause: Callable[[Place], Awaitable[object | None]] = never_paused
    """What keeps the bot silent in a place, if anything does."""
    is_command: Callable[[tuple[str, ...]], bool] = no_command
    """Whether words said to the bot are a command."""
    is_nearly_used: Callable[[Payer], Awaitable[bool]] = never_used
    """Whether an answer tells its asker that most of what they may spend in a day is used; one a day does."""
    files: QuestionFiles | None = None
    """Reads what comes with a question; None: files are left alone."""
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    """By name; those that change something are called here, and by nobody else."""
    guard: Guard = field(default_factory=Guard)
    options: DeskOptions = field(default_factory=DeskOptions)
