"""Trials of one version against another: which conversation gets which, and what came of it."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_bot.events import Outcome
from helpdesk_bot.records.prompts import PromptTrial, TrialAnswer

Z = 1.96
"""Of an interval that holds the truth 95 times of 100."""


def is_tried_in(trial: PromptTrial, conversation_id: str) -> bool:
    """Whether a conversation gets the trial's version: always the same, in every process; anew in each trial."""
    digest = hashlib.sha256(f"{trial.id}:{conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * 100 < trial.share


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share of `count` with its 95 % interval; 0 to 1 where there is nothing to count."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean of `count` values."""

    value: float
    half: float | None
    """Of its 95 % interval, a normal distribution's; None where fewer than two values tell nothing of it."""
    count: int

    @property
    def low(self) -> float:
        return self.value - (self.half or 0.0)

    @property
    def high(self) -> float:
        return self.value + (self.half or 0.0)


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What came of the conversations that got one version, whether it wrote the answer or failed to."""

    version: str
    decisions: int
    outcomes: dict[str, int]
    answered: Rate
    helpful: Rate
    """Thumbs up among thumbs."""
    tokens: Mean
    cost_usd: Mean
    """Of the decisions all of whose calls have a price, failed calls and those of tools included."""
    unpriced: int
    """Decisions with a call that has none; they are in no mean of money."""


def compare(trial: PromptTrial, answers: Sequence[TrialAnswer], *, production: str) -> tuple[Arm, Arm]:
    """What is in production, then what is tried. Every decision counts for the version its conversation was given."""
    tried = [one for one in answers if is_tried_in(trial, one.conversation_id)]
    rest = [one for one in answers if not is_tried_in(trial, one.conversation_id)]
    return _arm(production, rest), _arm(trial.version, tried)


def wilson(successes: int, count: int) -> Rate:
    """Wilson's score interval (JASA 1927): it holds for few cases too."""
    if not count:
        return Rate(value=0.0, low=0.0, high=1.0, count=0)
    share, z2 = successes / count, Z * Z
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return Rate(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half), count=count)


def _arm(version: str, answers: Sequence[TrialAnswer]) -> Arm:
    up, down = sum(one.up for one in answers), sum(one.down for one in answers)
    priced = [float(one.cost_usd) for one in answers if not one.unpriced]
    return Arm(
        version=version,
        decisions=len(answers),
        outcomes=dict(Counter(one.outcome.value for one in answers)),
        answered=wilson(sum(one.outcome is Outcome.ANSWERED for one in answers), len(answers)),
        helpful=wilson(up, up + down),
        tokens=mean_of([one.tokens for one in answers]),
        cost_usd=mean_of(priced),
        unpriced=len(answers) - len(priced),
    )


def mean_of(values: Sequence[float]) -> Mean:
    mean = sum(values) / len(values) if values else 0.0
    if len(values) < 2:
        return Mean(value=mean, half=None, count=len(values))
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return Mean(value=mean, half=Z * math.sqrt(variance / len(values)), count=len(values))


def difference(of: Mean, beside: Mean) -> Mean | None:
    """How much more the first is, as of two independent samples (Welch 1938); None where either tells no interval."""
    if of.half is None or beside.half is None:
        return None
    half = math.hypot(of.half, beside.half)
    return Mean(value=of.value - beside.value, half=half, count=of.count + beside.count)
