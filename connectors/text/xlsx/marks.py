"""What a sheet's own XML says about its rows and columns: which are hidden, and which cells are merged.

openpyxl tells of both only where it holds the whole sheet in memory, so they are looked up in the sheet's part.
"""

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import IO

from openpyxl.utils.cell import column_index_from_string  # pyright: ignore[reportUnknownVariableType]  no types

from connectors.text.limits import MIB
from connectors.text.sheets import COVERED

_TAG = re.compile(rb"<(?:\w+:)?(mergeCell|col|row|autoFilter|filterColumn|hyperlink)\s([^<>]*)")
_ATTRIBUTE = re.compile(rb"(\w+)\s*=\s*[\"']([^\"']*)")
_CELLS = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_FIRST_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::[A-Z0-9]+)?")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)")
_WEB = re.compile(r"https?://|mailto:", re.IGNORECASE)
_TABLE = re.compile(r"(?:^|/)tables/[^/]+$")
_MAX_TAG_BYTES = 1_000
_MAX_COLUMNS = 16_384


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Rows count from 1, columns from 0."""

    column: int
    last_column: int
    first_row: int
    last_row: int


@dataclass(kw_only=True)
class SheetMarks:
    """Rows count from 1, columns from 0."""

    merges: list[Merge] = field(default_factory=list[Merge])
    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: set[int] = field(default_factory=set[int])
    links: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    """Addresses in the web by the row and the column of their cells."""


def find_marks(archive: zipfile.ZipFile, sheet_part: str) -> SheetMarks:
    """Of a sheet. What a filter leaves out, and what a group folds away, is a click away and counts as shown."""
    relations = _relations(archive, sheet_part)
    with archive.open(sheet_part) as part:
        marks, filtered = _read_marks(part)
    marks.links = {
        cell: address for cell, relation in marks.links.items() if _WEB.match(address := relations.get(relation, ""))
    }
    for table in _table_parts(archive, sheet_part, relations):
        with archive.open(table) as part:
            filtered += _read_marks(part)[1]
    for first, last in filtered:
        marks.hidden_rows.difference_update(range(first, last + 1))
    return marks


def shown(rows: Iterable[list[str]], marks: SheetMarks) -> Iterator[list[str]]:
    """The rows from the first on without what is hidden, each with what is merged into it from above."""
    for number, row in enumerate(_filled(rows, marks.merges), start=1):
        if number not in marks.hidden_rows:
            yield [cell for column, cell in enumerate(row) if column not in marks.hidden_columns]


def _read_marks(part: IO[bytes]) -> tuple[SheetMarks, list[tuple[int, int]]]:
    """The marks, and the rows, from first to last, that a filter holds for."""
    marks, filters, filters_at_all = SheetMarks(), list[tuple[int, int]](), False
    for name, attributes in _tags(part):
        is_hidden = attributes.get("hidden") in {"1", "true"} and attributes.get("outlineLevel", "0") == "0"
        match name:
            case b"mergeCell":
                marks.merges += _merges(attributes.get("ref", ""))
            case b"row" if is_hidden and "r" in attributes:
                marks.hidden_rows.add(int(attributes["r"]))
            case b"col" if is_hidden:
                last = min(int(attributes["max"]), _MAX_COLUMNS)
                marks.hidden_columns.update(range(int(attributes["min"]) - 1, last))
            case b"autoFilter" if cells := _CELLS.fullmatch(attributes.get("ref", "")):
                filters.append((int(cells[2]), int(cells[4])))
            case b"hyperlink" if cell := _FIRST_CELL.fullmatch(attributes.get("ref", "")):
                marks.links[int(cell[2]), column_index_from_string(cell[1]) - 1] = attributes.get("id", "")
            case b"filterColumn":
                filters_at_all = True
            case _:
                pass
    return marks, filters if filters_at_all else []


def _tags(part: IO[bytes]) -> Iterator[tuple[bytes, dict[str, str]]]:
    rest = b""
    while read := part.read(MIB):
        text = rest + read
        whole = text.rfind(b"<")
        rest = text[whole:] if whole >= 0 and len(text) - whole < _MAX_TAG_BYTES else b""
        for name, attributes in _TAG.findall(text[: len(text) - len(rest)]):
            if name != b"row" or b"hidden" in attributes:
                yield name, {key.decode(): value.decode() for key, value in _ATTRIBUTE.findall(attributes)}


def _merges(cells: str) -> Iterator[Merge]:
    found = _CELLS.fullmatch(cells)
    if found:
        first, last = (column_index_from_string(found[group]) - 1 for group in (1, 3))
        yield Merge(column=first, last_column=last, first_row=int(found[2]), last_row=int(found[4]))


def _relations(archive: zipfile.ZipFile, sheet_part: str) -> dict[str, str]:
    """What the sheet's part refers to, by the names it has for it."""
    folder, name = posixpath.split(sheet_part)
    part = f"{folder}/_rels/{name}.rels"
    written = _RELATION.findall(archive.read(part)) if part in archive.namelist() else []
    named = ({key: value.decode() for key, value in _ATTRIBUTE.findall(attributes)} for attributes in written)
    return {one.get(b"Id", ""): unescape(one.get(b"Target", "")) for one in named}


def _table_parts(archive: zipfile.ZipFile, sheet_part: str, relations: Mapping[str, str]) -> list[str]:
    """The parts of the tables in a sheet, which have filters of their own."""
    folder = posixpath.dirname(sheet_part)
    targets = (target for target in relations.values() if _TABLE.search(target))
    parts = {posixpath.normpath(posixpath.join("/", folder, target))[1:] for target in targets}
    return sorted(parts.intersection(archive.namelist()))


def _filled(rows: Iterable[list[str]], merges: Iterable[Merge]) -> Iterator[list[str]]:
    """The rows from the first on, each with what is merged into it from above; a row of nothing else stays blank."""
    beginning: defaultdict[int, list[Merge]] = defaultdict(list)
    for merge in merges:
        beginning[merge.first_row].append(merge)
    over: list[tuple[Merge, str]] = []
    for number, row in enumerate(rows, start=1):
        over = [(merge, text) for merge, text in over if merge.last_row >= number]
        if any(row):
            for merge, text in over:
                _lay(merge, text, row)
        for merge in beginning.get(number, ()):
            if merge.column < len(row) and row[merge.column]:
                _lay(merge, row[merge.column], row)
                over.append((merge, row[merge.column]))
        yield row


def _lay(merge: Merge, text: str, row: list[str]) -> None:
    """Put the text of merged cells in a row's first of them."""
    last = min(merge.last_column, _MAX_COLUMNS)
    row.extend([""] * (last + 1 - len(row)))
    row[merge.column] = row[merge.column] or text
    for column in range(merge.column + 1, last + 1):
        row[column] = row[column] or COVERED
