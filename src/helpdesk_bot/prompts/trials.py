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
class Arm:
    """What came of the conversations that got one version, whether it wrote the answer or failed to."""

    version: str
    decisions: int
    outcomes: dict[str, int]
    answered: Rate
    helpful: Rate
    """Thumbs up among thumbs."""
    mean_tokens: float
    tokens_low: float
    tokens_high: float


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
    mean, half = _mean([one.tokens for one in answers])
    return Arm(
        version=version,
        decisions=len(answers),
        outcomes=dict(Counter(one.outcome.value for one in answers)),
        answered=wilson(sum(one.outcome is Outcome.ANSWERED for one in answers), len(answers)),
        helpful=wilson(up, up + down),
        mean_tokens=mean,
        tokens_low=max(0.0, mean - half),
        tokens_high=mean + half,
    )


def _mean(values: Sequence[int]) -> tuple[float, float]:
    """The mean and half of its 95 % interval."""
    if not values:
        return 0.0, 0.0
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean, Z * math.sqrt(variance / len(values))
