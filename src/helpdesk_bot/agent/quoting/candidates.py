"""The blocks of the passages, by how well each fits the question: by its words, its form, and what it means."""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from helpdesk_bot.agent.question.contrasts import is_meant_for_another
from helpdesk_bot.agent.quoting.blocks import Block, Kind
from helpdesk_bot.agent.quoting.forms import has_wanted_form, stems_of_form
from helpdesk_bot.agent.quoting.lead import is_in_trouble
from helpdesk_bot.agent.quoting.siblings import Siblings, headings_of
from helpdesk_bot.agent.quoting.tables import Table
from helpdesk_bot.guard.words import content_stems, rarity
from knowledge.passages import Passage
from knowledge.thesaurus import other_words

Likeness = Callable[[str, Sequence[str]], Awaitable[Sequence[float]]]
"""How alike each of the other texts is to the first: 0 for unrelated ones, 1 for the same."""

MAX_EMBEDDED = 12
"""Blocks compared by meaning, the best by words; each costs about 10 ms."""
MAX_EMBEDDED_CHARACTERS = 300
"""Of each: what a list or table is about stands at its beginning."""
MEANING = 2.0
"""What a block's likeness to the question counts beside its words."""
FIRST_FOUND = 0.2
"""What is added for the best passage, half of it for the second, and so on."""
FIRST_DOCUMENT = 0.07
"""The same for the best document: the first quotation is then more often from one that answers."""
FROM_ABOVE = 0.6
"""What a word of the question counts that stands in the title or a heading above a block, not in the block."""
FROM_ALL_ABOVE = 0.95
"""The same where title and headings say all of the question: its answer stands there, in whichever words."""
NAMED = 0.3
"""What is added for a block whose page or section is called what is asked, with no word more: `Run a rake task`."""
MEANT_FOR_ANOTHER = 0.5
"""What is taken off a block whose heading names another system than the question does: Windows instead of Linux."""

