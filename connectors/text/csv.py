"""Comma-separated values and their kin: one table, whatever separates the cells."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from connectors.text.decoding import decode
from connectors.text.escaping import escape
from connectors.text.html.page import text_of
from connectors.text.refusals import Refusal
from connectors.text.sheets import sheet_blocks
from connectors.text.text import RawFile, Text

_DELIMITERS = (",", ";", "\t", "|")
_RARE_DELIMITER = "|"
_HTML = re.compile(r"</(?:p|div|li|ul|ol|span|strong|h[1-6])>|<br\s*/?>", re.IGNORECASE)
_SAMPLE_LINES = 200
_SAMPLE_CHARS = 65_536


def read(raw: RawFile) -> Text:
    text = decode(raw.content, declared=raw.charset)
    try:
        cells = ([_markdown(cell) for cell in row] for row in rows(text, max_cell_chars=raw.limits.output_chars))
        return Text.whole("\n\n".join(sheet_blocks(cells)))
    except csv.Error as error:
        raise Refusal("its cells can't be told apart: save it anew as CSV with quotes") from error


def _markdown(cell: str) -> str:
    """Desks and wikis export their articles as HTML."""
    return text_of(cell).markdown if _HTML.search(cell) else escape(cell)


def rows(text: str, *, max_cell_chars: int) -> Iterator[list[str]]:
    """The rows. Excel names the delimiter in a first line such as `sep=;`; other programs leave it to be found."""
    csv.field_size_limit(max_cell_chars)
    first, _, rest = text.partition("\n")
    named = first.strip().casefold()
    if named.startswith("sep=") and len(named) == 5:
        return csv.reader(_lines(rest), delimiter=named[-1])
    return csv.reader(_lines(text), delimiter=_find_delimiter(text))


def _lines(text: str) -> Iterator[str]:
    """The lines as they end in files: `str.splitlines` also ends them at the breaks that people make within a cell."""
    return io.StringIO(text, newline="")


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts the beginning into the most regular table."""
    sample = list(islice(_lines(text[:_SAMPLE_CHARS]), _SAMPLE_LINES))
    return max(_DELIMITERS, key=lambda delimiter: _regularity(sample, delimiter))


def _regularity(lines: list[str], delimiter: str) -> tuple[float, bool, int]:
    """The share of rows that have the most common width, if that is more than one cell; then what speaks for it too."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    if not widths:
        return 0.0, False, 0
    width, count = widths.most_common(1)[0]
    return (count / widths.total() if width > 1 else 0.0), delimiter != _RARE_DELIMITER, width
