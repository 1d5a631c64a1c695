"""The composer that needs no model: it quotes the best sentences of the best passages, word for word."""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.blocks import Block, Kind, blocks
from helpdesk_bot.agent.compose import Draft
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.guard.specifics import numbers
from helpdesk_bot.guard.words import content_stems, rarity, words
from knowledge.errors import KnowledgeError
from knowledge.passages import Passage

Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]
"""Texts to unit vectors, one row each."""

MAX_PASSAGES = 3
MAX_BLOCKS = 3
"""From one passage, besides the rest of their paragraphs."""
MAX_PARAGRAPH = 600
"""Characters; of a longer paragraph only the sentence and its neighbours are quoted."""
MAX_CHARACTERS = 1_400
"""What is quoted stops growing here; the best block is quoted whole, however long."""
MAX_EMBEDDED = 12
"""Blocks compared by meaning, the best by words; each costs about 10 ms."""
MAX_EMBEDDED_CHARACTERS = 300
"""Of each: what a list or table is about stands at its beginning."""

NEAR_THE_BEST = 0.6
"""A block is quoted from this share of the best block's score on."""
NEAR_THE_BEST_ELSEWHERE = 0.9
"""The same for blocks of other passages."""
FROM_ABOVE = 0.6
"""What a word of the question counts that stands in the title or a heading above a block, not in the block."""
SAME_TEXT = 0.9
"""Of two blocks that share this much of the shorter one's words, and all of its numbers, one is enough."""

_APART = "\n\n"
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
    """Composes by quoting. With `embed` it also knows sentences that say it in other words, while that answers."""

    name = "extractive"

    def __init__(self, *, embed: Embed | None = None) -> None:
        self._embed = embed

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        parsed = [blocks(passage.text) for passage in passages]
        scored = score_blocks(question, passages, parsed)
        if not scored:
            raise CannotCompose("nothing to quote")
        if self._embed is not None:
            with suppress(TimeoutError, KnowledgeError):
                async with asyncio.timeout(timeout_s / 2):
                    scored = await _with_meaning(question, scored, self._embed)
        return Draft(text=render(choose(scored, parsed), passages), composer=self.name)


def score_blocks(question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> list[Scored]:
    """The blocks that share words with the question, by themselves or by what they stand under, best first.

    A word counts by rarity and by how few of these blocks hold it, ln(1 + (N - n + .5) / (n + .5)) as in BM25; where
    only the title or a heading above holds it, it counts for less.
    """
    asked = set(content_stems(question))
    own = [[set(content_stems(block.text)) for block in found] for found in parsed]
    above = [[_stems_above(passage, block) for block in found] for passage, found in zip(passages, parsed, strict=True)]
    weights = _weights(
        asked, [one | two for pair in zip(own, above, strict=True) for one, two in zip(*pair, strict=True)]
    )
    scored: list[Scored] = []
    for number, found in enumerate(parsed):
        for place, block in enumerate(found):
            inherited = above[number][place] - own[number][place]
            share = _share(own[number][place], weights) + FROM_ABOVE * _share(inherited, weights)
            if share > 0:
                score = share + 0.2 / (1 + number) + _shape(question, block)
                scored.append(Scored(block=block, passage=number, place=place, score=score))
    return sorted(scored, key=lambda one: -one.score)


def choose(scored: Sequence[Scored], parsed: Sequence[Sequence[Block]]) -> list[Scored]:
    """What to quote, by passage, the best one's first, and by place. At most `MAX_PASSAGES` passages.

    A sentence brings its paragraph along: what answers a question often stands beside what repeats its words.
    """
    chosen: list[Scored] = []
    for one in scored:
        if _fits(one, chosen):
            chosen.append(one)
    picked = len(chosen)
    for one in chosen[:picked]:
        chosen += _company(one, parsed[one.passage], chosen)
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


def _stems_above(passage: Passage, block: Block) -> set[str]:
    return set(content_stems(" ".join([passage.title, *passage.heading_path, block.under])))


def _weights(asked: set[str], stems: Sequence[set[str]]) -> dict[str, float]:
    """Words that no block holds tell nothing apart and are left out."""
    held = Counter(stem for one in stems for stem in one & asked)
    return {stem: rarity(stem) * math.log(1 + (len(stems) - n + 0.5) / (n + 0.5)) for stem, n in held.items()}


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
    vectors = await embed([question, *(one.block.text[:MAX_EMBEDDED_CHARACTERS] for one in best)])
    likeness = vectors[1:] @ vectors[0]
    raised = [replace(one, score=one.score + float(cosine)) for one, cosine in zip(best, likeness, strict=True)]
    return sorted(raised, key=lambda one: -one.score)


def _fits(one: Scored, chosen: Sequence[Scored]) -> bool:
    if not chosen:
        return True
    best = chosen[0]
    passages = {other.passage for other in chosen}
    share = NEAR_THE_BEST if one.passage == best.passage else NEAR_THE_BEST_ELSEWHERE
    return (
        one.score >= best.score * share
        and (one.passage in passages or len(passages) < MAX_PASSAGES)
        and sum(other.passage == one.passage for other in chosen) < MAX_BLOCKS
        and _length(chosen) + len(one.block.text) <= MAX_CHARACTERS
        and not any(_say_the_same(one.block.text, other.block.text) for other in chosen)
    )


def _length(chosen: Sequence[Scored]) -> int:
    return sum(len(one.block.text) for one in chosen)


def _company(one: Scored, parsed: Sequence[Block], chosen: Sequence[Scored]) -> list[Scored]:
    """The other sentences of its paragraph; of a long one only the neighbours. Nothing where it would get too long."""
    paragraph = [place for place, block in enumerate(parsed) if block.paragraph == one.block.paragraph]
    if sum(len(parsed[place].text) for place in paragraph) > MAX_PARAGRAPH:
        paragraph = [place for place in paragraph if abs(place - one.place) <= 1]
    quoted = {other.place for other in chosen if other.passage == one.passage}
    added = [replace(one, block=parsed[place], place=place) for place in paragraph if place not in quoted]
    return added if _length(chosen) + _length(added) <= MAX_CHARACTERS else []


def _say_the_same(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    shared = set(words(shorter)) & set(words(longer))
    return len(shared) >= SAME_TEXT * len(set(words(shorter))) and numbers(shorter) <= numbers(longer)


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
    """The marker goes after a sentence or a list's last entry, and under whatever ends with code or is a table."""
    ends_in_text = kind in {Kind.SENTENCE, Kind.LIST} and not text.rsplit("\n", 1)[-1].strip().startswith(
        ("```", "~~~")
    )
    return f"{text}{' ' if ends_in_text else _APART}[{number}]"
