"""The composer that needs no model: it quotes the best sentences of the best passages, word for word."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.compose import Draft
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.quoting.blocks import Kind, blocks
from helpdesk_bot.agent.quoting.candidates import Likeness, Scored, score_blocks, with_meaning
from helpdesk_bot.agent.quoting.choice import choose
from helpdesk_bot.agent.quoting.labelled import with_entries_asked
from helpdesk_bot.agent.quoting.siblings import headings_of
from helpdesk_bot.agent.quoting.tables import Table, with_rows_asked
from knowledge.errors import KnowledgeError
from knowledge.passages import Passage

_APART = "\n\n"
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`#\[\]]")


class Extractive:
    """Composes by quoting. With `likeness_to` it knows sentences that say it in other words too, while that answers."""

    name = "extractive"

    def __init__(self, *, likeness_to: Likeness | None = None) -> None:
        self._likeness_to = likeness_to

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        parsed = with_rows_asked(question, passages, [blocks(passage.text) for passage in passages])
        parsed = with_entries_asked(question, passages, parsed)
        scored = score_blocks(question, passages, parsed)
        if not scored:
            raise CannotCompose("nothing to quote")
        if self._likeness_to is not None:
            with suppress(TimeoutError, KnowledgeError):
                async with asyncio.timeout(timeout_s / 2):
                    scored = await with_meaning(question, scored, self._likeness_to)
        return Draft(text=render(choose(question, scored, passages, parsed), passages), composer=self.name)


@dataclass(frozen=True, kw_only=True)
class _Quoted:
    text: str
    kind: Kind
    numbers: tuple[int, ...]
    """Of the passages it stands in, from 1."""
    under: str
    """The heading of its section; empty where it has none."""


def render(chosen: Sequence[Scored], passages: Sequence[Passage]) -> str:
    """The quotations under the name of their document and the heading of their section, each paragraph, list, table or
    block of code with its marker.
    """
    groups: dict[int, list[Scored]] = {}
    for one in chosen:
        groups.setdefault(one.passage, []).append(one)
    by_document: dict[int, list[_Quoted]] = {}
    titles: dict[int, str] = {}
    for number, quoted in groups.items():
        document_id = passages[number].document_id
        titles[document_id] = passages[number].title
        by_document.setdefault(document_id, []).extend(_paragraphs(quoted, number + 1, passages[number]))
    parts: list[str] = []
    for document_id, quoted in by_document.items():
        parts.append(phrases.from_source(titles[document_id]))
        under = ""
        for one in _with_tables_whole(_unheaded_first(quoted)):
            if one.under and one.under != under:
                parts.append(phrases.section(one.under))
            under = one.under
            parts.append(_marked(one))
    return "\n\n".join(parts)


def _unheaded_first(quoted: Sequence[_Quoted]) -> list[_Quoted]:
    """What stands under no heading before the rest: behind a section it would read as part of that."""
    return sorted(quoted, key=lambda one: bool(one.under))


def _section_of(one: Scored, passage: Passage) -> str:
    """The innermost heading over it, in plain words; empty where that is the title itself."""
    title, *headings = map(_plain, headings_of(passage, one.block))
    return headings[-1] if headings and headings[-1].casefold() != title.casefold() else ""


def _plain(heading: str) -> str:
    return " ".join(_MARKUP.sub(r"\1", heading).split()).rstrip(":")


def _paragraphs(quoted: Sequence[Scored], number: int, passage: Passage) -> list[_Quoted]:
    """Sentences of one paragraph together, where they follow each other; everything else by itself."""
    found: list[_Quoted] = []
    last: Scored | None = None
    for one in quoted:
        joins = last is not None and one.place == last.place + 1 and one.block.paragraph == last.block.paragraph
        text = f"{found.pop().text} {one.block.text}" if joins else one.block.text
        found.append(_Quoted(text=text, kind=one.block.kind, numbers=(number,), under=_section_of(one, passage)))
        last = one
    return found


def _with_tables_whole(quoted: Sequence[_Quoted]) -> list[_Quoted]:
    """Parts of one table that follow each other as one, under one header."""
    found: list[_Quoted] = []
    for one in quoted:
        table = Table.of(one.text) if one.kind is Kind.TABLE else None
        last = Table.of(found[-1].text) if found and found[-1].kind is Kind.TABLE else None
        if table and last and table.head == last.head:
            whole = Table(head=last.head, rows=tuple(dict.fromkeys([*last.rows, *table.rows])))
            numbers = tuple(dict.fromkeys([*found[-1].numbers, *one.numbers]))
            found[-1] = _Quoted(text=whole.text, kind=Kind.TABLE, numbers=numbers, under=found[-1].under)
        else:
            found.append(one)
    return found


def _marked(quoted: _Quoted) -> str:
    """The marker goes after a sentence or a list's last entry, and under whatever ends with code or is a table."""
    ends_in_code = quoted.text.rsplit("\n", 1)[-1].strip().startswith(("```", "~~~"))
    ends_in_text = quoted.kind in {Kind.SENTENCE, Kind.LIST} and not ends_in_code
    markers = " ".join(f"[{number}]" for number in quoted.numbers)
    return f"{quoted.text}{' ' if ends_in_text else _APART}{markers}"
