"""The composer that needs no model: it quotes the best sentences of the best passages, word for word."""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.blocks import Block, Kind, blocks
from helpdesk_bot.agent.compose import Draft
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.guard.words import content_stems, covered, rarity, words
from knowledge.passages import Passage

Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]
"""Texts to unit vectors, one row each."""

MAX_PASSAGES = 3
MAX_BLOCKS = 3
"""From one passage, unless a sentence can't be understood without the one before it."""
MAX_CHARACTERS = 1_400
"""What is quoted stops growing here; the best block is quoted whole, however long."""
MAX_EMBEDDED = 12
"""Blocks compared by meaning, the best by words; each costs about 10 ms."""

NEAR_THE_BEST = 0.6
"""A block is quoted from this share of the best block's score on; of another passage's than the best, from 0.8."""
NEAR_THE_BEST_ELSEWHERE = 0.8
SAME_TEXT = 0.8
"""Two blocks that share this much of their words say the same."""

_REFERS_BACK = re.compile(
    r"(?:It|They|Them|This|That|These|Those|He|She|Then|Also|However|Otherwise|Afterwards?|But|So)\b"
)
_ASKS_HOW_TO = re.compile(r"\bhow (?:do|can|to|should|would)\b|\bsteps?\b|\bset ?up\b|\binstall", re.IGNORECASE)
_ASKS_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|long|often|old|far|big|fast|soon|late|early)\b|\bwhen\b", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A block that could be quoted, and how well it fits the question: about 0 to 3, comparable within one question."""

    block: Block
    passage: int
    """Index of its passage, from 0."""
    place: int
    """Index among the blocks of its passage."""
    score: float


class Extractive:
    """Composes by quoting. With `embed` it also knows sentences that say it in other words."""

    name = "extractive"

    def __init__(self, *, embed: Embed | None = None) -> None:
        self._embed = embed

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:  # noqa: ARG002
        parsed = [blocks(passage.text) for passage in passages]
        scored = score_blocks(question, passages, parsed)
        if self._embed is not None:
            scored = await _with_meaning(question, scored, self._embed)
        if not scored:
            raise CannotCompose("nothing to quote")
        return Draft(text=render(choose(scored, parsed), passages), composer=self.name)


