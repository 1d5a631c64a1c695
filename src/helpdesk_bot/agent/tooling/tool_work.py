"""What came of the tools that one question asks for."""

from dataclasses import dataclass, field

from helpdesk_bot.agent.state import Planned
from helpdesk_bot.tools.told import Answered


@dataclass(kw_only=True)
class ToolWork:
    """So far; whoever uses tools adds to it."""

    request: str
    """In the asker's own words."""
    answers: list[Answered] = field(default_factory=list[Answered])
    shown: list[str] = field(default_factory=list[str])
    """What a model is told of it, cleaned."""
    troubles: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    planned: Planned | None = None
    is_decided: bool = False
    """Whether a model has had its say."""
    asked_for: set[str] = field(default_factory=set[str])
