"""Whether what was found is enough to answer: a probability from a few features that any search gives."""

import math
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields

import numpy as np
from pydantic import TypeAdapter, ValidationError

from helpdesk_bot.guard.specifics import is_named, names, numbers
from helpdesk_bot.guard.words import content_stems, covered, rarity
from knowledge.passages import Passage
from knowledge.quantities import find_quantities

BEST = 3
"""How many of the best passages are looked at together."""

MARGIN_TO = 5

WORDS_FOR_MEANING = 0.7
"""Without any cosine, likeness is taken to be this share of the coverage."""


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a question and its passages have in common; each 0 to 1, more is better."""

    likeness: float
    """The highest cosine similarity of a passage with the question; 0 where it is negative or unknown."""
    likeness_together: float
    """The mean of the three highest: one sentence alike is chance, a document alike is not."""
    coverage: float
    """The share of the question's words, weighed by rarity, in the best single passage with its title and headings.

    One more word is taken to be missing, so that one word found says less than four.
    """
    coverage_together: float
    """The same in the best three passages together."""
    agreement: float
    """How high one passage stands in both rankings: the best 2 / (dense rank + BM25 rank); 0 where they share none."""
    specifics: float
    """The share of the question's names, and numbers that don't say how much, that the best three passages hold; 0.5
    where it has none."""
    held: float
    """The greatest share of the question's words, by rarity in the collection, that one of the best three holds."""
    labelled: float
    """The same for their titles and headings."""
    seen: float
    """The share of those words that the collection knows at all: what it has no word for, it has no answer to."""
    margin: float
    """How much nearer the best passage is than the fifth: what many passages are equally near to, none is about."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A logistic regression over `Features`, fields in the same order, and its intercept.

    The defaults are `fit` from the weights before, rounded, on questions with what the search found for them, with the
    embedded default, November 2026. Answered: 37 of the starter evaluation's development split and 244 of WorkArena's
    help articles. Not answered: 8 of that split, those 37 and 250 again with the documents that answer them taken out,
    and the 190 questions, not errands, among 400 requests of CLINC150. As `eval calibrate` weighs them, but those of
    the starter and CLINC150 six times as much as WorkArena's.
    docs/measurements.md has what they reach on questions they have not seen.
    """

    likeness: float = 5.4
    likeness_together: float = 4.2
    coverage: float = 2.9
    coverage_together: float = 0.3
    agreement: float = 2.0
    specifics: float = 1.3
    held: float = 0.4
    labelled: float = 2.5
    seen: float = 1.3
    margin: float = 3.5
    intercept: float = -9.4


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A judge of evidence: how features are weighed, and how sure it has to be."""

    weights: Weights
    answer_at: float
    """The least probability at which an answer is given."""
    made_from: str
    """What it was fitted on, for people."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: object) -> "Calibration":
        """Raises ValueError where it is not what `as_json` gives."""
        try:
            return TypeAdapter(cls).validate_python(stored)
        except ValidationError as error:
            raise ValueError(
                "it is no judge of this version: make it anew with `helpdesk-bot eval calibrate`"
            ) from error


SHIPPED = Calibration(weights=Weights(), answer_at=0.4, made_from="starter, CLINC150 and WorkArena questions")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled question for `fit`."""

    features: Features
    is_answered: bool
    """Whether the passages really answered it."""
    weight: float = 1.0


def features(question: str, passages: Sequence[Passage]) -> Features:
    """The features of a question with its passages, best first; all 0 where there are none."""
    if not passages:
        return Features(**{field.name: 0.0 for field in fields(Features)})
    asked = set(content_stems(question))
    stems = [set(content_stems(whole_text(passage))) for passage in passages[:BEST]]
    coverage = max(_coverage(asked, one) for one in stems)
    cosines = _cosines(passages) or [WORDS_FOR_MEANING * coverage] * BEST
    return Features(
        likeness=cosines[0],
        likeness_together=sum(cosines[:BEST]) / BEST,
        coverage=coverage,
        coverage_together=_coverage(asked, {stem for one in stems for stem in one}),
        agreement=max(_agreement(passage) for passage in passages),
        specifics=_specifics(question, passages[:BEST]),
        held=max((one.scores.held for one in passages[:BEST] if one.scores.held is not None), default=coverage),
        labelled=max((one.scores.labelled for one in passages[:BEST] if one.scores.labelled is not None), default=0.0),
        seen=1.0 - max((one.scores.unseen for one in passages if one.scores.unseen is not None), default=0.0),
        margin=cosines[0] - cosines[min(MARGIN_TO, len(cosines)) - 1],
    )


def probability(found: Features, weights: Weights) -> float:
    """How likely the passages answer the question, 0 to 1: the logistic function of the weighed features."""
    z = sum(a * b for a, b in zip(astuple(found), astuple(weights), strict=False)) + weights.intercept
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, z))))


def fit(cases: Sequence[Case], *, penalty: float = 1.0, steps: int = 50, prior: Weights | None = None) -> Weights:
    """Weights by logistic regression with an L2 penalty on all but the intercept, by Newton's method.

    The penalty is on the distance from `prior`, if given, the intercept's too: the fewer cases, the nearer to it.
    Needs answered and unanswered cases. Deterministic: equal cases give equal weights.
    """
    x = np.array([(*astuple(case.features), 1.0) for case in cases], dtype=np.float64)
    y = np.array([case.is_answered for case in cases], dtype=np.float64)
    if len(set(y.tolist())) < 2:
        raise ValueError("fitting needs both answered and unanswered cases")
    weights = np.array([case.weight for case in cases], dtype=np.float64)
    ridge = penalty * np.diag([1.0] * (x.shape[1] - 1) + [1e-6 if prior is None else 1.0])
    start = np.array(astuple(prior) if prior else [0.0] * x.shape[1], dtype=np.float64)
    solution = start.copy()
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ solution, -60, 60)))
        gradient = x.T @ (weights * (p - y)) + ridge @ (solution - start)
        step = np.linalg.solve(x.T @ (x * (weights * p * (1 - p))[:, None]) + ridge, gradient)
        solution -= step
        if np.abs(step).max() < 1e-9:
            break
    return Weights(**{field.name: float(value) for field, value in zip(fields(Weights), solution, strict=True)})


def whole_text(passage: Passage) -> str:
    """A passage with its title and headings, as it is searched and checked, and with what it says in other words."""
    return "\n".join([passage.title, *passage.heading_path, passage.text, *passage.also])


def _cosines(passages: Sequence[Passage]) -> list[float]:
    """Highest first, negative ones 0; empty where no passage has one, as when the embedder is down."""
    return sorted((max(0.0, one.scores.dense) for one in passages if one.scores.dense is not None), reverse=True)


def _coverage(asked: set[str], given: set[str]) -> float:
    total = sum(map(rarity, asked))
    return covered(asked, given) * total / (total + 1)


def _agreement(passage: Passage) -> float:
    dense, lexical = passage.scores.dense_rank, passage.scores.bm25_rank
    return 2 / (dense + lexical) if dense and lexical else 0.0


def _specifics(question: str, passages: Sequence[Passage]) -> float:
    together = "\n".join(map(whole_text, passages))
    flat = together.casefold()
    looked_for = numbers(question) - numbers(" ".join(find_quantities(question)))
    wanted = [number in numbers(together) for number in looked_for] + [is_named(name, flat) for name in names(question)]
    return sum(wanted) / len(wanted) if wanted else 0.5
