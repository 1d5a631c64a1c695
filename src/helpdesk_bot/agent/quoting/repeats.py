"""Whether two texts say the same, so that one is enough."""

from collections.abc import Iterable

from helpdesk_bot.guard.specifics import names, numbers
from helpdesk_bot.guard.words import NEGATIONS, content_stems, covered, words

SAME_TEXT = 0.85
"""The share of the shorter text's words, weighed by rarity, that the longer one has to hold."""
FEW_WORDS = 5
"""A text of fewer telling words says something else where one is missing: the longer one has to hold them all."""


def is_said(text: str, said: Iterable[str]) -> bool:
    """Whether one of the texts says this already: with its words, all its numbers and names, and as much denial."""
    stems = set(content_stems(text))
    return bool(stems) and any(_says(other, text, stems) for other in said)


def _says(other: str, text: str, stems: set[str]) -> bool:
    return (
        covered(stems, set(content_stems(other))) >= (SAME_TEXT if len(stems) >= FEW_WORDS else 1)
        and numbers(text) <= numbers(other)
        and names(text) <= names(other) | set(words(other))
        and NEGATIONS.intersection(words(text)) <= NEGATIONS.intersection(words(other))
    )
