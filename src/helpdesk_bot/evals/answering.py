"""How well the bot tells what it can answer from what it can't, and whether its answers hold what they should."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.message.errands import needed_for
from helpdesk_bot.evals.answer_cases import AnswerCase
from helpdesk_bot.evals.measures import Interval
from helpdesk_bot.events import Decision, Outcome, Turn
from knowledge.audience import Audience

CURVE_STEPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Shares of the answerable questions at which the risk is told."""
RESAMPLES = 2_000


@dataclass(frozen=True, kw_only=True)
class AskedCase:
    """A case with what the bot would say to it if it always answered, and how sure it is."""

    case: AnswerCase
    decision: Decision
    took_ms: int
    model_asked_at: float = 1.0
    """From which evidence on a model's answer is given, if that is less than what quotations need."""

    def outcome_at(self, answer_at: float) -> Outcome:
        """What becomes of it where evidence below `answer_at` is not enough."""
        enough = min(answer_at, self.model_asked_at) if self.decision.model else answer_at
        outcome, needed = self.decision.outcome, needed_for(self.decision.standalone, enough)
        is_unsure = outcome is Outcome.ANSWERED and self.decision.citations and self.decision.confidence < needed
        return Outcome.ESCALATED if is_unsure else outcome

    def is_answered_at(self, answer_at: float) -> bool:
        return self.outcome_at(answer_at) is Outcome.ANSWERED

    @property
    def holds_answer(self) -> bool | None:
        """Whether one of the exact answers stands in what it would say; None where there is none to look for."""
        if not self.case.exact_answers:
            return None
        said = plain(self.decision.text)
        return any(plain(exact) in said for exact in self.case.exact_answers if exact.strip())

    def as_json(self, *, answer_at: float) -> dict[str, object]:
        return {
            "id": self.case.id,
            "answerable": self.case.answerable,
            "outcome": self.outcome_at(answer_at).value,
            "confidence": round(self.decision.confidence, 4),
            "holds_answer": self.holds_answer,
            "cited": sorted({one.passage.key for one in self.decision.citations}),
            "standalone": self.decision.standalone,
            "text": self.decision.text,
            "reason": self.decision.reason,
            "took_ms": self.took_ms,
        }


@dataclass(frozen=True, kw_only=True)
class RiskAt:
    """One point of the risk-coverage curve."""

    coverage: float
    """Share of the answerable questions that get an answer."""
    risk: float
    """Share of the unanswerable ones that get one all the same."""
    answer_at: float

    def as_json(self) -> dict[str, float]:
        return {
            "coverage": round(self.coverage, 4),
            "false_answers": round(self.risk, 4),
            "answer_at": round(self.answer_at, 4),
        }


@dataclass(frozen=True, kw_only=True)
class AnswerReport:
    asked: Sequence[AskedCase]
    answer_at: float

    def as_json(self) -> dict[str, object]:
        auroc = self.auroc()
        return {
            "cases": len(self.asked),
            "answer_at": self.answer_at,
            "outcomes": {label: dict(counts) for label, counts in self.outcomes().items()},
            "answered_of_answerable": _share(self._answered(is_answerable=True)),
            "false_answers": _share(self._answered(is_answerable=False)),
            "auroc": auroc.as_json() if auroc else None,
            "exact_answer": self.exact(),
            "risk_coverage": [point.as_json() for point in self.curve()],
            "took_ms_median": int(np.median([one.took_ms for one in self.asked])) if self.asked else 0,
        }

    def rows(self) -> list[tuple[str, object]]:
        """For people."""
        auroc, exact = self.auroc(), self.exact()
        rows: list[tuple[str, object]] = [
            (f"{label}: {outcome}", count)
            for label, counts in self.outcomes().items()
            for outcome, count in counts.items()
        ]
        rows.append(("answered, of the answerable", _percent(_share(self._answered(is_answerable=True)))))
        rows.append(("answered, of the unanswerable", _percent(_share(self._answered(is_answerable=False)))))
        if auroc:
            rows.append(("area under the curve", f"{auroc.mean:.3f} ({auroc.low:.3f} to {auroc.high:.3f})"))
        rows += [(f"exact answer, {name}", _percent(share)) for name, share in exact.items() if share is not None]
        rows += [
            (f"at {point.coverage:.0%} coverage", f"{point.risk:.1%} false answers (from {point.answer_at:.2f} on)")
            for point in self.curve()
        ]
        return rows

    def write_cases(self, out: TextIO) -> None:
        lines = (one.as_json(answer_at=self.answer_at) for one in self.asked)
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    def outcomes(self) -> Mapping[str, Counter[str]]:
        """How often each outcome was reached, by label."""
        counted: dict[str, Counter[str]] = {}
        for one in self.asked:
            counted.setdefault(one.case.answerable, Counter())[one.outcome_at(self.answer_at).value] += 1
        return counted

    def exact(self) -> dict[str, float | None]:
        """Share of the answerable questions with an exact answer whose answer holds it: as given, and if all were."""
        known = [one for one in self.asked if one.case.is_answerable and one.holds_answer is not None]
        return {
            "given": _share([bool(one.holds_answer) and one.is_answered_at(self.answer_at) for one in known]),
            "if always answered": _share([bool(one.holds_answer) for one in known]),
        }

    def auroc(self) -> Interval | None:
        """How well confidence tells answerable from unanswerable; None unless there are both."""
        scores, labels = self._scored()
        return area_under_curve(scores, labels) if len(set(labels)) == 2 else None

    def curve(self) -> list[RiskAt]:
        scores, labels = self._scored()
        return risk_coverage(scores, labels) if len(set(labels)) == 2 else []

    def _answered(self, *, is_answerable: bool) -> list[bool]:
        return [one.is_answered_at(self.answer_at) for one in self.asked if one.case.is_answerable is is_answerable]

    def _scored(self) -> tuple[list[float], list[bool]]:
        """The confidence of each case that is one or the other; what would not be answered at any threshold has 0."""
        known = [(one, one.case.is_answerable) for one in self.asked]
        scores = [
            one.decision.confidence if one.is_answered_at(0.0) else 0.0 for one, label in known if label is not None
        ]
        return scores, [label for _, label in known if label is not None]


