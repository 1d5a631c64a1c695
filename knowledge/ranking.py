"""What the final order of passages gives weight to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RankingOptions:
    """Each at 0 is that part left out; the figures are in docs/measurements.md."""

    vector_share: float = 0.65
    """Of nearness, beside 1 minus it for words; 0 to 1."""
    label_weight: float = 0.1
    """Of title and headings, beside 1 for nearness and words together."""
    neighbour_share: float = 0.05
    """Of the score of the better neighbour, that a chunk gets where the one before or after it was found as well."""


DEFAULT_RANKING = RankingOptions()
