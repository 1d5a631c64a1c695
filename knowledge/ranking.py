"""What the final order of passages gives weight to."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class RankingOptions:
    """Each at 0 is that part left out; the figures are in docs/measurements.md."""

    vector_share: float = 0.65
    """Of nearness, beside 1 minus it for words; 0 to 1."""
    label_weight: float = 0.1
    """Of title and headings, beside 1 for nearness and words together."""
    freshness_weight: float = 0.02
    """Of how new a passage is beside the newest that was found, 1 for as new, half of it for a year older: enough to
    put the newer of two first that are about equally good, and no more."""
    fold: bool = True
    """Whether of passages that say the same (`likeness`) the newest comes first and the others last."""
    acronyms: bool = True
    """Whether a short name is looked for in its long form too, and the other way round, as documents explain them."""
    synonyms: bool = True
    """Whether what documents call by two names is looked for under both."""
    everyday_words: bool = True
    """Whether everyday words of a workplace are looked for in others too that say the same, as `thesaurus` lists them.
    """

    def for_words(self, words: int, *, held_by: int) -> "RankingOptions":
        """The options for a question of so many words that tell something, the rarest of which so many chunks hold.

        Few words with a rare one are a name or a code, which only words find: nearness then counts for half at most.
        """
        is_name = words <= KEYWORDS and held_by <= RARE
        return replace(self, vector_share=min(self.vector_share, 0.5)) if is_name else self


KEYWORDS = 2

RARE = 50
"""Chunks that a rare word is in at most: as many as words find. With common words too (`Can a house be gifted?`),
nDCG@5 was .314 instead of .318 on mtrag_cloud and .291 instead of .297 on mtrag_fiqa; with 1 or 20 it is as with 50."""

DEFAULT_RANKING = RankingOptions()