async def ask_all(
    cases: Sequence[AnswerCase],
    *,
    agent: Agent,
    audience: Audience,
    deadline_s: float,
    model_asked_at: float,
    progress: Callable[[int, int], None],
) -> list[AskedCase]:
    """Ask each case in a conversation of its own that has its history. The agent should answer at any evidence."""
    asked: list[AskedCase] = []
    for done, case in enumerate(cases, start=1):
        conversation_id = f"eval:{case.id}"
        if turns := turns_of(case):
            await agent.remember(turns, conversation_id=conversation_id)
        began = time.perf_counter()
        decision = await agent.decide(
            Asked(
                question=case.text,
                question_key=conversation_id,
                conversation_id=conversation_id,
                audience=audience,
                deadline_s=deadline_s,
            )
        )
        took_ms = round((time.perf_counter() - began) * 1000)
        asked.append(AskedCase(case=case, decision=decision, took_ms=took_ms, model_asked_at=model_asked_at))
        progress(done, len(cases))
    return asked


def turns_of(case: AnswerCase) -> list[Turn]:
    """The history as turns: each question with what was said to it."""
    turns: list[Turn] = []
    for message in case.history:
        if message.role == "user":
            key = f"eval:{case.id}:{len(turns)}"
            turns.append(Turn(question_key=key, question=message.text, answer="", outcome=Outcome.ANSWERED))
        elif turns:
            last = turns.pop()
            turns.append(
                Turn(question_key=last.question_key, question=last.question, answer=message.text, outcome=last.outcome)
            )
    return turns


def area_under_curve(scores: Sequence[float], labels: Sequence[bool], *, seed: int = 0) -> Interval:
    """The chance that an answerable question has a higher score than an unanswerable one, ties half; 95 % bootstrap."""
    of, other = (
        np.array([score for score, label in zip(scores, labels, strict=True) if label is one]) for one in (True, False)
    )
    drawn = np.random.default_rng(seed)
    samples = [_area(drawn.choice(of, len(of)), drawn.choice(other, len(other))) for _ in range(RESAMPLES)]
    low, high = np.percentile(samples, [2.5, 97.5])
    return Interval(mean=round(_area(of, other), 4), low=round(float(low), 4), high=round(float(high), 4))


def _area(
    of: "np.ndarray[tuple[int], np.dtype[np.float64]]", other: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> float:
    ordered = np.sort(other)
    below = np.searchsorted(ordered, of, side="left")
    up_to = np.searchsorted(ordered, of, side="right")
    return float((below + up_to).sum() / (2 * len(of) * len(other)))


def risk_coverage(scores: Sequence[float], labels: Sequence[bool]) -> list[RiskAt]:
    """What a threshold costs: for each share of the answerable that is answered, the share of false answers."""
    answerable = sorted((score for score, label in zip(scores, labels, strict=True) if label), reverse=True)
    others = [score for score, label in zip(scores, labels, strict=True) if not label]
    points: list[RiskAt] = []
    for step in CURVE_STEPS:
        answer_at = answerable[max(0, round(step * len(answerable)) - 1)]
        points.append(
            RiskAt(
                coverage=sum(score >= answer_at for score in answerable) / len(answerable),
                risk=sum(score >= answer_at for score in others) / len(others),
                answer_at=answer_at,
            )
        )
    return points


def plain(text: str) -> str:
    """Without emphasis, escapes, case and runs of white space."""
    return re.sub(r"\s+", " ", re.sub(r"[*_`\\]", "", text)).casefold().strip()


def _share(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
