"""Workbooks: every visible sheet under its name, its cells as tables."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false
# openpyxl has no types.

from collections.abc import Iterator
from datetime import datetime, time

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from connectors.text.archives import open_office_file
from connectors.text.escaping import escape
from connectors.text.sheets import sheet_blocks
from connectors.text.text import RawFile, Text


def read(raw: RawFile) -> Text:
    file = open_office_file(raw.content, main_part="xl/workbook.xml", limits=raw.limits)
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return Text.whole("\n\n".join(block for sheet in visible for block in _sheet(sheet)))


def _sheet(sheet: Worksheet) -> Iterator[str]:
    sheet.reset_dimensions()  # pyright: ignore[reportAttributeAccessIssue]  a read-only sheet's declared size is often wrong
    blocks = list(sheet_blocks([_shown(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()))
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
        return f"{value * 100:.10g}%" if "%" in number_format else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return str(value)
