"""What a rule found. A verdict counts; it never holds any of the text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    ALLOW = "allow"
    """Noticed and let through."""
    REDACT = "redact"
    """Taken out or made harmless; the rest goes on."""
    BLOCK = "block"
    """The whole text must not be used."""
    DRAFT = "draft"
    """The answer is shown to a person first."""
    ESCALATE = "escalate"
    """A person answers."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    rule: str
    action: Action
    spans: int
    """How many places in the text the rule met; at least 1."""


def redactions(counts: Mapping[str, int]) -> list[Verdict]:
    """One verdict for each rule that met something."""
    return [Verdict(rule=rule, action=Action.REDACT, spans=spans) for rule, spans in counts.items() if spans]


def is_blocked(verdicts: Iterable[Verdict]) -> bool:
    return calls_for(Action.BLOCK, verdicts)


def calls_for(action: Action, verdicts: Iterable[Verdict]) -> bool:
    return any(verdict.action is action for verdict in verdicts)
