"""Pages that are alike but about other things: one for each office, or for each of several products."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from helpdesk_bot.agent.quoting.blocks import Block
from helpdesk_bot.guard.words import STOP_WORDS, content_stems, words
from knowledge.passages import Passage


@dataclass(frozen=True, kw_only=True)
class Siblings:
    """What tells the passages of one question apart."""

    full_names: tuple[str, ...]
    """Of two words, as the question says them."""
    titles_under: dict[str, frozenset[str]]
    """The stems of all titles under which a heading stands."""

    @classmethod
    def of(cls, question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> "Siblings":
        under: dict[str, frozenset[str]] = {}
        for passage, found in zip(passages, parsed, strict=True):
            for headings in (headings_of(passage, block) for block in found):
                key = _flat(headings[-1])
                under[key] = under.get(key, frozenset()).union(content_stems(passage.title))
        return cls(full_names=tuple(_full_names(question, passages)), titles_under=under)

    def has_only_a_part(self, passage: Passage) -> bool:
        """Whether its title shares a word with a name that was said, `platinum plus`, and nothing of it holds that."""
        text = "\n".join([passage.title, *passage.heading_path, passage.text]).casefold()
        return any(
            name not in text and not set(name.split()).isdisjoint(words(passage.title)) for name in self.full_names
        )

    def titles_over(self, headings: Sequence[str]) -> frozenset[str]:
        """The stems of the titles of all pages that have the innermost of these headings."""
        return self.titles_under[_flat(headings[-1])]


def headings_of(passage: Passage, block: Block) -> tuple[str, ...]:
    """The title and what else stands above the block, outermost first."""
    inner = (block.under,) if block.under and block.under not in passage.heading_path else ()
    return (passage.title, *passage.heading_path, *inner)


def _full_names(question: str, passages: Sequence[Passage]) -> list[str]:
    """As titles and texts write them in capitals; what is written in small letters too is no name."""
    pairs = [pair for pair in pairwise(words(question)) if STOP_WORDS.isdisjoint(pair)]
    return [
        f"{first} {second}"
        for first, second in pairs
        if any(f"{first} {second}" in one.title.casefold() for one in passages)
        and any(f"{first.capitalize()} {second.capitalize()}" in one.text for one in passages)
        and not any(re.search(rf"(?i:\b{re.escape(first)}) {re.escape(second)}\b", one.text) for one in passages)
    ]


def _flat(heading: str) -> str:
    return " ".join(words(heading))
