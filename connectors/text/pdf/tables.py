"""Tables of a PDF, which draws words and no tables: pieces of text that keep to columns, row after row. Pure.

Programs draw one row after the other, and in it one whole cell after the other: the second line of a cell comes before
the next cell, which begins further up again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.text.pdf.line import Cell, Line

MIN_ROWS = 3
"""Of more than one cell, the head included. Two lines may begin alike by chance; columns of a page are side by side."""
MAX_COLUMNS = 20
SAME_PLACE = 2.0
"""Points by which two pieces of a column, or of a row, may begin apart."""
LETTER_WIDTH = 0.4
"""Of the size: what a letter takes at least, on average over a piece of text, where its width is not known."""
GAP = 0.8
"""Of the size: the least space between two columns; words are 0.3 apart."""
SPACE = 0.25
BESIDE = 4.0
"""Of the size: how far a short piece may stand from the rest of its column, in which it is centred."""
NEXT_LINE = 1.9
"""Of the size: the most from one line of a cell to the next."""
MERGED = 1.45
"""Of the size: several cells that are this much further down are a row whose first cell is merged with that above."""
NEXT_SECTION = 2.5
"""To a row of a single cell; what is further down stands between two tables."""
NEXT_ROW = 4.0
LARGER = 1.1
"""Letters this much larger than the head's make a heading between two tables."""
MAX_HEAD_LINES = 40
"""Of a cell in the first row; overleaf, that is a row as any other."""
MAX_CELL_LINES = 8
"""On average over a table; more are columns of a page."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The lines from `start` up to `stop` are a table; `rows` are as long as the first one, its head.

    The lines of a cell are parted by line feeds.
    """

    start: int
    stop: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(kw_only=True)
class _Part:
    """Pieces of a line, one behind the other."""

    text: str
    start: float
    end: float


@dataclass(kw_only=True)
class _Row:
    first_line: int
    top: float
    bottom: float
    cells: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    """The lines of each cell, by its column."""
    last: int = 0
    """The column that was drawn last."""
    last_y: float = 0.0


def find_tables(lines: Sequence[Line]) -> list[Found]:
    """The tables in the lines of a page, in order.

    A row may leave cells empty, but for the first. What has no column of its own, such as a list with its signs
    apart, is none.
    """
    found: list[Found] = []
    starts = Counter(round(cell.x) for line in lines for cell in line.cells)
    start = 0
    while start < len(lines):
        rows, stop = _Table(lines, starts, start).read()
        is_long = sum(len(row.cells) > 1 for row in rows) >= MIN_ROWS
        if is_long and not _is_list(rows) and not _is_page(rows):
            width = max(max(row.cells) for row in rows) + 1
            texts = (
                tuple("\n".join(map(str.strip, row.cells.get(column, ()))) for column in range(width)) for row in rows
            )
            found.append(Found(start=start, stop=stop, rows=tuple(texts)))
        start = stop if is_long else start + 1
    return found


def _is_list(rows: Sequence[_Row]) -> bool:
    """Whether the first column holds signs or numbers of entries only."""
    return all(sum(map(str.isalpha, "".join(row.cells[0]))) <= 1 for row in rows)


def _is_page(rows: Sequence[_Row]) -> bool:
    cells = [cell for row in rows for cell in row.cells.values()]
    return sum(map(len, cells)) > MAX_CELL_LINES * len(cells)


