"""What the agent is asked: a question, and how it is to be answered."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from helpdesk_bot.events import Said, Step
from helpdesk_bot.models.asks import NOBODY
from helpdesk_bot.records.spending import Payer
from knowledge.audience import Audience
from knowledge.passages import Passage


async def watched_by_nobody(_: Step) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one run is about. LangGraph's context: handed to every node, never written anywhere."""

    question: str
    question_key: str
    conversation_id: str
    audience: Audience
    deadline_s: float
    on_step: Callable[[Step], Awaitable[None]] = watched_by_nobody
    thread: Sequence[Said] = ()
    """What everybody said before it, oldest first."""
    sources: frozenset[str] | None = None
    """What the answer may come from; None for everything."""
    attached: Sequence[Passage] = ()
    """Passages of files that came with the question, for this run only."""
    tone: str = ""
    """In which to write, in an admin's words."""
    languages: Sequence[str] = ()
    """Codes of those in which a model answers, the first where the question is in none of them; none for all."""
    say: Callable[[str, Sequence[Passage]], Awaitable[None]] | None = None
    """Is given the answer piece by piece as it passes the checks, with the passages it rests on so far; what is decided
    may still be another one."""
    payer: Payer = NOBODY
    """For whom models are asked."""
    asked_at: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        return max(0.0, self.asked_at + self.deadline_s - time.monotonic())
