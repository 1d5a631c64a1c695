"""Where texts are checked, and by which pure functions: what the engine runs as registered validators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk_bot.guard import incoming, outgoing, passages
from helpdesk_bot.guard.grounding import check_grounding
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict


class Checkpoint(StrEnum):
    QUESTION = "question"
    PASSAGE = "passage"
    ANSWER = "answer"
    GROUNDING = "grounding"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check knows besides the text."""

    policy: Policy
    citations: int = 0
    """How many passages an answer may cite."""
    cited: Mapping[int, str] = field(default_factory=dict[int, str])
    """The texts an answer rests on, by number."""


Check = Callable[[str, Context], tuple[str, list[Verdict]]]
"""A text to the text as it may go on, and what was found. Pure."""

CHECKS: Mapping[Checkpoint, Mapping[str, Check]] = {
    Checkpoint.QUESTION: {
        "visible": lambda text, context: incoming.visible(text, context.policy),
        "personal-data": lambda text, context: incoming.personal_data(text, context.policy),
        "tone": lambda text, context: incoming.tone(text, context.policy),
    },
    Checkpoint.PASSAGE: {
        "nothing-acts": lambda text, context: passages.nothing_acts(text, context.policy),
        "planted-instructions": lambda text, context: passages.planted_instructions(text, context.policy),
        "personal-data": lambda text, context: passages.personal_data(text, context.policy),
    },
    Checkpoint.ANSWER: {
        "nothing-acts": lambda text, context: outgoing.nothing_acts(text, context.citations),
        "personal-data": lambda text, context: outgoing.personal_data(text, context.policy),
    },
    Checkpoint.GROUNDING: {
        "grounded": lambda text, context: (text, check_grounding(text, context.cited, policy=context.policy)),
    },
}
"""By checkpoint, in the order in which they run; each reads what the one before let through."""
