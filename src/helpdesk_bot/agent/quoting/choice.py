"""What of the scored blocks is quoted, and in which order: enough to act on, nothing twice."""

import re
from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent.message.danger import find_danger
from helpdesk_bot.agent.quoting.blocks import Block
from helpdesk_bot.agent.quoting.candidates import Scored
from helpdesk_bot.agent.quoting.forms import has_wanted_form
from helpdesk_bot.agent.quoting.lead import find_lead, sends_to
from helpdesk_bot.agent.quoting.repeats import is_said
from knowledge.passages import Passage

MAX_PASSAGES = 3
MAX_BLOCKS = 3
"""From one passage, besides the rest of their paragraphs."""
MAX_PARAGRAPH = 600
"""Characters; of a longer paragraph only the sentence and its neighbours are quoted."""
MAX_SECTION = 500
"""The same for the section of the best block: a longer one is quoted in part."""
MAX_CHARACTERS = 1_400
"""What is quoted stops growing here; the best block is quoted whole, however long."""

_LEANS = re.compile(
    r"\W*(?:it|its|they|their|this|that|these|those|he|she|then|otherwise|however|but|and|or|so|also|in that case|"
    r"in this case|if so|if not|instead)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says nothing without the one before it: `It should take an hour`."""

NEAR_THE_BEST = 0.75
"""A block is quoted from this share of the best block's score on."""
NEAR_THE_BEST_BESIDE = 0.8
"""The same for blocks of other passages of its document."""
NEAR_THE_BEST_ELSEWHERE = 0.87
"""The same for blocks of other documents."""

NEAR_THE_BEST_WITHOUT_ITS_FORM = 0.9
"""The same where the best says how much or when, as was asked, and the block does not."""


def choose(
    question: str, scored: Sequence[Scored], passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]
) -> list[Scored]:
    """What to quote: the lead, then by document, passage and place, the best one's first. Of few passages only.

    A sentence brings its paragraph along: what answers a question often stands beside what repeats its words.
    """
    chosen: list[Scored] = []
    for one in [one for one in scored if not _says_nothing(one.block)] or scored:
        if _fits(question, one, chosen, passages):
            chosen.append(one)
    picked = len(chosen)
    for one in chosen[:picked]:
        is_best = one is chosen[0] and _has_section(one, passages)
        chosen += _company(one, parsed[one.passage], chosen, with_section=is_best)
    chosen = _lead(question, chosen, passages, parsed) + chosen
    order = list(dict.fromkeys(one.passage for one in chosen))
    documents = list(dict.fromkeys(passages[number].document_id for number in order))
    return sorted(
        chosen,
        key=lambda one: (documents.index(passages[one.passage].document_id), order.index(one.passage), one.place),
    )


def _is_passed_over(block: Block) -> bool:
    return block.is_label or block.is_about_the_page


def _says_nothing(block: Block) -> bool:
    return _is_passed_over(block) or block.is_caption


def _fits(question: str, one: Scored, chosen: Sequence[Scored], passages: Sequence[Passage]) -> bool:
    if not chosen:
        return True
    numbers = {other.passage for other in chosen}
    return (
        one.score >= chosen[0].score * _share_needed(question, one, chosen[0], passages)
        and (one.passage in numbers or len(numbers) < MAX_PASSAGES)
        and sum(other.passage == one.passage for other in chosen) < MAX_BLOCKS
        and _length(chosen) + len(one.block.text) <= MAX_CHARACTERS
        and not is_said(one.block.text, [other.block.text for other in chosen])
    )


def _share_needed(question: str, one: Scored, best: Scored, passages: Sequence[Passage]) -> float:
    if has_wanted_form(question, best.block.text) and not has_wanted_form(question, one.block.text):
        return NEAR_THE_BEST_WITHOUT_ITS_FORM
    if one.passage == best.passage:
        return NEAR_THE_BEST
    is_same = passages[one.passage].document_id == passages[best.passage].document_id
    return NEAR_THE_BEST_BESIDE if is_same else NEAR_THE_BEST_ELSEWHERE


def _has_section(one: Scored, passages: Sequence[Passage]) -> bool:
    """Whether a heading says what belongs together there."""
    return bool(one.block.under or passages[one.passage].heading_path)


def _company(one: Scored, parsed: Sequence[Block], chosen: Sequence[Scored], *, with_section: bool) -> list[Scored]:
    """What stands around it: its section or its paragraph, as far as that is short.

    Of a long paragraph only the neighbours. Nothing where the whole would get too long.
    """
    around = [place for place, block in enumerate(parsed) if block.under == one.block.under]
    if not with_section or _characters(around, parsed) > MAX_SECTION:
        around = [place for place, block in enumerate(parsed) if block.paragraph == one.block.paragraph]
    if _characters(around, parsed) > MAX_PARAGRAPH:
        first = max(around[0], one.place - 1)
        while first > around[0] and _LEANS.match(parsed[first].text):
            first -= 1
        around = [place for place in around if first <= place <= one.place + 1]
    quoted = {other.place for other in chosen if other.passage == one.passage}
    elsewhere = [other.block.text for other in chosen if other.passage != one.passage]
    new = {parsed[place].paragraph for place in around if not is_said(parsed[place].text, elsewhere)}
    added = [
        replace(one, block=parsed[place], place=place)
        for place in around
        if place not in quoted and not _is_passed_over(parsed[place]) and parsed[place].paragraph in new
    ]
    return added if _length(chosen) + _length(added) <= MAX_CHARACTERS else []


def _characters(places: Sequence[int], parsed: Sequence[Block]) -> int:
    return sum(len(parsed[place].text) for place in places)


def _lead(
    question: str, chosen: Sequence[Scored], passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]
) -> list[Scored]:
    """How the best one's document begins, where that tells whoever is in trouble what to do, and is not quoted yet.

    So does how another document begins that the best one sends them to, or, in danger, one that is quoted as well; that
    comes first.
    """
    best = chosen[0]
    document_id = passages[best.passage].document_id
    quoted = {passages[one.passage].document_id for one in chosen} if find_danger(question) else set[int]()
    said = [one.block.text for one in chosen]
    leads = {True: list[Scored](), False: list[Scored]()}
    for number, passage in enumerate(passages):
        is_sent_to = passage.document_id != document_id and (
            passage.document_id in quoted or sends_to(best.block.text, passage.title)
        )
        if passage.place == 0 and (is_sent_to or passage.document_id == document_id):
            leads[is_sent_to] += [
                replace(best, block=parsed[number][place], passage=number, place=place)
                for place in find_lead(question, parsed[number])
                if not is_said(parsed[number][place].text, said)
            ]
    return leads[True] + leads[False]


def _length(chosen: Sequence[Scored]) -> int:
    return sum(len(one.block.text) for one in chosen)
