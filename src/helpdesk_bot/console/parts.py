"""What the console is handed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from helpdesk_bot.admission import Admission
from helpdesk_bot.commands.review import MayRead
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.ports import Desk
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.records import Records
from helpdesk_bot.records.asked import AskedQuestions
from helpdesk_bot.records.calls import ModelCalls
from helpdesk_bot.records.console import Visitor
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.pauses import Pauses
from helpdesk_bot.records.spending import Account, Spending
from helpdesk_bot.records.traces import Traces
from helpdesk_bot.records.unhelped import UnhelpedQuestions
from helpdesk_bot.records.waiting import Waiting
from knowledge.store import Store


@dataclass(frozen=True, kw_only=True)
class ConsoleParts:
    admission: Admission
    desk: Desk
    may_read: MayRead
    describe_reason: Callable[[str], str]
    reference_of: Callable[[str], str]
    name_of: Callable[[Visitor], Awaitable[str]]
    """For the person's own eyes."""
    records: Records
    asked: AskedQuestions
    traces: Traces
    waiting: Waiting
    unhelped: UnhelpedQuestions
    curated: CuratedAnswers
    prompts: PromptShelf
    pauses: Pauses
    jobs: Jobs
    store: Store
    source_names: Sequence[str]
    next_syncs: Callable[[], Awaitable[dict[str, datetime]]]
    """By source; one that is never read by itself is not in it."""
    spending: Spending
    list_budgets: Callable[[], Sequence[Account]]
    """Of the whole installation, today."""
    calls: ModelCalls
    health: ModelHealth
    models: Sequence[str]
    """By the labels that their health has."""
    today: Callable[[], date]
    version: str
    is_secure: bool
    """Whether it is opened over https."""
