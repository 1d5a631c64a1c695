"""Links of a PDF: rectangles laid over the words that they belong to (ISO 32000-1, 12.5.6.5)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from pypdf import PageObject
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject

_WEB = re.compile(r"https?://|mailto:", re.IGNORECASE)
_MOST = 0.6
"""Of a piece of text: one that is under a link by less is not what is linked."""
_MAX_LINKS = 500
"""Of a page."""


@dataclass(frozen=True, kw_only=True)
class Area:
    left: float
    bottom: float
    right: float
    top: float
    address: str

    def holds(self, *, x: float, y: float, width: float, size: float) -> bool:
        """Whether most of a piece of text is in it; y is where its letters stand."""
        under = min(self.right, x + width) - max(self.left, x)
        return under > _MOST * width > 0 and self.bottom - size / 2 < y < self.top


def link_areas(page: PageObject) -> list[Area]:
    return list(islice(_areas(page), _MAX_LINKS))


def _areas(page: PageObject) -> Iterator[Area]:
    notes = _resolved(page.get("/Annots"))
    for note in map(_resolved, notes if isinstance(notes, ArrayObject) else ()):
        if not isinstance(note, DictionaryObject) or note.get("/Subtype") != "/Link":
            continue
        action, rectangle = _resolved(note.get("/A")), _resolved(note.get("/Rect"))
        address = str(_resolved(action.get("/URI"))) if isinstance(action, DictionaryObject) else ""
        if _WEB.match(address) and isinstance(rectangle, ArrayObject):
            yield from _area(address, [_resolved(corner) for corner in cast("Sequence[object]", rectangle)])


def _area(address: str, corners: list[object]) -> Iterator[Area]:
    numbers = [float(corner) for corner in corners if isinstance(corner, int | float)]
    if len(numbers) == 4:
        (left, right), (bottom, top) = sorted(numbers[::2]), sorted(numbers[1::2])
        yield Area(left=left, bottom=bottom, right=right, top=top, address=address)


def _resolved(found: object) -> object:
    return found.get_object() if isinstance(found, PdfObject) else found
