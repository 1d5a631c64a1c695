"""The final order of passages, without a model: how near, how many of the words, and whether the title says it too."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from knowledge.likeness import say_the_same
from knowledge.ranking import DEFAULT_RANKING, RankingOptions
from knowledge.store import Candidate

FAVOUR_WEIGHT = 0.5
"""As the label weight, for passages of favoured sources: what people approved as the answer to a question comes first
where its title is that question, and counts like any other where it is not."""

PER_DOCUMENT = 3
"""Chunks of one document that may come before another document's."""


HALF_LIFE = timedelta(days=365)
"""In which a passage's newness halves."""


def rerank(
    candidates: Sequence[Candidate],
    word_weights: Mapping[str, float],
    *,
    limit: int,
    favoured_sources: Collection[str] = (),
    options: RankingOptions = DEFAULT_RANKING,
) -> list[Candidate]:
    """The best `limit` candidates, best first, each with its final score.

    The score is the mean of both sides' scores, weighed by the vector share, each as a share of the candidates' own
    range, plus the label weight times the share of the question's weight that title and headings hold, plus the
    freshness weight times how new it is. Such a convex combination beats fusing ranks (Bruch, Gai & Ingber, "An
    Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023). `word_weights` are the question's, by lexeme.
    Text that came before, and what one document has too much of, goes to the end.
    """
    near = _shares([candidate.passage.scores.dense for candidate in candidates], from_least=True)
    worded = _shares([candidate.passage.scores.bm25 for candidate in candidates], from_least=False)
    weights = _label_weights(candidates, favoured_sources, options.label_weight)
    scores = [
        options.vector_share * one + (1 - options.vector_share) * other + weight * _label_share(candidate, word_weights)
        for candidate, one, other, weight in zip(candidates, near, worded, weights, strict=True)
    ]
    newness = newness_of(candidates)
    scores = [score + options.freshness_weight * new for score, new in zip(scores, newness, strict=True)]
    by_chunk = {candidate.passage.chunk_id: score for candidate, score in zip(candidates, scores, strict=True)}
    best = sorted(candidates, key=lambda candidate: (-by_chunk[candidate.passage.chunk_id], candidate.passage.chunk_id))
    return [
        _with_score(candidate, by_chunk[candidate.passage.chunk_id])
        for candidate in spread(best, limit=limit, fold=options.fold)
    ]


def newness_of(candidates: Sequence[Candidate]) -> list[float]:
    """Of each, beside the newest of them: 1 for as new, half of it for HALF_LIFE older, and so on."""
    newest = max((candidate.passage.modified_at for candidate in candidates), default=None)
    return [] if newest is None else [0.5 ** ((newest - one.passage.modified_at) / HALF_LIFE) for one in candidates]


def spread(ranked: Sequence[Candidate], *, limit: int, fold: bool = True) -> list[Candidate]:
    """The best `limit`; repeated text and a document's chunks beyond PER_DOCUMENT come after the rest.

    `fold`: so does text that says the same as one before it. Of the two the newer one stays in front.
    """
    first: list[Candidate] = []
    rest: list[Candidate] = []
    taken: Counter[int] = Counter()
    for candidate in ranked:
        if len(first) == limit:
            break
        document_id = candidate.passage.document_id
        same = _place_of_same(candidate, first, fold=fold)
        if taken[document_id] < PER_DOCUMENT and same is None:
            first.append(candidate)
            taken[document_id] += 1
        elif same is not None and candidate.passage.modified_at > first[same].passage.modified_at:
            taken[first[same].passage.document_id] -= 1
            taken[document_id] += 1
            rest.append(first[same])
            first[same] = candidate
        else:
            rest.append(candidate)
    return (first + rest)[:limit]


def _place_of_same(candidate: Candidate, first: Sequence[Candidate], *, fold: bool) -> int | None:
    return next(
        (
            place
            for place, before in enumerate(first)
            if before.digest == candidate.digest or (fold and _are_alike(before, candidate))
        ),
        None,
    )


def _are_alike(one: Candidate, other: Candidate) -> bool:
    """Whether they say the same of what is asked: the same of its words, hardly another word besides."""
    return (one.term_ids, one.label_lexemes) == (other.term_ids, other.label_lexemes) and say_the_same(
        one.passage.text, other.passage.text
    )


def _shares(scores: Sequence[float | None], *, from_least: bool) -> list[float]:
    """Each score between 0 and 1: of the range from the least, or from 0, to the greatest; 0 where there is none."""
    known = [score for score in scores if score is not None]
    if not known:
        return [0.0] * len(scores)
    least = min(known) if from_least and len(known) > 1 else 0.0
    width = max(known) - least
    return [0.0 if score is None or width <= 0 else (score - least) / width for score in scores]


def _label_weights(
    candidates: Sequence[Candidate], favoured_sources: Collection[str], label_weight: float
) -> list[float]:
    return [FAVOUR_WEIGHT if candidate.passage.source in favoured_sources else label_weight for candidate in candidates]


def _label_share(candidate: Candidate, word_weights: Mapping[str, float]) -> float:
    whole = sum(word_weights.values())
    return sum(word_weights[lexeme] for lexeme in candidate.label_lexemes) / whole if whole else 0.0


def _with_score(candidate: Candidate, score: float) -> Candidate:
    passage = candidate.passage
    return replace(candidate, passage=replace(passage, scores=replace(passage.scores, rerank=score)))
