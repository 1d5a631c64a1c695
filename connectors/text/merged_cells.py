"""Cells of a sheet that are merged over several rows: what stands in the first holds for all of them.

openpyxl tells of them only where it holds the whole sheet in memory, so they are looked up in the sheet's part.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from openpyxl.utils.cell import column_index_from_string  # pyright: ignore[reportUnknownVariableType]  no types

from connectors.text.limits import MIB

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')
_MAX_TAG_BYTES = 1_000


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Cells under one another. Rows count from 1, columns from 0."""

    column: int
    first_row: int
    last_row: int


def find_merges(part: IO[bytes]) -> Iterator[Merge]:
    """Those over several rows, of a sheet's XML."""
    rest = b""
    while read := part.read(MIB):
        text = rest + read
        whole = text.rfind(b"<")
        rest = text[whole:] if whole >= 0 and len(text) - whole < _MAX_TAG_BYTES else b""
        for column, first, last in _MERGE.findall(text[: len(text) - len(rest)]):
            if int(first) < int(last):
                at = column_index_from_string(column.decode()) - 1
                yield Merge(column=at, first_row=int(first), last_row=int(last))


def filled(rows: Iterable[list[str]], merges: Iterable[Merge]) -> Iterator[list[str]]:
    """The rows from the first on, each with what is merged into it from above; a row of nothing else stays blank."""
    beginning: defaultdict[int, list[Merge]] = defaultdict(list)
    for merge in merges:
        beginning[merge.first_row].append(merge)
    over: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows, start=1):
        over = {column: (last, text) for column, (last, text) in over.items() if last >= number}
        if any(row):
            row.extend([""] * (max(over, default=-1) + 1 - len(row)))
            for column, (_, text) in over.items():
                row[column] = row[column] or text
        for merge in beginning.get(number, ()):
            if merge.column < len(row) and row[merge.column]:
                over[merge.column] = merge.last_row, row[merge.column]
        yield row
