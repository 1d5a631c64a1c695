"""Charts: the numbers that one draws as the table that it was made of (ECMA-376 part 1, 21.2)."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

from collections.abc import Iterator

from lxml import etree
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel

from connectors.text.xlsx.number_formats import shown

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MAX_PLACES = 100
"""Of more, a chart shows the shape and no numbers."""


def chart_title(chart: etree._Element) -> str:
    title = chart.find(f"{_CHART}chart/{_CHART}title")
    return "" if title is None else " ".join("".join(words.text or "" for words in title.iter(f"{_DRAWING}t")).split())


def chart_rows(chart: etree._Element) -> Iterator[list[str]]:
    """A row for each category, with a column for each series; their names are the first row."""
    series = list(chart.iter(f"{_CHART}ser"))
    names = [_name(one) for one in series]
    columns = [_points(one, "val", "yVal") for one in series]
    labels: dict[int, str] = {}
    for one in series:
        labels = _points(one, "cat", "xVal") | labels
    places = sorted({place for column in columns for place in column})
    if 0 < len(places) <= _MAX_PLACES:
        yield ["", *names]
        for place in places:
            yield [labels.get(place, ""), *(column.get(place, "") for column in columns)]


def _name(series: etree._Element) -> str:
    value = series.find(f"{_CHART}tx//{_CHART}v")
    return "" if value is None else value.text or ""


def _points(series: etree._Element, *names: str) -> dict[int, str]:
    """What the chart keeps of its cells, by their places."""
    found: dict[int, str] = {}
    for cache in (cache for name in names for cache in series.iterfind(f"{_CHART}{name}/*/*")):
        number_format = cache.findtext(f"{_CHART}formatCode") or "General"
        for point in cache.iterchildren(f"{_CHART}pt"):
            value = point.findtext(f"{_CHART}v") or ""
            found[int(point.get("idx", "0"))] = (
                value if cache.tag == f"{_CHART}strCache" else _seen(value, number_format)
            )
    return found


def _seen(value: str, number_format: str) -> str:
    try:
        number = float(value)
        return str(from_excel(number))[:10] if is_date_format(number_format) else shown(number, number_format)
    except (ValueError, OverflowError):
        return value
