"""Tables of a PDF, which draws words and no tables: lines whose pieces begin at the same places. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.text.pdf.line import Cell, Line

MIN_LINES = 3
"""With the head. Two lines may begin alike by chance."""
MAX_COLUMNS = 20
SAME_PLACE = 2.0
"""Points by which two pieces of a column may begin apart."""
LETTER_WIDTH = 0.4
"""Of the size: what a letter takes at least, on average over a piece of text."""
GAP = 0.8
"""Of the size: the least space between two columns; words are 0.3 apart."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The lines from `start` up to `stop` are a table; `rows` are as long as the first one, its head."""

    start: int
    stop: int
    rows: tuple[tuple[str, ...], ...]


def find_tables(lines: Sequence[Line]) -> list[Found]:
    """The tables in the lines of a page, in order.

    A row may leave cells empty, but for the first. A cell of more than one line is known where the rest of it is
    drawn under it, after the row. What has no column of its own, such as a list with its signs apart, is none.
    """
    found: list[Found] = []
    start = 0
    while start < len(lines):
        stop = _stop(lines, start)
        table = lines[start:stop]
        is_long = len(table) >= MIN_LINES
        if is_long and _is_apart(table) and not _is_list(table):
            found.append(Found(start=start, stop=stop, rows=_rows(table)))
        start = stop if is_long else start + 1
    return found


def _stop(lines: Sequence[Line], start: int) -> int:
    """The end of the lines that keep to the columns of the one at `start`."""
    head = lines[start]
    stop = start + 1
    while 1 < len(head.cells) <= MAX_COLUMNS and stop < len(lines) and _keeps_to(head, lines[stop - 1], lines[stop]):
        stop += 1
    return stop


def _keeps_to(head: Line, previous: Line, line: Line) -> bool:
    columns = [_column(head, cell) for cell in line.cells[: MAX_COLUMNS + 1]]
    is_below = 0 < previous.y - line.y < 3 * head.size
    is_row = len(columns) > 1 and columns[0] == 0
    is_rest = bool(columns) and columns[0] != 0
    return is_below and None not in columns and len(set(columns)) == len(columns) and (is_row or is_rest)


def _column(head: Line, cell: Cell) -> int | None:
    return next(
        (number for number, one in enumerate(head.cells) if abs(one.x - cell.x) <= SAME_PLACE),
        None,
    )


def _is_apart(table: Sequence[Line]) -> bool:
    """Whether most pieces end well before the next one begins, as the words of a sentence do not."""
    gaps = [
        after.x - before.x - LETTER_WIDTH * line.size * len(before.text.strip()) > GAP * line.size
        for line in table
        for before, after in pairwise(line.cells)
    ]
    return sum(gaps) > len(gaps) / 2


def _is_list(table: Sequence[Line]) -> bool:
    """Whether the first column holds signs or numbers of entries only; an entry may go on below."""
    rows = [line for line in table if _column(table[0], line.cells[0]) == 0]
    return all(sum(map(str.isalpha, line.cells[0].text)) <= 1 for line in rows)


def _rows(table: Sequence[Line]) -> tuple[tuple[str, ...], ...]:
    head = table[0]
    rows: list[list[str]] = []
    for line in table:
        cells = {_column(head, cell): cell.text.strip() for cell in line.cells}
        if 0 in cells:
            rows.append([cells.get(number, "") for number in range(len(head.cells))])
        else:
            rows[-1] = [f"{text} {cells.get(number, '')}".strip() for number, text in enumerate(rows[-1])]
    return tuple(map(tuple, rows))
