"""Workbooks: every visible sheet under its name, its visible cells as tables."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false
# pyright: reportAttributeAccessIssue=false, reportPrivateUsage=false
# openpyxl has no types.

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from connectors.text.archives import open_office_file
from connectors.text.escaping import escape
from connectors.text.html.writer import link
from connectors.text.sheets import sheet_blocks
from connectors.text.text import RawFile, Text
from connectors.text.xlsx.marks import find_marks, shown
from connectors.text.xlsx.number_formats import shown as number_shown


def read(raw: RawFile) -> Text:
    file = open_office_file(raw.content, main_part="xl/workbook.xml", limits=raw.limits)
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
        return Text.whole("\n\n".join(block for sheet in visible for block in _sheet(sheet, archive)))


def _sheet(sheet: ReadOnlyWorksheet, archive: zipfile.ZipFile) -> Iterator[str]:
    sheet.reset_dimensions()  # a read-only sheet's declared size is often wrong
    marks = find_marks(archive, sheet._worksheet_path)  # noqa: SLF001  openpyxl says nowhere else where it is
    blocks = list(sheet_blocks(shown(_rows(sheet, marks.links), marks)))
    if blocks:
        yield f"## {escape(sheet.title)}"
        yield from blocks


def _rows(sheet: ReadOnlyWorksheet, links: Mapping[tuple[int, int], str]) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [escape(_shown(cell.value, cell.number_format)) for cell in row]
        for column in range(len(cells) if links else 0):
            if address := links.get((number, column)):
                cells[column] = link(cells[column] or escape(address), address)
        yield cells


def _shown(value: object, number_format: str) -> str:
    """A value much as the sheet shows it, but for dates, which are those of ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() | int():
            return number_shown(value, number_format)
        case datetime() | time() | timedelta():
            return _time(value)
        case _:
            return str(value)


def _time(value: datetime | time | timedelta) -> str:
    if isinstance(value, timedelta):
        hours, minutes = divmod(round(value.total_seconds() / 60), 60)
        return f"{hours}:{minutes:02d}"
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
