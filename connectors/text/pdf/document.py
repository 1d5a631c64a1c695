"""PDF: the text of every page, with headings where bookmarks or letter sizes show them."""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, ContentStream, Destination, NameObject, StreamObject

from connectors.text.pdf.fonts import SPACE_WIDTH, Widths, show_spaces
from connectors.text.pdf.layout import Bookmark, pages_as_markdown
from connectors.text.pdf.line import Cell, Line
from connectors.text.pdf.links import link_areas
from connectors.text.refusals import Refusal, TooMuch
from connectors.text.text import RawFile, Text

_FILE_NAME = re.compile(r"^Microsoft (?:Word|PowerPoint|Excel) - |\.\w{2,4}$")
_OF_ONE_WIDTH = re.compile(
    r"mono(?!type)|courier|consol|menlo|monaco|typewriter|[cl]mtt|cursor|nimbusmon|(?:fira|cascadia|source)[ -]?code",
    re.IGNORECASE,
)
"""Names of fonts in which code is set."""
_SHOWS = {b"Tj", b"TJ", b"'", b'"'}
_LEVEL = 0.6
"""Of the size: what is raised or lowered by less is still in the line."""
_LOCKED = "the PDF is encrypted; save a copy without a password and without restrictions"


def read(raw: RawFile) -> Text:
    try:
        reader = _open(raw)
        widths = Widths()
        pages = [list(_lines(page, widths)) for page in _pages(reader, limit=raw.limits.pages)]
        if not any(pages):
            raise Refusal("the PDF holds no text; if it is a scan, run character recognition (OCR) over it first")
        markdown = pages_as_markdown(pages, list(_bookmarks(reader)))
    except (DependencyError, FileNotDecryptedError) as error:
        raise Refusal(_LOCKED) from error
    except LimitReachedError as error:
        raise TooMuch("the PDF unpacks to more than a PDF of its size should") from error
    except (PyPdfError, RecursionError) as error:
        raise Refusal("the PDF is damaged or cut off") from error
    return Text.paged(markdown.pages, title=markdown.title or _declared_title(reader))


def _open(raw: RawFile) -> PdfReader:
    reader = PdfReader(io.BytesIO(raw.content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refusal(_LOCKED)
    return reader


def _pages(reader: PdfReader, *, limit: int) -> Iterator[PageObject]:
    """The pages; counted as they come, since the count that a PDF declares may be wrong and costs time to check."""
    declared: Any = reader.root_object.get("/Pages", {}).get("/Count", 0)
    refusal = TooMuch(f"the PDF has more than {limit:,} pages; split it")
    if isinstance(declared, int) and declared > limit:
        raise refusal
    for number, page in enumerate(reader.pages, start=1):
        if number > limit:
            raise refusal
        yield page


def _bookmarks(reader: PdfReader) -> Iterator[Bookmark]:
    def walk(entries: list[Any], level: int) -> Iterator[Bookmark]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(cast("list[Any]", entry), level + 1)
            elif isinstance(entry, Destination) and entry.title:
                page = reader.get_destination_page_number(entry)
                if page is not None:
                    yield Bookmark(title=entry.title, page=page, level=level)

    yield from walk(reader.outline, 1)


def _declared_title(reader: PdfReader) -> str | None:
    """The title in the PDF's own description; programs often write a file name there, which is none."""
    title = reader.metadata.title if reader.metadata else None
    return None if title is None or _FILE_NAME.search(title) else title


def _lines(page: PageObject, widths: Widths) -> Iterator[Line]:
    """The lines of a page in the order in which it draws them; a line is where its first piece is."""
    pieces: list[Line] = []
    areas = link_areas(page)

    def keep(text: str, outer: list[float], inner: list[float], font: object, font_size: float) -> None:
        a, b, c, d, e, f = outer
        scale = math.sqrt(abs((a * d - b * c) * (inner[0] * inner[3] - inner[1] * inner[2])))
        x, y = inner[4] * a + inner[5] * c + e, inner[4] * b + inner[5] * d + f
        size = abs(font_size) * scale
        width = widths.of(text, font) * size
        held = (area.address for area in areas if text.strip() and area.holds(x=x, y=y, width=width, size=size))
        turned = math.atan2(inner[0] * b + inner[1] * d, inner[0] * a + inner[1] * c)
        x, y = _upright(x, y, quarter_turns=round(turned / (math.pi / 2)) % 4)
        line = Line(text=text, x=x, y=y, size=size, width=width, is_code=_is_of_one_width(font))
        pieces.append(replace(line, address=next(held, "")))

    show_spaces(page)
    _part_texts(page)
    page.extract_text(visitor_text=keep, space_width=SPACE_WIDTH)
    line: list[Line] = []
    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number or (text.strip() and not _is_level(line, piece)):
                yield from _one_line(line)
                line = []
            line.append(replace(piece, text=text))
    yield from _one_line(line)


def _part_texts(page: PageObject) -> None:
    """End each text where the next is put in a place of its own, so that pypdf tells the place.

    WeasyPrint draws a whole page as one text. A new one begins where it is put, so nothing moves.
    """
    drawn: Any = page.get("/Contents")
    drawn = drawn and drawn.get_object()
    if not isinstance(drawn, ArrayObject | StreamObject):
        return
    content = ContentStream(drawn, None, "bytes")
    parted: list[tuple[Any, bytes]] = []
    is_shown = False
    for operands, operator in content.operations:
        if operator == b"Tm" and is_shown:
            parted += [([], b"ET"), ([], b"BT")]
        is_shown = operator in _SHOWS or (is_shown and operator not in {b"BT", b"ET", b"Tm"})
        parted.append((operands, operator))
    content.operations = parted
    page[NameObject("/Contents")] = content


def _upright(x: float, y: float, *, quarter_turns: int) -> tuple[float, float]:
    """A place on a page as readers turn it, whose text runs from left to right and then down."""
    return [(x, y), (y, -x), (-x, -y), (-y, x)][quarter_turns]


def _is_level(line: list[Line], piece: Line) -> bool:
    """Whether the piece goes on in the line: to pypdf, what stands between two lines of a cell is in both."""
    before = next((one for one in reversed(line) if one.text.strip()), piece)
    return abs(before.y - piece.y) <= _LEVEL * max(before.size, piece.size)


def _is_of_one_width(font: object) -> bool:
    name = cast("dict[str, object]", font).get("/BaseFont") if isinstance(font, dict) else None
    return bool(_OF_ONE_WIDTH.search(str(name)))


def _one_line(pieces: list[Line]) -> Iterator[Line]:
    """The pieces as one line, in the size of its longest piece; none when they are blank."""
    text = "".join(piece.text for piece in pieces).strip()
    if text:
        longest = max(pieces, key=lambda piece: len(piece.text.strip()))
        seen = [piece for piece in pieces if piece.text.strip()]
        cells = tuple(Cell(text=piece.text, x=piece.x, width=piece.width, address=piece.address) for piece in seen)
        is_code = all(piece.is_code for piece in seen)
        yield Line(text=text, x=seen[0].x, y=seen[0].y, size=longest.size, cells=cells, is_code=is_code)
