"""Fonts of a PDF, put right such that pypdf sees the spaces between words that are only gaps.

TeX draws no spaces. What is a gap, pypdf judges by the width of the font's space; where a font has none it takes that
of whatever stands under the code 32, and words run together (https://github.com/py-pdf/pypdf/issues/3978).
"""

from collections.abc import Iterator

from pypdf import PageObject
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)
from pypdf.generic._font import Font  # pyright: ignore[reportPrivateUsage]  what tells the widths of letters

SPACE_WIDTH = 300
"""Thousandths of the size, for a font without a space: less than half of it is no gap between words."""
_WIDEST_SPACE = 400
_USUAL_WIDTH = 500
_MAX_DEPTH = 3
_FIXED_PITCH = 1
_UNUSED_CODE_IS_SPACE = b"\n1 beginbfchar\n<FFFF> <0020>\nendbfchar\n"


class Widths:
    """How wide texts are in the fonts of a PDF."""

    def __init__(self) -> None:
        self._fonts: dict[int, tuple[DictionaryObject, dict[str, float]]] = {}

    def of(self, text: str, font: object) -> float:
        """In multiples of the size; of the longest line; 0 where the font doesn't tell."""
        if not isinstance(font, DictionaryObject) or font.get("/Subtype") == "/Type3":
            return 0.0
        if id(font) not in self._fonts:
            self._fonts[id(font)] = font, _letter_widths(font)
        _, letters = self._fonts[id(font)]
        widths = (sum(letters.get(letter, _USUAL_WIDTH) for letter in line) for line in text.split("\n"))
        return max(widths) / 1000 if letters else 0.0


def _letter_widths(font: DictionaryObject) -> dict[str, float]:
    """In thousandths of the size, by what a letter means; none of a font that pypdf can't read."""
    try:
        read = Font.from_font_resource(font)
    except (AttributeError, TypeError):
        return {}
    codes = read.encoding if isinstance(read.encoding, dict) else {}
    widths = {" ": float(read.space_width)}
    for code, width in read.character_widths.items():
        letter = codes.get(ord(code), code) if len(code) == 1 else code
        widths.setdefault(read.character_map.get(letter, letter), width)
    return widths


def show_spaces(page: PageObject) -> None:
    """Give each font of the page that has no space one that is in no text."""
    for font in _fonts(page.get("/Resources"), _MAX_DEPTH):
        if font.get("/Subtype") == "/Type0":
            _name_space(font)
        else:
            _narrow_space(font)


def _fonts(resources: object, depth: int) -> Iterator[DictionaryObject]:
    """Those of the page, and of what is drawn on it as a whole."""
    yield from _entries(resources, "/Font")
    for drawn in _entries(resources, "/XObject") if depth else ():
        yield from _fonts(drawn.get("/Resources"), depth - 1)


def _entries(resources: object, name: str) -> Iterator[DictionaryObject]:
    within = _resolved(resources)
    held = _resolved(within.get(name)) if isinstance(within, DictionaryObject) else None
    for entry in map(_resolved, held.values() if isinstance(held, DictionaryObject) else ()):
        if isinstance(entry, DictionaryObject):
            yield entry


def _name_space(font: DictionaryObject) -> None:
    """A composite font: pypdf takes the first code that means a space, so one of the font's own goes on to count."""
    meanings = _resolved(font.get("/ToUnicode"))
    content = meanings.get_data() if isinstance(meanings, StreamObject) else b""
    if content and not content.endswith(_UNUSED_CODE_IS_SPACE):
        named = DecodedStreamObject()
        named.set_data(content + _UNUSED_CODE_IS_SPACE)
        font[NameObject("/ToUnicode")] = named


def _narrow_space(font: DictionaryObject) -> None:
    """A simple font: TeX has the sign of a space, which is wide, under the code 32."""
    widths, first, descriptor = (_resolved(font.get(name)) for name in ("/Widths", "/FirstChar", "/FontDescriptor"))
    flags = _resolved(descriptor.get("/Flags")) if isinstance(descriptor, DictionaryObject) else None
    if not isinstance(widths, ArrayObject) or not isinstance(first, int) or not isinstance(flags, int):
        return
    at = 32 - first
    width = _resolved(widths[at]) if 0 <= at < len(widths) else None
    if not flags & _FIXED_PITCH and isinstance(width, int | float) and width > _WIDEST_SPACE:
        widths[at] = NumberObject(SPACE_WIDTH)


def _resolved(found: object) -> object:
    """What a reference leads to, or the object itself."""
    return found.get_object() if isinstance(found, PdfObject) else found
