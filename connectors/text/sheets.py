"""A grid of cells, as people fill them: tables with notes and blank rows between them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from connectors.text.escaping import escape, escape_line
from connectors.text.tables import tables

MAX_ROWS = 30
"""Rows of one Markdown table: with the head repeated, a part of it is still understood when it is found alone."""
MAX_COLUMNS = 12
_MAX_TITLES = 3

Row = Sequence[str]


def sheet_blocks(rows: Iterable[Row]) -> Iterator[str]:
    """The notes and tables of a grid of plain text, in their order; the first row of a table is its head."""
    for part in _parts([[" ".join(cell.split()) for cell in row] for row in rows]):
        if _is_note(part):
            yield from (escape_line(cell) for row in part for cell in row if cell)
        else:
            titles = _count_titles(part)
            yield from (escape_line(cell) for row in part[:titles] for cell in row if cell)
            head, *body = _squeeze(part[titles:])
            yield from tables(head, body, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)


def _parts(rows: Iterable[list[str]]) -> list[list[list[str]]]:
    """The rows between blank ones. A blank row between rows that fill the same columns parts nothing."""
    parts: list[list[list[str]]] = []
    for filled, group in groupby(rows, key=any):
        part = list(group)
        if not filled:
            continue
        if parts and _columns(parts[-1]) == _columns(part) and not _is_note(parts[-1]):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _is_note(part: list[list[str]]) -> bool:
    return len(part) <= 2 and len(_columns(part)) == 1


def _count_titles(part: list[list[str]]) -> int:
    """How many rows of a single cell stand above a table of several columns: a title, and what it is of.

    None where so many do that they are rather the table, or where it has no head and row besides.
    """
    alone = sum(1 for _ in takewhile(lambda row: len(_columns([row])) == 1, part))
    return alone if alone <= _MAX_TITLES and alone < len(part) - 1 else 0


def _columns(part: list[list[str]]) -> list[int]:
    """The columns that any row fills."""
    return sorted({column for row in part for column, cell in enumerate(row) if cell})


def _squeeze(part: list[list[str]]) -> list[list[str]]:
    """The filled columns as a rectangle of Markdown cells."""
    columns = _columns(part)
    return [[escape(row[column]) if column < len(row) else "" for column in columns] for row in part]