class _Table:
    """What begins at a line, for as long as it keeps to its columns."""

    def __init__(self, lines: Sequence[Line], starts: Mapping[int, int], start: int) -> None:
        self._lines = lines
        self._starts = starts
        """How many pieces of the page begin at each point from its left."""
        self._start = start
        self._columns: list[_Part] = []
        """From left to right, each as wide as what stands in it."""
        self._rows: list[_Row] = []

    def read(self) -> tuple[list[_Row], int]:
        """The rows, and the line behind the last one; the last row has more than its first cell."""
        stop = self._read_head()
        if not 1 < len(self._columns) <= MAX_COLUMNS:
            return [], self._start
        while stop < len(self._lines) and self._add(stop):
            stop += 1
        while self._rows and len(self._rows[-1].cells) == 1:
            stop = self._rows.pop().first_line
        return self._rows, stop

    def _read_head(self) -> int:
        """Take the first row, which tells the columns; the line behind it."""
        line = self._lines[self._start]
        self._columns = list(_parts(line, self._starts))
        row = self._begin_row(self._start, line)
        _put(row, enumerate(self._columns), line)
        for number in range(self._start + 1, len(self._lines)):
            line = self._lines[number]
            parts = list(_parts(line, self._starts))
            goes_on = self._goes_on(row, line) and self._column(parts[0], line.size) == row.last
            goes_on = goes_on and (len(parts) == 1 or row.last > 0) and len(row.cells[row.last]) < MAX_HEAD_LINES
            further = parts[goes_on:]
            is_right = not further or further[0].start > self._columns[-1].end
            if not is_right or not (goes_on or self._stands_beside(row, line)) or _is_level_with_last(row, line):
                return number
            if goes_on:
                self._widen(row.last, parts[0])
            _put(row, enumerate(parts, start=len(self._columns) - goes_on), line)
            self._columns += further
        return len(self._lines)

    def _add(self, number: int) -> bool:
        """Take a line in, if it keeps to the columns and to the order of rows."""
        line = self._lines[number]
        parts = list(_parts(line, self._starts))
        columns = [column for part in parts if (column := self._column(part, line.size)) is not None]
        if len(set(columns)) < len(parts) or columns != sorted(columns):
            return False
        row, first = self._rows[-1], columns[0]
        is_alone = first == 0 and len(columns) == 1
        if is_alone and (line.size > LARGER * self._lines[self._start].size or self._ends_in_single_cells()):
            return False
        if first > row.last and self._stands_beside(row, line):
            if _is_level_with_last(row, line):
                text = row.cells[0].pop()
                row = self._begin_row(number - 1, self._lines[number - 1])
                row.cells[0] = [text]
        elif is_alone and set(row.cells) == {0} and self._goes_on(row, line) and len(row.cells[0]) < MAX_CELL_LINES:
            pass
        elif first == 0 and 0 < row.bottom - line.y <= (NEXT_SECTION if is_alone else NEXT_ROW) * line.size:
            row = self._begin_row(number, line)
        elif 0 < first <= row.last and len(columns) > 1 and self._is_next_row(row, line):
            merged = row.cells[0]
            row = self._begin_row(number, line)
            row.cells[0] = merged
        elif not (first > 0 and (self._goes_on(row, line) or 0 < row.bottom - line.y <= NEXT_LINE * line.size)):
            return False
        _put(row, zip(columns, parts, strict=True), line)
        for column, part in zip(columns, parts, strict=True):
            self._widen(column, part)
        return True

    def _ends_in_single_cells(self) -> bool:
        return len(self._rows) > 2 and all(len(row.cells) == 1 for row in self._rows[-2:])

    def _begin_row(self, number: int, line: Line) -> _Row:
        row = _Row(first_line=number, top=line.y, bottom=line.y)
        self._rows.append(row)
        return row

    def _stands_beside(self, row: _Row, line: Line) -> bool:
        """Whether the line is level with the last one, or further up again."""
        return line.y - row.last_y >= -SAME_PLACE and line.y - row.top <= NEXT_ROW * line.size

    def _is_next_row(self, row: _Row, line: Line) -> bool:
        return MERGED * line.size < row.bottom - line.y <= NEXT_ROW * line.size

    def _goes_on(self, row: _Row, line: Line) -> bool:
        return 0 < row.last_y - line.y <= NEXT_LINE * line.size

    def _column(self, part: _Part, size: float) -> int | None:
        """The only column that the part stands in, or near."""
        within = [
            number for number, column in enumerate(self._columns) if part.start < column.end and column.start < part.end
        ]
        if len(within) == 1:
            return within[0]
        gaps = {
            number: max(column.start - part.end, part.start - column.end) for number, column in enumerate(self._columns)
        }
        nearest = min(gaps, key=gaps.__getitem__)
        return nearest if not within and gaps[nearest] <= BESIDE * size else None

    def _widen(self, number: int, part: _Part) -> None:
        column = self._columns[number]
        column.start, column.end = min(column.start, part.start), max(column.end, part.end)


def _is_level_with_last(row: _Row, line: Line) -> bool:
    """Whether a second cell begins at the last of several lines of the first: what is above that is no part of it."""
    return set(row.cells) == {0} and len(row.cells[0]) > 1 and abs(line.y - row.last_y) <= SAME_PLACE


def _put(row: _Row, parts: Iterable[tuple[int, _Part]], line: Line) -> None:
    for column, part in parts:
        row.cells.setdefault(column, []).append(part.text)
        row.last = column
    row.last_y = line.y
    row.top, row.bottom = max(row.top, line.y), min(row.bottom, line.y)


def _parts(line: Line, starts: Mapping[int, int]) -> Iterator[_Part]:
    """The pieces of a line, joined where no gap is between them; a small one parts those where others begin, too."""
    part: _Part | None = None
    for cell in line.cells or (Cell(text=line.text, x=line.x),):
        end = cell.x + (cell.width or LETTER_WIDTH * line.size * len(cell.text))
        is_common = cell.width > 0 and starts.get(round(cell.x), 0) >= MIN_ROWS
        if part is not None and cell.x - part.end <= (SPACE if is_common else GAP) * line.size:
            part.text, part.end = part.text + cell.text, max(end, part.end)
            continue
        if part is not None:
            yield part
        part = _Part(text=cell.text, start=cell.x, end=end)
    if part is not None:
        yield part
