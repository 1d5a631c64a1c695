"""Tables of which only the rows that answer are quoted, always under their header."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from helpdesk_bot.agent.quoting.blocks import Block, Kind
from helpdesk_bot.guard.words import content_stems
from knowledge.passages import Passage

MIN_ROWS = 3
"""A shorter table is quoted whole."""

_Place = tuple[int, int]
"""The index of a passage, and of a block in it."""

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table's Markdown in two: its header, with what leads up to it, and its rows."""

    head: tuple[str, ...]
    rows: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Table | None":
        """None where the text is no table."""
        lines = text.split("\n")
        rule = next((number for number, line in enumerate(lines) if _RULE.fullmatch(line)), None)
        return None if rule is None else cls(head=tuple(lines[: rule + 1]), rows=tuple(lines[rule + 1 :]))

    @property
    def text(self) -> str:
        return "\n".join([*self.head, *self.rows])


def rows_for(asked: AbstractSet[str], tables: Sequence[Table]) -> list[Table]:
    """Parts of one table without the rows that hold fewer of the asked stems than others; a part may be left empty.

    Whole unless a minority of all rows holds every asked stem that any row holds: a guess would cost the answer.
    """
    rows = [row for table in tables for row in table.rows]
    held = {stem for row in rows for stem in content_stems(row)} & asked
    return _only([row for row in rows if held and held <= set(content_stems(row))], tables)


def rows_named(asked: AbstractSet[str], tables: Sequence[Table]) -> list[Table]:
    """Parts of one table without the rows whose first cell holds no asked stem; whole unless a minority holds one."""
    rows = [row for table in tables for row in table.rows]
    return _only([row for row in rows if not asked.isdisjoint(content_stems(_first_cell(row)))], tables)


def _only(chosen: Sequence[str], tables: Sequence[Table]) -> list[Table]:
    count = sum(len(table.rows) for table in tables)
    if count < MIN_ROWS or not 0 < len(chosen) <= count / 2:
        return list(tables)
    return [Table(head=table.head, rows=tuple(row for row in table.rows if row in chosen)) for table in tables]


def _first_cell(row: str) -> str:
    return row.strip().removeprefix("|").split("|")[0]


def with_rows_asked(question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """The blocks of each passage with only those rows of its tables that answer; without tables of which none does.

    A long table is in several passages, and its rows are compared with those in all of them. What title, headings
    and header say is what the whole table is about and chooses no row, but where nothing else does and it is the name
    of a row, as `OneDrive` under `OneDrive, SharePoint, P: drive`.
    """
    asked = set(content_stems(question))
    kept: dict[_Place, Table] = {}
    for placed in _tables(passages, parsed):
        above = {stem for number, place in placed for stem in _stems_above(passages[number], parsed[number][place])}
        head = {stem for table in placed.values() for line in table.head for stem in content_stems(line)}
        whole = list(placed.values())
        chosen = rows_for(asked - above - head, whole)
        kept |= zip(placed, rows_named(asked & above - head, whole) if chosen == whole else chosen, strict=True)
    return [
        [
            replace(block, text=kept[number, place].text) if (number, place) in kept else block
            for place, block in enumerate(found)
            if (number, place) not in kept or kept[number, place].rows
        ]
        for number, found in enumerate(parsed)
    ]


def _tables(passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]) -> list[dict[_Place, Table]]:
    """The parts of each table by where they stand."""
    found: dict[tuple[int, tuple[str, ...]], dict[_Place, Table]] = {}
    for number, passage in enumerate(passages):
        for place, block in enumerate(parsed[number]):
            table = Table.of(block.text) if block.kind is Kind.TABLE else None
            if table:
                found.setdefault((passage.document_id, table.head), {})[number, place] = table
    return list(found.values())


def _stems_above(passage: Passage, block: Block) -> list[str]:
    return content_stems(" ".join([passage.title, *passage.heading_path, block.under]))