_ASKS_HOW_TO = re.compile(r"\bhow (?:do|can|to|should|would)\b|\bsteps?\b|\bset ?up\b|\binstall", re.IGNORECASE)
_WHAT_TO_DO = re.compile(
    r"\bhow (?:do|can|to|should|would)\b(?: (?:i|we|you|one)\b)?(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_TELLS_TO_DO = re.compile(
    r"\A\W*(?:(?:please|pls|i (?:need|want|have) to) )*(?:re)?(?:set|start|new|add|change|connect|map|book|order|move|"
    r"restore|recover|share|scan|print|unlock|update|remove|delete|forward|record|configure|create)\b",
    re.IGNORECASE,
)
_ASKS_TO_GET = re.compile(
    r"\b(?:how|where) (?:do|can|could|should|would|may) (?:i|we) (?:get|obtain|order|request|ask for|apply for)\b|"
    r"\A\W*(?:(?:can|could|may) (?:i|we) (?:get|have|order|request)|do (?:i|we) get) "
    r"(?:a|an|another|some|my own|new)\b|"
    r"\A\W*(?:i|we) (?:need|want|would like)(?! to\b)|\Aneed (?:a|an|some|another|new)\b",
    re.IGNORECASE,
)
_TELLS_HOW_TO_GET = re.compile(
    r"\b(?:order(?:s|ed)?|request(?:s|ed)?|ask(?:s|ed)? (?:for|the|your|in|under)|hands? (?:it )?out|take one|"
    r"approv\w+|appl(?:y|ies)|gets?)\b",
    re.IGNORECASE,
)
_ON_TROUBLE = re.compile(
    r"\b(?:problems?|trouble\w*|errors?|fail\w*|missing|wrong|broken|stuck|slow|black|not?|n't|can't|doesn't|won't)\b",
    re.IGNORECASE,
)
_ASKS_WHETHER_ALLOWED = re.compile(
    r"\A\W*(?:can|may|could) (?:i|we|\w+s)\b|\b(?:allowed|permitted|forbidden|prohibited|ok(?:ay)? to)\b", re.IGNORECASE
)
_SAYS_WHETHER = re.compile(
    r"\b(?:can(?:not|['\u2019]t| never| only)|may (?:not|only)|must not|never|"
    r"not (?:be )?(?:allowed|permitted|possible)|"
    r"(?:is|are) (?:only )?(?:allowed|permitted|forbidden|prohibited))\b",
    re.IGNORECASE,
)
_ASKS_WHY = re.compile(
    r"\W*(?:(?:and|so|but)\W+)?(?:why|how come|what (?:is|are|was) the (?:reasons?|causes?))\b", re.IGNORECASE
)
_TELLS_WHY = re.compile(r"\b(?:because|due to|so that)\b", re.IGNORECASE)
_NAMES_CAUSES = re.compile(r"\b(?:reasons?|causes?|why)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A block that could be quoted, and how well it fits the question: about 0 to 3, comparable within one question."""

    block: Block
    passage: int
    """Index of its passage, from 0."""
    place: int
    """Index among the blocks of its passage."""
    score: float
    above: tuple[str, ...]
    """Its title and the headings it stands under, outermost first."""


def score_blocks(question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> list[Scored]:
    """The blocks that share words with the question, by themselves or by what they stand under, best first.

    A word counts by rarity and by how few of these blocks hold it, ln(1 + (N - n + .5) / (n + .5)) as in BM25; where
    only the title or a heading above holds it, it counts for less. A list is worth what its best entry is.
    """
    asked, of_form = set(content_stems(question)), stems_of_form(question)
    stems_of = partial(_stems, otherwise=_otherwise(question))
    own = [[stems_of(block.text) for block in found] for found in parsed]
    above = [
        [stems_of(" ".join(headings_of(passage, block))) for block in found]
        for passage, found in zip(passages, parsed, strict=True)
    ]
    weights = _weights(
        asked, [one | two for pair in zip(own, above, strict=True) for one, two in zip(*pair, strict=True)]
    )
    documents = list(dict.fromkeys(passage.document_id for passage in passages))
    siblings = Siblings.of(question, passages, parsed)
    scored: list[Scored] = []
    for number, found in enumerate(parsed):
        for place, block in enumerate(found):
            stems_above = set[str]() if block.is_label else above[number][place]
            entries = [stems_of(entry) for entry in block.entries]
            if has_wanted_form(question, block.text):
                entries = [entry | of_form if entry & asked - of_form else entry for entry in entries]
            share = max(_worth(asked, entry, stems_above, weights) for entry in entries)
            share -= (1 - FROM_ABOVE) * _share(_only_in_head(block) - stems_above, weights)
            if share > 0:
                headings = headings_of(passages[number], block)
                score = share + FIRST_FOUND / (1 + number) + _shape(question, block, headings)
                score += FIRST_DOCUMENT / (1 + documents.index(passages[number].document_id))
                is_for_another = (
                    siblings.has_only_a_part(passages[number])
                    or bool(asked & siblings.titles_over(headings) - own[number][place] - stems_above)
                    or is_meant_for_another(question, headings[1:])
                )
                score -= MEANT_FOR_ANOTHER if is_for_another else 0.0
                score += NAMED if _is_named(asked, headings) else 0.0
                scored.append(Scored(block=block, passage=number, place=place, score=score, above=headings))
    return sorted(scored, key=lambda one: -one.score)


def _otherwise(question: str) -> list[tuple[set[str], set[str]]]:
    """The stems of everyday words that the question says, with those of each that says the same."""
    return [
        (set(content_stems(said)), set(content_stems(other)))
        for said, others in other_words(question)
        for other in others
    ]


def _stems(text: str, *, otherwise: Sequence[tuple[set[str], set[str]]]) -> set[str]:
    """The stems of a text, with those of the question that it says in other words."""
    stems = set(content_stems(text))
    return stems.union(*(said for said, other in otherwise if other and other <= stems))


async def with_meaning(question: str, scored: Sequence[Scored], likeness_to: Likeness) -> list[Scored]:
    """The best blocks by words, ordered anew with their likeness to the question added."""
    best = scored[:MAX_EMBEDDED]
    likeness = await likeness_to(question, [_told_apart(one) for one in best])
    raised = [replace(one, score=one.score + MEANING * alike) for one, alike in zip(best, likeness, strict=True)]
    return sorted(raised, key=lambda one: -one.score)


def _told_apart(one: Scored) -> str:
    """A block under its title and headings: what a list of steps is for stands there only."""
    return f"{' > '.join(one.above)}: {one.block.text[:MAX_EMBEDDED_CHARACTERS]}"


def _only_in_head(block: Block) -> set[str]:
    """The words of a table's header that no row has: like a heading, it says what the rows are about."""
    table = Table.of(block.text) if block.kind is Kind.TABLE else None
    return set(content_stems(" ".join(table.head))) - set(content_stems(" ".join(table.rows))) if table else set()


def _worth(asked: set[str], own: set[str], above: set[str], weights: Mapping[str, float]) -> float:
    """The share of the question that a block holds, with what it stands under."""
    each = FROM_ALL_ABOVE if asked <= above else FROM_ABOVE
    return _share(own, weights) + each * _share(above - own, weights)


def _weights(asked: set[str], stems: Sequence[set[str]]) -> dict[str, float]:
    """Words that no block holds tell nothing apart and are left out."""
    held = Counter(stem for one in stems for stem in one & asked)
    return {stem: rarity(stem) * math.log(1 + (len(stems) - n + 0.5) / (n + 0.5)) for stem, n in held.items()}


def _share(stems: set[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in stems) / total if total else 0.0


def _is_named(asked: set[str], headings: Sequence[str]) -> bool:
    return len(asked) > 1 and any(set(content_stems(heading)) == asked for heading in headings)


def _says_to_do_it(heading: str, question: str) -> bool:
    """Whether it begins with what is to be done: `Purge a page from the CDN` for `how do I purge a page`."""
    asked = _WHAT_TO_DO.search(question)
    verb = content_stems(asked["rest"])[:1] if asked else []
    return bool(verb) and content_stems(heading)[:1] == verb


def _wants_steps(question: str) -> bool:
    """`Restore a file` asks how to do it, like `how do I`; `restore is not working` does not."""
    tells_to_do = _TELLS_TO_DO.match(question) and not is_in_trouble(question)
    return bool(_ASKS_HOW_TO.search(question) or tells_to_do)


def _shape(question: str, block: Block, headings: Sequence[str]) -> float:
    """What the kind of question likes: steps for how to, a heading with the same verb, whom to ask for how to get, a
    number for how many, a rule for whether one may, a reason for why, and what stands under a heading on trouble for
    whoever is in it, and nobody else.
    """
    under = headings[-1]
    score = 0.1 if block.is_first else 0.0
    if _ASKS_TO_GET.search(question):
        score += 0.25 if _TELLS_HOW_TO_GET.search(f"{under} {block.text}") else 0.0
    elif _wants_steps(question) and block.kind in {Kind.LIST, Kind.CODE}:
        score += 0.25
    if _says_to_do_it(under, question):
        score += 0.25
    if _ON_TROUBLE.search(under) and is_in_trouble(question):
        score += 0.15
    elif _ON_TROUBLE.search(under) and len(headings) > 1:
        score -= 0.15
    if has_wanted_form(question, block.text):
        score += 0.25
    if _ASKS_WHETHER_ALLOWED.search(question) and _SAYS_WHETHER.search(block.text):
        score += 0.15
    if _ASKS_WHY.match(question) and (_TELLS_WHY.search(block.text) or _NAMES_CAUSES.search(under)):
        score += 0.25
    if block.text.endswith("?"):
        score -= 0.3
    return score
