"""The composer that needs no model: it quotes the best sentences of the best passages, word for word."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.blocks import Kind, blocks
from helpdesk_bot.agent.candidates import Embed, Scored, score_blocks, with_meaning
from helpdesk_bot.agent.choice import choose
from helpdesk_bot.agent.compose import Draft
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.tables import rows_for
from helpdesk_bot.guard.words import content_stems
from knowledge.errors import KnowledgeError
from knowledge.passages import Passage

_APART = "\n\n"


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
                    scored = await with_meaning(question, scored, self._embed)
        chosen = [_in_part(one, question) for one in choose(question, scored, passages, parsed)]
        return Draft(text=render(chosen, passages), composer=self.name)


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


def _in_part(one: Scored, question: str) -> Scored:
    """Of a table the rows that answer."""
    if one.block.kind is not Kind.TABLE:
        return one
    return replace(one, block=replace(one.block, text=rows_for(set(content_stems(question)), one.block.text)))


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
