"""A grid of cells, as people fill them: tables with notes and blank rows between them, and questions with answers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile

from connectors.text.escaping import begin_line
from connectors.text.tables import tables
from connectors.text.typed_lists import as_blocks

MAX_ROWS = 30
"""Rows of one Markdown table: with the head repeated, a part of it is still understood when it is found alone."""
MAX_COLUMNS = 12
COVERED = "\ufdd0"
"""A cell that the one to its left is merged over."""
_MAX_TITLES = 3
_MAX_HEAD_ROWS = 3
_LONG_ROW = 600
"""Characters of a row that is no line of a table any more, but a page of its own."""
_MAX_HEADING = 150
_LINE_END = re.compile(r"(?<![.,:;!?])\n(?![a-z])")
_QUESTIONS = {"question", "questions", "faq", "problem", "issue", "symptom", "error", "error message", "frage"}
_ANSWERS = {"answer", "answers", "response", "solution", "resolution", "fix", "workaround", "antwort", "lösung"}
_NAMES = {"title", "name", "subject", "topic", "short description", "titel", "thema"}

Row = Sequence[str]


def sheet_blocks(rows: Iterable[Row]) -> Iterator[str]:
    """The notes and tables of a grid, in their order; the first row of a table is its head.

    Cells are Markdown as it stands inside a line, or several lines of it.
    """
    for part in _parts([[_lines(cell) for cell in row] for row in rows]):
        titles = len(part) if _is_note(part) else _count_titles(part)
        yield from (block for row in part[:titles] for cell in row for block in as_blocks(_lines_of(cell)))
        if titles < len(part):
            yield from _table(_squeeze(part[titles:]))


def _lines(cell: str) -> str:
    if cell.isprintable():
        return " ".join(cell.split())
    return "\n".join(line for line in (" ".join(line.split()) for line in cell.splitlines()) if line)


def _lines_of(cell: str) -> list[str]:
    return cell.split("\n") if _is_filled(cell) else []


def _is_filled(cell: str) -> bool:
    return bool(cell) and cell != COVERED


def _parts(rows: Iterable[list[str]]) -> list[list[list[str]]]:
    """The rows between blank ones. A blank row between rows that fill the same columns parts nothing."""
    parts: list[list[list[str]]] = []
    for filled, group in groupby(rows, key=lambda row: any(row) and any(map(_is_filled, row))):
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

    None where so many do that they are rather the table, or where it has no head and row besides, unless the title is
    merged over the columns.
    """
    alone = sum(1 for _ in takewhile(lambda row: len(_columns([row])) == 1, part))
    besides = len(part) - alone
    return alone if alone <= _MAX_TITLES and (besides > 1 or (besides and COVERED in part[0])) else 0


def _columns(part: list[list[str]]) -> list[int]:
    """The columns that any row fills."""
    return sorted({column for row in part for column, cell in enumerate(row) if _is_filled(cell)})


def _squeeze(part: list[list[str]]) -> list[list[str]]:
    """The filled columns as a rectangle."""
    columns = _columns(part)
    return [[row[column] if column < len(row) else "" for column in columns] for row in part]


def _table(rows: list[list[str]]) -> Iterator[str]:
    heads = _count_heads(rows)
    head = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*map(_spread, rows[:heads]), strict=True)]
    body = [["" if cell == COVERED else cell for cell in row] if COVERED in row else row for row in rows[heads:]]
    names = [name.casefold().strip(" ?:") for name in head]
    question, answer = _find(names, _QUESTIONS), _find(names, _ANSWERS)
    if question is not None and answer is not None:
        yield from _records(head, body, named_by=question, answered_by=answer)
    elif _is_wordy(body):
        yield from _records(head, body, named_by=_find(names, _NAMES) or 0, answered_by=None)
    else:
        lines = [[_on_one_line(cell) for cell in row] for row in body]
        yield from tables(head, lines, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)


def _count_heads(rows: list[list[str]]) -> int:
    """A row whose cells are merged over several columns heads those that tell the columns apart."""
    most = min(_MAX_HEAD_ROWS, len(rows) - 1)
    return 1 + sum(1 for _ in takewhile(lambda row: COVERED in row, rows[: max(most - 1, 0)]))


def _spread(row: list[str]) -> list[str]:
    spread: list[str] = []
    for cell in row:
        spread.append(spread[-1] if cell == COVERED and spread else cell)
    return spread


def _find(names: Sequence[str], among: set[str]) -> int | None:
    return next((column for column, name in enumerate(names) if name in among), None)


def _is_wordy(body: list[list[str]]) -> bool:
    return bool(body) and 2 * sum(sum(map(len, row)) > _LONG_ROW for row in body) >= len(body)


def _on_one_line(cell: str) -> str:
    """Lines of a cell one after the other, told apart by a semicolon where nothing else tells them apart."""
    return _LINE_END.sub("; ", cell).replace("\n", " ") if "\n" in cell else cell


def _records(head: Row, body: list[list[str]], *, named_by: int, answered_by: int | None) -> Iterator[str]:
    """Each row under a heading: the answer, and the other cells with their names."""
    for row in body:
        name = _on_one_line(row[named_by])
        if 0 < len(name) <= _MAX_HEADING:
            yield f"### {name}"
        elif name:
            yield f"**{head[named_by]}**: {name}" if head[named_by] else begin_line(name)
        others = [(head[at], row[at]) for at in range(len(row)) if row[at] and at not in {named_by, answered_by}]
        if answered_by is None:
            yield from (block for field, cell in others for block in _field(field, cell))
        else:
            yield from as_blocks(_lines_of(row[answered_by]))
            told = " · ".join(
                f"{field}: {_on_one_line(cell)}" if field else _on_one_line(cell) for field, cell in others
            )
            yield from [begin_line(told)] if told else []


def _field(name: str, cell: str) -> Iterator[str]:
    lines = _lines_of(cell)
    if name and len(lines) == 1:
        yield f"**{name}**: {cell}"
    else:
        yield from (f"**{name}**:",) if name else ()
        yield from as_blocks(lines)
