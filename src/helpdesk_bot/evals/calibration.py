"""Making the judge of evidence anew from labelled questions, and choosing how sure it has to be."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TextIO

import numpy as np

from helpdesk_bot.agent.evidence import Calibration, Case, Weights, features, fit, probability
from helpdesk_bot.agent.parts import Finds
from helpdesk_bot.agent.question.asking import matter_of
from helpdesk_bot.agent.question.standalone import stand_alone
from helpdesk_bot.evals.answer_cases import AnswerCase
from helpdesk_bot.evals.answering import RiskAt, area_under_curve, risk_coverage, turns_of
from helpdesk_bot.evals.measures import Interval
from knowledge.audience import Audience
from knowledge.passages import Passage

FOLDS = 5
TRUSTED_FROM = 30
"""Questions of each label below which nobody should rely on a judge. Even with 30, false answers that are measured as
10 % may be 3 to 26 % in truth (95 %, Wilson)."""
LEFT = 30
"""Passages asked for, so that enough are left when those that answer are taken away."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One question with what was found for it."""

    case: Case
    group: str
    """What it is a sample of."""
    id: str


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """A new judge, and how well one that had not seen a question judged it (by cross-validation)."""

    calibration: Calibration
    answered: int
    unanswered: int
    auroc: Interval
    auroc_before: Interval
    """Of the judge in force, on the same questions."""
    curve: Sequence[RiskAt]
    false_answers: float
    coverage: float
    held_out: Sequence[tuple[Labelled, float]]
    """Each question with the probability that a judge gave it which had not seen it."""

    @property
    def is_trusted(self) -> bool:
        """Whether there were enough questions of each label."""
        return min(self.answered, self.unanswered) >= TRUSTED_FROM

    def as_json(self) -> dict[str, object]:
        return {
            "weights": {name: round(value, 3) for name, value in asdict(self.calibration.weights).items()},
            "answer_at": round(self.calibration.answer_at, 3),
            "answered": self.answered,
            "unanswered": self.unanswered,
            "is_trusted": self.is_trusted,
            "auroc": self.auroc.as_json(),
            "auroc_before": self.auroc_before.as_json(),
            "false_answers": round(self.false_answers, 4),
            "coverage": round(self.coverage, 4),
            "risk_coverage": [point.as_json() for point in self.curve],
        }

    def rows(self) -> list[tuple[str, object]]:
        """For a table."""
        return [
            ("answered, unanswered", f"{self.answered}, {self.unanswered}"),
            ("area under the curve", self.auroc.as_text().lstrip("+")),
            ("of the judge in force", self.auroc_before.as_text().lstrip("+")),
            ("answers from", f"{self.calibration.answer_at:.3f}"),
            ("false answers", f"{self.false_answers:.1%}"),
            ("coverage", f"{self.coverage:.1%}"),
            *((f"at {point.coverage:.0%} coverage", f"{point.risk:.1%} false answers") for point in self.curve),
        ]

    def write_cases(self, lines: TextIO) -> None:
        """A JSON object a line for each question, with what a judge thought of it that had not seen it."""
        for one, score in self.held_out:
            line = {
                "id": one.id,
                "group": one.group,
                "answered": one.case.is_answered,
                "probability": round(score, 4),
            }
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")


async def label_cases(
    cases: Sequence[AnswerCase],
    *,
    group: str,
    search: Finds,
    audience: Audience,
    max_passages: int,
    progress: Callable[[int, int], None],
) -> list[Labelled]:
    """What the search finds for each case that is answerable or not.

    Where the documents that answer a question are known, it is asked twice: once with what was found, and once with
    those documents taken out, which makes a near miss of it: everything around the answer, but not the answer.
    """
    labelled: list[Labelled] = []
    for done, case in enumerate(cases, start=1):
        progress(done, len(cases))
        if case.is_answerable is None:
            continue
        question = stand_alone(matter_of(case.text), turns_of(case))
        found = await search.find(question, audience, limit=LEFT)
        best = found[:max_passages]
        if not case.gold or not case.is_answerable:
            labelled.append(_labelled(case, question, best, is_answered=case.is_answerable, group=group))
            continue
        if any(passage.key in case.gold for passage in best):
            labelled.append(_labelled(case, question, best, is_answered=True, group=group))
        rest = without(found, case.gold)[:max_passages]
        labelled.append(_labelled(case, question, rest, is_answered=False, group=f"{group}, answer taken out"))
    return labelled


