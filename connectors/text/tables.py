"""Tables in GitHub's Markdown."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

Row = Sequence[str]

_WHITESPACE = re.compile(r"\s+")


def table(head: Row, rows: Sequence[Row]) -> str:
    """One table. Cells are Markdown already; their line breaks become spaces and their bars are escaped.

    Short rows are filled up with empty cells, and so is the head when a row is longer.
    """
    width = max(map(len, chain([head], rows)), default=0)
    lines = [_line(head, width), f"|{' --- |' * width}", *(_line(row, width) for row in rows)]
    return "\n".join(lines)


def tables(head: Row, rows: Sequence[Row], *, max_rows: int, max_columns: int) -> Iterator[str]:
    """A large table as several small ones, each with the head repeated.

    Columns are parted first; every part begins with the first column, which most often names the row.
    """
    for columns in _column_groups(len(head), max_columns):
        part_head = [head[column] for column in columns]
        for start in range(0, max(len(rows), 1), max_rows):
            part = [[row[column] for column in columns] for row in rows[start : start + max_rows]]
            yield table(part_head, part)


def _column_groups(width: int, max_columns: int) -> Iterator[list[int]]:
    if width <= max_columns:
        yield list(range(width))
        return
    for start in range(1, width, max_columns - 1):
        yield [0, *range(start, min(start + max_columns - 1, width))]


def _line(row: Row, width: int) -> str:
    cells = [*map(_cell, row), *[""] * (width - len(row))]
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return _WHITESPACE.sub(" ", text).strip().replace("|", r"\|")
