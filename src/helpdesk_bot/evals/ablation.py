"""What each part of the ranking is worth: the same questions with one part taken away."""

from collections.abc import Iterator
from dataclasses import replace

from knowledge.ranking import RankingOptions


def iter_without(ranking: RankingOptions) -> Iterator[tuple[str, RankingOptions]]:
    """Each part that is on, by name, with the options that lack it. Shares are equal where none is preferred."""
    if ranking.vector_share != 0.5:
        yield "vector_share", replace(ranking, vector_share=0.5)
    if ranking.label_weight:
        yield "label_weight", replace(ranking, label_weight=0.0)
    if ranking.freshness_weight:
        yield "freshness_weight", replace(ranking, freshness_weight=0.0)
    if ranking.fold:
        yield "fold", replace(ranking, fold=False)
    if ranking.acronyms:
        yield "acronyms", replace(ranking, acronyms=False)
    if ranking.synonyms:
        yield "synonyms", replace(ranking, synonyms=False)
    if ranking.everyday_words:
        yield "everyday_words", replace(ranking, everyday_words=False)
