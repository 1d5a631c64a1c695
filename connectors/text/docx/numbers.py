"""The numbers that Word shows in front of paragraphs; the file holds only how they are counted.

ECMA-376 part 1, 17.9: a paragraph names a numbering (`numId`), or its style does; numberings that share an abstract
one count on, and a level begins anew behind a paragraph of a higher one.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

import re
from dataclasses import dataclass, field

from lxml import etree

from connectors.text.docx.styles import Styles, W, is_on, stated

_UNNUMBERED = {"bullet", "none"}
_MAX_LINKS = 5
_PLACE = re.compile("%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MAX_ROMAN = 4999
_MAX_LETTERS = 260


@dataclass(frozen=True, kw_only=True)
class Number:
    """What stands in front of a paragraph."""

    count: int
    shown: str
    """Such as `2.1`, `(b)` or `Article 5`."""
    is_of_several_levels: bool


@dataclass(frozen=True, kw_only=True)
class _Level:
    format: str
    text: str
    """With `%1` for the number of the first level."""
    is_decimal: bool
    """Whether the numbers of the levels above are shown in digits, too."""
    start: int
    begins_anew: bool
    style: str | None


@dataclass(kw_only=True)
class _Num:
    abstract: str
    starts: dict[int, int]
    """Where this numbering begins its levels anew, each once."""


@dataclass(kw_only=True)
class Numbers:
    """Asked for one paragraph after the other, in the order of the document."""

    styles: Styles
    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict[str, dict[int, _Level]])
    """By abstract numbering."""
    _links: dict[str, str] = field(default_factory=dict[str, str])
    """The style that an abstract numbering leaves its levels to."""
    _nums: dict[str, _Num] = field(default_factory=dict[str, _Num])
    _counts: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])

    def learn(self, numbering: etree._Element) -> None:
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            name = abstract.get(f"{W}abstractNumId", "")
            self._levels[name] = {
                _whole(level.get(f"{W}ilvl")): _level(level) for level in abstract.iterchildren(f"{W}lvl")
            }
            if link := stated(abstract, "numStyleLink"):
                self._links[name] = link
        for num in numbering.iterchildren(f"{W}num"):
            starts = {
                _whole(override.get(f"{W}ilvl")): _whole(start)
                for override in num.iterchildren(f"{W}lvlOverride")
                if (start := stated(override, "startOverride")) is not None
            }
            self._nums[num.get(f"{W}numId", "")] = _Num(abstract=stated(num, "abstractNumId") or "", starts=starts)

    def count(self, paragraph: etree._Element) -> Number | None:
        """The number of the paragraph; None for one that shows none."""
        num_id, at = self._numbering_of(paragraph)
        num = self._find_num(num_id)
        level = self._levels.get(num.abstract, {}).get(at) if num else None
        if num is None or level is None:
            return None
        counts = self._counts.setdefault(num.abstract, {})
        following = num.starts.pop(at, counts.get(at, level.start - 1) + 1)
        counts[at] = following
        for deeper, below in self._levels[num.abstract].items():
            if deeper > at and below.begins_anew:
                counts.pop(deeper, None)
        if level.format in _UNNUMBERED:
            return None
        places = _PLACE.findall(level.text)
        shown = _PLACE.sub(lambda place: self._place(num.abstract, int(place[1]) - 1, level), level.text)
        return Number(count=following, shown=" ".join(shown.split()), is_of_several_levels=len(places) > 1)

    def _place(self, abstract: str, at: int, shown_at: _Level) -> str:
        level = self._levels[abstract].get(at)
        if level is None:
            return ""
        count = self._counts[abstract].get(at, level.start)
        return str(count) if shown_at.is_decimal else written(count, level.format)

    def _numbering_of(self, paragraph: etree._Element) -> tuple[str | None, int]:
        style = stated(paragraph, "pPr", "pStyle")
        num_id = stated(paragraph, "pPr", "numPr", "numId")
        at = stated(paragraph, "pPr", "numPr", "ilvl")
        if num_id is None:
            num_id = self.styles.stated(style, "pPr", "numPr", "numId")
            at = at or self.styles.stated(style, "pPr", "numPr", "ilvl") or self._level_of_style(num_id, style)
        return num_id, _whole(at)

    def _level_of_style(self, num_id: str | None, style: str | None) -> str | None:
        num = self._find_num(num_id)
        levels = self._levels.get(num.abstract, {}) if num else {}
        return next((str(at) for at, level in levels.items() if style is not None and level.style == style), None)

    def _find_num(self, num_id: str | None) -> _Num | None:
        for _ in range(_MAX_LINKS):
            num = self._nums.get(num_id or "")
            if num is None or num.abstract not in self._links:
                return num
            num_id = self.styles.stated(self._links[num.abstract], "pPr", "numPr", "numId")
        return None


def _level(level: etree._Element) -> _Level:
    return _Level(
        format=stated(level, "numFmt") or "decimal",
        text=stated(level, "lvlText") or "",
        is_decimal=is_on(stated(level, "isLgl")) or False,
        start=_whole(stated(level, "start")),
        begins_anew=stated(level, "lvlRestart") != "0",
        style=stated(level, "pStyle"),
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else 0


def written(count: int, number_format: str) -> str:
    """Letters after z are doubled; what is no kind of Latin letters is shown in digits (ECMA-376 part 1, 17.18.59)."""
    shown = str(count)
    if number_format.endswith("Letter") and 0 < count <= _MAX_LETTERS:
        shown = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
    elif number_format.endswith("Roman") and 0 < count <= _MAX_ROMAN:
        shown = _roman(count)
    elif number_format == "decimalZero":
        shown = f"{count:02d}"
    return shown.upper() if number_format.startswith("upper") else shown


def _roman(count: int) -> str:
    shown = ""
    for value, digits in _ROMAN:
        shown += digits * (count // value)
        count %= value
    return shown