def without(passages: Sequence[Passage], keys: frozenset[str]) -> list[Passage]:
    """The passages of other documents, with the ranks they would have without those."""
    gone = [passage.scores for passage in passages if passage.key in keys]

    def moved_up(rank: int | None, of_gone: Sequence[int | None]) -> int | None:
        return None if rank is None else rank - sum(1 for other in of_gone if other is not None and other < rank)

    dense, bm25 = [one.dense_rank for one in gone], [one.bm25_rank for one in gone]
    return [
        replace(
            passage,
            scores=replace(
                passage.scores,
                dense_rank=moved_up(passage.scores.dense_rank, dense),
                bm25_rank=moved_up(passage.scores.bm25_rank, bm25),
            ),
        )
        for passage in passages
        if passage.key not in keys
    ]


def calibrate(
    labelled: Sequence[Labelled], *, before: Calibration, false_answer_rate: float, made_from: str, seed: int = 0
) -> Calibrated:
    """Fit on all questions, judge the fit by cross-validation, and set `answer_at` to the target.

    Every group weighs the same, however many questions it has. With few questions the judge stays near the one in
    force. `answer_at` is where at most the share `false_answer_rate` of unanswerable questions would be answered.
    Raises ValueError where all questions have one label.
    """
    cases = weighed(labelled)
    labels = [case.is_answered for case in cases]
    if len(set(labels)) < 2:
        raise ValueError(
            "calibration needs questions that are answered and questions that are not, at least "
            f"{TRUSTED_FROM} of each to be relied on: here are {sum(labels)} and {len(labels) - sum(labels)}"
        )
    scores = _cross_validated(cases, before.weights, seed=seed)
    weights = fit(cases, prior=before.weights)
    answer_at = _threshold(scores, cases, false_answer_rate)
    return Calibrated(
        calibration=Calibration(weights=weights, answer_at=answer_at, made_from=made_from),
        answered=sum(labels),
        unanswered=len(labels) - sum(labels),
        auroc=area_under_curve(scores, labels),
        auroc_before=area_under_curve([probability(case.features, before.weights) for case in cases], labels),
        curve=risk_coverage(scores, labels),
        false_answers=_weighed_share(scores, cases, answer_at, is_answered=False),
        coverage=_weighed_share(scores, cases, answer_at, is_answered=True),
        held_out=list(zip(labelled, scores, strict=True)),
    )


def weighed(labelled: Sequence[Labelled]) -> list[Case]:
    """The cases, each label's groups made equally heavy, and the two labels too; the mean weight is 1."""
    groups: dict[tuple[str, bool], int] = {}
    for one in labelled:
        key = (one.group, one.case.is_answered)
        groups[key] = groups.get(key, 0) + 1
    by_label = {label: sum(1 for _, of in groups if of is label) for label in (True, False)}
    total = len(labelled)
    return [
        replace(
            one.case,
            weight=total / (2 * by_label[one.case.is_answered] * groups[one.group, one.case.is_answered]),
        )
        for one in labelled
    ]


def _cross_validated(cases: Sequence[Case], prior: Weights, *, seed: int) -> list[float]:
    """The probability of each case from a fit on the other folds; a fold has its share of both labels.

    Where the others have one label only, since there is a single case of the other, nothing is learnt from them.
    """
    fold_of = np.zeros(len(cases), dtype=int)
    drawn = np.random.default_rng(seed)
    for label in (True, False):
        members = [number for number, case in enumerate(cases) if case.is_answered is label]
        fold_of[members] = drawn.permutation(np.arange(len(members)) % FOLDS)
    scores = [0.0] * len(cases)
    for fold in range(FOLDS):
        others = [case for number, case in enumerate(cases) if fold_of[number] != fold]
        weights = fit(others, prior=prior) if len({case.is_answered for case in others}) == 2 else prior
        for number, case in enumerate(cases):
            if fold_of[number] == fold:
                scores[number] = probability(case.features, weights)
    return scores


def _threshold(scores: Sequence[float], cases: Sequence[Case], rate: float) -> float:
    """The lowest at which false answers stay within the rate."""
    others = sorted(
        ((score, case.weight) for score, case in zip(scores, cases, strict=True) if not case.is_answered), reverse=True
    )
    allowed = rate * sum(weight for _, weight in others)
    for score, weight in others:
        allowed -= weight
        if allowed < 0:
            return float(np.nextafter(score, 1.0))
    return 0.0


def _weighed_share(scores: Sequence[float], cases: Sequence[Case], answer_at: float, *, is_answered: bool) -> float:
    of = [(score, case.weight) for score, case in zip(scores, cases, strict=True) if case.is_answered is is_answered]
    return sum(weight for score, weight in of if score >= answer_at) / sum(weight for _, weight in of)


def _labelled(
    case: AnswerCase, question: str, passages: Sequence[Passage], *, is_answered: bool | None, group: str
) -> Labelled:
    return Labelled(
        case=Case(features=features(question, passages), is_answered=bool(is_answered)), group=group, id=case.id
    )
