"""Workbooks: every visible sheet under its name, its visible cells as tables."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false
# pyright: reportAttributeAccessIssue=false, reportPrivateUsage=false
# openpyxl has no types.

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from connectors.text.archives import open_office_file
from connectors.text.escaping import escape
from connectors.text.sheet_marks import find_marks, shown
from connectors.text.sheets import sheet_blocks
from connectors.text.text import RawFile, Text

_ZEROS = re.compile(r"0{2,20}")
_MAX_WHOLE = 10**20
"""Beyond, digits are those of arithmetic."""


def read(raw: RawFile) -> Text:
    file = open_office_file(raw.content, main_part="xl/workbook.xml", limits=raw.limits)
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
        return Text.whole("\n\n".join(block for sheet in visible for block in _sheet(sheet, archive)))


def _sheet(sheet: ReadOnlyWorksheet, archive: zipfile.ZipFile) -> Iterator[str]:
    sheet.reset_dimensions()  # a read-only sheet's declared size is often wrong
    marks = find_marks(archive, sheet._worksheet_path)  # noqa: SLF001  openpyxl says nowhere else where it is
    rows = ([_shown(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows())
    blocks = list(sheet_blocks(shown(rows, marks)))
    if blocks:
        yield f"## {escape(sheet.title)}"
        yield from blocks


def _shown(value: object, number_format: str) -> str:
    """A value much as the sheet shows it: dates by ISO 8601, shares in percent, no digits that only arithmetic made."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return _number(value, number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return str(value)


def _number(value: float, number_format: str) -> str:
    """Extensions and postal codes keep the zeros in front, and no number of digits becomes a power of ten."""
    if "%" in number_format:
        return f"{value * 100:.10g}%"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    width = len(number_format) if _ZEROS.fullmatch(number_format) else 0
    return f"{int(value):0{width}d}" if abs(value) < _MAX_WHOLE else f"{value:.15g}"
