"""Retrieval measures by query, and what a difference between two systems is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

import ir_measures
import numpy as np
from ir_measures import R, nDCG

Measured: TypeAlias = dict[str, float]

MEASURES = (nDCG @ 5, nDCG @ 10, R @ 5)

RESAMPLES = 10_000


@dataclass(frozen=True, kw_only=True)
class Qrel:
    """A person's judgement: how relevant a document is to a query, 0 for not at all."""

    query_id: str
    document_id: str
    relevance: int


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """`by_query` holds, by measure, one value a judged query, in the order of their ids."""

    means: Measured
    by_query: Mapping[str, Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean difference with its 95 % interval."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)

    def as_text(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def measure(qrels: Sequence[Qrel], rankings: Mapping[str, Sequence[tuple[str, float]]]) -> Measurement:
    """nDCG@5, nDCG@10 and R@5 of rankings (document id, score) by query id; a judged query without ranking counts 0."""
    judged = [ir_measures.Qrel(qrel.query_id, qrel.document_id, qrel.relevance) for qrel in qrels]
    run = [
        ir_measures.ScoredDoc(query_id, document_id, score)
        for query_id, ranking in rankings.items()
        for document_id, score in ranking
    ]
    values: dict[str, dict[str, float]] = {
        str(one): dict.fromkeys(sorted({qrel.query_id for qrel in qrels}), 0.0) for one in MEASURES
    }
    for metric in ir_measures.iter_calc(MEASURES, judged, run):  # pyright: ignore[reportUnknownMemberType]
        values[str(metric.measure)][metric.query_id] = float(metric.value)
    by_query = {name: list(of_query.values()) for name, of_query in values.items()}
    return Measurement(means={name: round(float(np.mean(of)), 4) for name, of in by_query.items()}, by_query=by_query)


def paired_interval(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0) -> Interval:
    """The mean of ours - theirs, query by query, with a bootstrap interval over the queries."""
    differences = np.asarray(ours) - np.asarray(theirs)
    drawn = np.random.default_rng(seed).integers(len(differences), size=(RESAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
    return Interval(mean=round(float(differences.mean()), 4), low=round(float(low), 4), high=round(float(high), 4))