def score_blocks(question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> list[Scored]:
    """The blocks that share words with the question, or stand under a heading that does, best first.

    Words count by rarity and by how few of these blocks hold them, ln(1 + (N - n + .5) / (n + .5)) as in BM25.
    """
    asked = set(content_stems(question))
    stems = [[set(content_stems(block.text)) for block in found] for found in parsed]
    weights = _weights(asked, [one for found in stems for one in found])
    scored: list[Scored] = []
    for number, (passage, found) in enumerate(zip(passages, parsed, strict=True)):
        for place, block in enumerate(found):
            words_score = _share(stems[number][place], weights)
            context = covered(asked, set(content_stems(" ".join([passage.title, *passage.heading_path, block.under]))))
            if asked and (words_score > 0 or context >= 0.5):
                score = words_score + 0.4 * context + 0.3 / (1 + number) + _shape(question, block)
                scored.append(Scored(block=block, passage=number, place=place, score=score))
    return sorted(scored, key=lambda one: -one.score)


def choose(scored: Sequence[Scored], parsed: Sequence[Sequence[Block]]) -> list[Scored]:
    """What to quote: the best block first, then by passage and place. At most `MAX_PASSAGES` passages."""
    best = scored[0]
    chosen = [best]
    for one in scored[1:]:
        if _fits(one, chosen, best):
            chosen.append(one)
    chosen += [back for one in chosen if (back := _referred_to(one, parsed, chosen))]
    order = list(dict.fromkeys(one.passage for one in chosen))
    return sorted(chosen, key=lambda one: (order.index(one.passage), one.place))


def render(chosen: Sequence[Scored], passages: Sequence[Passage]) -> str:
    """The quotations under the name of their document, each paragraph, list, table or block of code with its marker."""
    groups: dict[int, list[Scored]] = {}
    for one in chosen:
        groups.setdefault(one.passage, []).append(one)
    parts: list[str] = []
    document = None
    for number, quoted in groups.items():
        if passages[number].document_id != document:
            parts.append(phrases.from_source(passages[number].title))
        document = passages[number].document_id
        parts += [_marked(text, kind, number + 1) for text, kind in _paragraphs(quoted)]
    return "\n\n".join(parts)


def _weights(asked: set[str], stems: Sequence[set[str]]) -> dict[str, float]:
    held = Counter(stem for one in stems for stem in one & asked)
    return {stem: rarity(stem) * math.log(1 + (len(stems) - held[stem] + 0.5) / (held[stem] + 0.5)) for stem in asked}


def _share(stems: set[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in stems) / total if total else 0.0


def _shape(question: str, block: Block) -> float:
    """What the kind of question likes: steps for how to, a number for how many."""
    score = 0.1 if block.is_first else 0.0
    if _ASKS_HOW_TO.search(question) and block.kind in {Kind.LIST, Kind.CODE}:
        score += 0.25
    if _ASKS_HOW_MUCH.search(question) and any(character.isdigit() for character in block.text):
        score += 0.2
    if block.text.endswith("?"):
        score -= 0.3
    return score


async def _with_meaning(question: str, scored: Sequence[Scored], embed: Embed) -> list[Scored]:
    """The best blocks by words, ordered anew with their likeness to the question added."""
    best = scored[:MAX_EMBEDDED]
    vectors = await embed([question, *(one.block.text for one in best)])
    likeness = vectors[1:] @ vectors[0]
    raised = [
        Scored(block=one.block, passage=one.passage, place=one.place, score=one.score + float(cosine))
        for one, cosine in zip(best, likeness, strict=True)
    ]
    return sorted(raised, key=lambda one: -one.score)


def _fits(one: Scored, chosen: Sequence[Scored], best: Scored) -> bool:
    elsewhere = one.passage != best.passage
    passages = {other.passage for other in chosen}
    return (
        one.score >= best.score * (NEAR_THE_BEST_ELSEWHERE if elsewhere else NEAR_THE_BEST)
        and (one.passage in passages or len(passages) < MAX_PASSAGES)
        and sum(other.passage == one.passage for other in chosen) < MAX_BLOCKS
        and sum(len(other.block.text) for other in chosen) + len(one.block.text) <= MAX_CHARACTERS
        and not any(_say_the_same(one.block.text, other.block.text) for other in chosen)
    )


def _say_the_same(one: str, other: str) -> bool:
    left, right = set(words(one)), set(words(other))
    return len(left & right) >= SAME_TEXT * min(len(left), len(right))


def _referred_to(one: Scored, parsed: Sequence[Sequence[Block]], chosen: Sequence[Scored]) -> Scored | None:
    """The sentence before one that begins with `It`, `Then` ..., unless it is quoted already."""
    if one.place == 0 or not _REFERS_BACK.match(one.block.text):
        return None
    before = parsed[one.passage][one.place - 1]
    is_quoted = any((other.passage, other.place) == (one.passage, one.place - 1) for other in chosen)
    if is_quoted or before.kind is not Kind.SENTENCE:
        return None
    return Scored(block=before, passage=one.passage, place=one.place - 1, score=one.score)


def _paragraphs(quoted: Sequence[Scored]) -> list[tuple[str, Kind]]:
    """Sentences of one paragraph together, where they follow each other; everything else by itself."""
    found: list[tuple[str, Kind]] = []
    last: Scored | None = None
    for one in quoted:
        joins = last is not None and one.place == last.place + 1 and one.block.paragraph == last.block.paragraph
        if joins and one.block.kind is Kind.SENTENCE:
            found[-1] = (f"{found[-1][0]} {one.block.text}", Kind.SENTENCE)
        else:
            found.append((one.block.text, one.block.kind))
        last = one
    return found


def _marked(text: str, kind: Kind, number: int) -> str:
    separator = " " if kind in {Kind.SENTENCE, Kind.LIST} else "\n\n"
    return f"{text}{separator}[{number}]"
