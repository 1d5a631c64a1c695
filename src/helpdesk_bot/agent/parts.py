"""What the agent works with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from helpdesk_bot.agent.compose import Composer
from helpdesk_bot.agent.evidence import SHIPPED, Calibration
from helpdesk_bot.agent.question.rewrite import Rewriter
from helpdesk_bot.agent.question.translator import Translator
from helpdesk_bot.agent.tooling.tool_model import ToolModel
from helpdesk_bot.cache import Recalled, Wanted, Written
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.tools.status_pages import StatusPages
from helpdesk_bot.tools.toolbox import Toolbox
from knowledge.audience import Audience
from knowledge.passages import Passage


class Finds(Protocol):
    """What the agent asks of `knowledge.search.Search`."""

    async def find(
        self, question: str, audience: Audience, *, limit: int = 8, sources: frozenset[str] | None = None
    ) -> list[Passage]: ...
    async def read(self, question: str, audience: Audience, *, sources: frozenset[str] | None = None) -> str: ...
    async def list_at(self, places: Sequence[tuple[int, int]], audience: Audience) -> list[Passage]: ...
    def is_unusual(self, word: str) -> bool: ...


class Cache(Protocol):
    """What the agent asks of `cache.AnswerCache`."""

    async def find(self, wanted: Wanted) -> Recalled | None: ...
    async def keep(self, wanted: Wanted, written: Written) -> None: ...


@dataclass(frozen=True, kw_only=True)
class AgentOptions:
    calibration: Calibration = SHIPPED
    """How evidence is weighed, and at which probability an answer is composed."""
    model_asked_at: float = 0.2
    """From this probability on a model is asked, where quotations would not be trusted yet: it reads whether the
    passages hold the answer, and may say that they don't."""
    max_passages: int = 8
    next_step: str = "Please ask a colleague, or put it in other words."
    """What is said after `I'm not sure`: who is being asked, or whom to ask."""
    rewrite_timeout_s: float = 4.0
    """For a model to rewrite a question, and for one to translate it."""
    compose_timeout_s: float = 20.0
    tool_timeout_s: float = 8.0
    """For one call of a tool, and for a model to pick one."""
    reserve_s: float = 2.0
    """What a model leaves of the deadline for falling back on quotations."""
    splits_questions: bool = True
    """Whether two questions in one message are looked for one by one."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything the agent works with."""

    search: Finds
    composers: tuple[Composer, ...]
    """In order of preference. The last one needs nobody else and so always has its turn."""
    guard: Guard = field(default_factory=Guard)
    rewriter: Rewriter | None = None
    translator: Translator | None = None
    cache: Cache | None = None
    status: StatusPages = field(default_factory=StatusPages)
    tools: Toolbox = field(default_factory=Toolbox)
    tool_model: ToolModel | None = None
    """Picks tools; None: the rules do."""
    options: AgentOptions = field(default_factory=AgentOptions)
