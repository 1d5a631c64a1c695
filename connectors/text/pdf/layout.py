"""Lines as a PDF draws them to headings, paragraphs, lists and tables as they were written. Pure."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import itemgetter
from statistics import median

from connectors.text.escaping import escape, escape_line
from connectors.text.fences import fence
from connectors.text.html.writer import link
from connectors.text.pdf.line import Line
from connectors.text.pdf.tables import SAME_PLACE, find_tables
from connectors.text.tables import table

_BULLET = re.compile(r"[•◦▪‣●○■□\u2013\-*·\uf0b7\uf0a7]\s+(?=\S)")
_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_HYPHEN_AT_END = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KEEPS_ITS_HYPHEN = {"self", "non", "cross", "well"}
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_CONTENTS_ENTRY = re.compile(r"(?:\s*\.){5,}\s*\w{1,6}$")
"""Dots up to a page number: a table of contents repeats the headings and answers nothing."""
_LONGEST_WORD = 100
_NUMBER_AT_END = re.compile(r"^\d{1,4}(?=\s|$)|(?<=\s)\d{1,4}$")
_REACH = 20
"""Characters of Markdown between two pieces of text."""
_LINK_GOES_ON = re.compile(r"\]\((?P<address><[^<>]*>|[^()<>\s]*)\)(?P<space> ?)\[(?=[^\[\]]*\]\((?P=address)\))")
_DIGITS = re.compile(r"\d+")
_MAX_HEADING_CHARS = 150
_LARGER = 1.15
"""Letters this much larger than the body's make a heading."""
_FULL = 0.65
"""A line of at least this share of the longest one was broken for want of space."""
_LONG = 0.4
"""A shorter line before a small letter is a cell or an address, not a broken sentence."""
_BLANK = 1.9
"""Of the size: lines of code that are further apart have a blank one between them."""
_LETTER = 0.6
"""Of the size: how wide letters of one width are."""
_NO_LARGER = 1.25
_APART = 2.0
_CLOSE = 1.35
"""Lines up to this multiple of the usual distance apart belong together."""


@dataclass(frozen=True, kw_only=True)
class Bookmark:
    """An entry of the PDF's outline. `page` counts from 0, `level` from 1."""

    title: str
    page: int
    level: int


@dataclass(frozen=True, kw_only=True)
class PagesAsMarkdown:
    pages: list[str]
    title: str | None


@dataclass(frozen=True, kw_only=True)
class _Print:
    """How the whole document is printed."""

    leading: float
    """The usual distance between two lines of a paragraph."""
    heading_sizes: list[float]
    """Sizes of letters that make headings, largest first."""
    words: frozenset[str]
    bookmarks: dict[tuple[int, str], int]
    """The level of a heading by its page and its text."""
    shows_code: bool
    """Whether letters of one width show code; not where most of the text is set in them."""


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Lines that belong together; `level` is that of a heading, 0 for the rest."""

    lines: tuple[Line, ...]
    level: int
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table; empty for the rest."""
    is_code: bool = False

    @property
    def is_entry(self) -> bool:
        return not self.level and not self.rows and not self.is_code and bool(_marker(self.lines[0]))


def pages_as_markdown(pages: Sequence[Sequence[Line]], bookmarks: Sequence[Bookmark]) -> PagesAsMarkdown:
    """Each page as Markdown; what repeats at the top or bottom of most pages is left out."""
    lines = [[_plain_letters(line) for line in page if not _CONTENTS_ENTRY.search(line.text)] for page in pages]
    kept = _without_running_lines(lines)
    style = _print(kept, bookmarks)
    blocks = list(_with_heads([_blocks(number, lines, style) for number, lines in enumerate(kept)]))
    return PagesAsMarkdown(pages=[_markdown(page, style) for page in blocks], title=_title(blocks, style))


def _title(pages: list[list[_Block]], style: _Print) -> str | None:
    """The highest heading of the first page that has any."""
    for page in pages:
        highest = min((block for block in page if block.level), key=lambda block: block.level, default=None)
        if highest is not None:
            return _heading(highest, style)
    return None


def _plain_letters(line: Line) -> Line:
    cells = tuple(replace(cell, text=_plain(cell.text)) for cell in line.cells)
    return replace(line, text=_plain(line.text), cells=cells)


def _plain(text: str) -> str:
    return " ".join(text.translate(_LIGATURES).split())


def _without_running_lines(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without headers, footers and page numbers: lines that are on 60 % of at least three pages.

    They may differ in digits, but not in size: a title on the first page stays, though the others repeat it. Those
    that count the pages may differ in words, too: they name the chapter.
    """
    edges = [_edge_lines(page) for page in pages]
    counts = Counter(signature for page in edges for signature in {_signature(line) for line in page})
    needed = max(3, 0.6 * len(pages))
    running = {signature for signature, count in counts.items() if count >= needed} | _on_both(pages)
    first = _first_number(edges, needed)
    return [
        [
            line
            for line in page
            if not (line in edge and (_signature(line) in running or first + number in _numbers_at_ends(line)))
        ]
        for number, (page, edge) in enumerate(zip(pages, edges, strict=True))
    ]


def _on_both(pages: list[list[Line]]) -> set[tuple[str, float]]:
    """Of two pages: what stands at the same place on both, well apart from the text and in no larger letters."""
    if len(pages) != 2:
        return set()
    sizes = Counter(_rounded(line.size) for page in pages for line in page for _ in line.text)
    body = max(sizes, key=sizes.__getitem__, default=0.0)
    first, second = (
        {(re.sub(rf"\b{number}\b", "#", line.text, count=1), round(line.y), _signature(line)) for line in _apart(page)}
        for number, page in enumerate(pages, start=1)
    )
    return {signature for *_, signature in first & second if signature[1] <= _NO_LARGER * body}


def _apart(page: list[Line]) -> Iterator[Line]:
    by_height = sorted(page, key=lambda line: line.y)
    for outer, inner in [by_height[:2], by_height[:-3:-1]] if len(page) > 1 else []:
        if abs(outer.y - inner.y) > _APART * outer.size:
            yield outer


def _first_number(edges: list[list[Line]], needed: float) -> float:
    """The number of the first page, as lines at the edges count them; not a number where they don't."""
    counts = Counter(
        first
        for number, edge in enumerate(edges)
        for first in {counted - number for line in edge for counted in _numbers_at_ends(line)}
    )
    first, count = max(counts.items(), key=itemgetter(1), default=(0, 0))
    return first if count >= needed else math.nan


def _numbers_at_ends(line: Line) -> set[int]:
    """The whole numbers that a short line begins and ends with."""
    return set(map(int, _NUMBER_AT_END.findall(line.text))) if len(line.text) <= _MAX_HEADING_CHARS else set()


def _edge_lines(page: list[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: line.y)
    return [*by_height[:2], *by_height[2:][-2:]]


def _signature(line: Line) -> tuple[str, float]:
    return _DIGITS.sub("#", line.text.casefold()), _rounded(line.size)


def _print(pages: list[list[Line]], bookmarks: Sequence[Bookmark]) -> _Print:
    lines = [line for page in pages for line in page]
    sizes = Counter[float]()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = {_rounded(line.size) for line in lines if line.size > body * _LARGER and _may_be_heading(line)}
    return _Print(
        leading=_leading(pages, body),
        heading_sizes=sorted(larger, reverse=True),
        words=frozenset(word.casefold() for line in lines for word in _WORD.findall(line.text)),
        shows_code=2 * sum(len(line.text) for line in lines if line.is_code) < sizes.total(),
        bookmarks={(bookmark.page, _normal(bookmark.title)): bookmark.level for bookmark in bookmarks},
    )


def _leading(pages: list[list[Line]], body: float) -> float:
    gaps = [above.y - below.y for page in pages for above, below in pairwise(page) if _rounded(below.size) == body]
    gaps = [gap for gap in gaps if 0.5 * body < gap < 3 * body]
    return median(gaps) if gaps else 1.2 * body


def _may_be_heading(line: Line) -> bool:
    letters = sum(map(str.isalpha, line.text))
    return letters > 1 and len(line.text) <= _MAX_HEADING_CHARS and not line.text.endswith((".", ",", ";"))


def _level(page: int, line: Line, style: _Print) -> int:
    """1 to 6 for a heading, 0 for the rest. Bookmarks know best; then the larger the letters, the higher."""
    marked = style.bookmarks.get((page, _normal(line.text)))
    if marked is not None:
        return min(marked, 6)
    size = _rounded(line.size)
    if size in style.heading_sizes and _may_be_heading(line):
        return min(style.heading_sizes.index(size) + 1, 6)
    return 0


def _blocks(page: int, lines: list[Line], style: _Print) -> list[_Block]:
    longest = max((_width(line.text) for line in lines), default=0)
    blocks: list[_Block] = []
    code = _find_code(page, lines, style)
    tables = {found.start: found for found in find_tables(lines) if found.start not in code}
    done = 0
    for number, line in enumerate(lines):
        if number < done:
            continue
        if stop := code.get(number):
            done = stop
            blocks.append(_Block(lines=tuple(lines[number:stop]), level=0, is_code=True))
            continue
        if found := tables.get(number):
            done = found.stop
            blocks.append(_Block(lines=tuple(lines[number:done]), level=0, rows=found.rows))
            continue
        level = _level(page, line, style)
        if blocks and _continues(blocks[-1], line, level, style, longest):
            blocks[-1] = _Block(lines=(*blocks[-1].lines, line), level=blocks[-1].level)
        else:
            blocks.append(_Block(lines=(line,), level=level))
    return blocks


def _with_heads(pages: list[list[_Block]]) -> Iterator[list[_Block]]:
    """The pages, with its head above the rest of a table that goes on from the page before."""
    yield from pages[:1]
    head: tuple[str, ...] = ()
    for above, below in pairwise(pages):
        last, first = above[-1:], below[:1]
        if last and first and _goes_on_in(last[0], first[0]):
            head = head or last[0].rows[0]
            yield [replace(first[0], rows=(head, *first[0].rows)), *below[1:]] if first[0].rows[0] != head else below
            head = head if len(below) == 1 else ()
        else:
            head = ()
            yield below


def _goes_on_in(table: _Block, further: _Block) -> bool:
    is_as_wide = bool(table.rows) and bool(further.rows) and len(table.rows[0]) == len(further.rows[0])
    return is_as_wide and abs(table.lines[0].x - further.lines[0].x) <= SAME_PLACE


def _find_code(page: int, lines: list[Line], style: _Print) -> dict[int, int]:
    """Where blocks of code begin and end: lines of nothing else, one below the other, or one that stands apart.

    A line of code in the middle of a paragraph is a long name that begins a new line.
    """
    code: dict[int, int] = {}
    start = 0
    while start < len(lines):
        stop = start
        while stop < len(lines) and _is_code(page, lines[stop], style) and (stop == start or _goes_on(lines, stop)):
            stop += 1
        if stop - start > 1 or (stop > start and _stands_apart(lines, start, style)):
            code[start] = stop
        start = max(stop, start + 1)
    return code


def _is_code(page: int, line: Line, style: _Print) -> bool:
    return style.shows_code and line.is_code and not _level(page, line, style)


def _goes_on(lines: list[Line], number: int) -> bool:
    return 0 < lines[number - 1].y - lines[number].y < 3 * lines[number].size


def _stands_apart(lines: list[Line], number: int, style: _Print) -> bool:
    around = pairwise(lines[max(0, number - 1) : number + 2])
    return all(not 0 < above.y - below.y <= _CLOSE * style.leading for above, below in around)


def _continues(block: _Block, line: Line, level: int, style: _Print, longest: int) -> bool:
    """Whether the line goes on with the block before it."""
    if block.rows or block.is_code:
        return False
    previous = block.lines[-1]
    gap = previous.y - line.y
    if level or block.level:
        return level == block.level and _rounded(line.size) == _rounded(previous.size) and 0 <= gap < 1.6 * line.size
    if _marker(line):
        return False
    if line.text[0].islower() and not previous.text.endswith((".", "!", "?", ":")):
        return gap < 3 * style.leading  # also at the top of the next column
    is_close = -0.5 * style.leading <= gap <= _CLOSE * style.leading
    return is_close and (not block.is_entry or _width(previous.text) >= _FULL * longest)


def _markdown(blocks: list[_Block], style: _Print) -> str:
    longest = max((_width(line.text) for block in blocks for line in block.lines), default=0)
    indents: list[float] = []
    parts: list[str] = []
    for block in blocks:
        after_entry = bool(indents)
        if block.rows or block.is_code:
            indents = []
            parts += ["\n\n", _linked(_table(block, style), block) if block.rows else _code(block)]
        elif block.is_entry:
            indents = [indent for indent in indents if indent < block.lines[0].x - 3]
            parts += ["\n" if after_entry else "\n\n", _linked(_entry(block, len(indents), style, longest), block)]
            indents = [*indents, block.lines[0].x]
        else:
            indents = []
            heading = f"{'#' * block.level} {escape(_heading(block, style))}"
            text = _linked("\n".join(map(escape_line, _text(block, style, longest))), block)
            parts += ["\n\n", heading if block.level else text]
    return "".join(parts[1:])


def _linked(markdown: str, block: _Block) -> str:
    """The words that lead somewhere as links; those over the end of a line as one."""
    reach = _REACH + sum(len("| --- ") for _ in block.rows[0]) if block.rows else _REACH
    before, rest, missed = "", markdown, 0
    for cell in (cell for line in block.lines for cell in line.cells):
        label = escape(cell.text)
        found = re.compile(rf"(?<!\w){re.escape(label)}(?!\w)").search(rest, 0, len(label) + reach + missed)
        if found is None:
            missed += len(label)
            continue
        before += rest[: found.start()] + (link(label, cell.address) if cell.address else label)
        rest, missed = rest[found.end() :], 0
    return _LINK_GOES_ON.sub(r"\g<space>", before + rest)


def _table(block: _Block, style: _Print) -> str:
    head, *rows = [[escape(_cell(cell.split("\n"), style)) for cell in row] for row in block.rows]
    return table(head, rows)


def _cell(lines: list[str], style: _Print) -> str:
    return reduce(lambda text, line: _joined(text, line, style), lines)


def _code(block: _Block) -> str:
    """The lines with their indents, and a blank one where they are further apart."""
    left = min(line.x for line in block.lines)
    written: list[str] = []
    for above, line in pairwise([block.lines[0], *block.lines]):
        written += [""] * (above.y - line.y > _BLANK * line.size)
        written.append(" " * round((line.x - left) / (_LETTER * line.size)) + line.text)
    return fence("\n".join(written))


def _entry(block: _Block, depth: int, style: _Print, longest: int) -> str:
    """A list entry; four spaces a level suit entries under dashes and under numbers alike."""
    marker = _marker(block.lines[0])
    number = _NUMBER.match(block.lines[0].text)
    first, *others = _text(block, style, longest)
    sign = f"{number.group(1)}." if number else "-"
    return "    " * depth + f"{sign} {escape_line(' '.join([first[len(marker) :], *others]))}"


def _heading(block: _Block, style: _Print) -> str:
    return " ".join(_text(block, style, 0))


def _text(block: _Block, style: _Print, longest: int) -> list[str]:
    """The block's lines, joined where they were broken for want of space."""
    joined = [block.lines[0].text]
    for previous, line in pairwise(block.lines):
        is_parted = _find_hyphen(joined[-1]) is not None and line.text[0].islower()
        if is_parted or _width(previous.text) >= (_LONG if line.text[0].islower() else _FULL) * longest:
            joined[-1] = _joined(joined[-1], line.text, style)
        else:
            joined.append(line.text)
    return joined


def _joined(text: str, line: str, style: _Print) -> str:
    """A text and the line that it goes on with."""
    hyphen = _find_hyphen(text)
    if hyphen and line[0].islower():
        return _rejoin(text, hyphen.group(1), line, style.words)
    return f"{text}{_between(text[-1], line[0])}{line}"


def _find_hyphen(text: str) -> re.Match[str] | None:
    """At the end of a text, which may have grown long."""
    return _HYPHEN_AT_END.search(text, max(len(text) - _LONGEST_WORD, 0))


def _rejoin(text: str, start: str, following: str, words: frozenset[str]) -> str:
    """A word that a line break parted; it keeps the hyphen where the document writes it with one elsewhere."""
    found = _WORD.match(following)
    rest = found.group() if found else ""
    whole, hyphened = f"{start}{rest}".casefold(), f"{start}-{rest}".casefold()
    keeps = whole not in words and (hyphened in words or start.casefold() in _KEEPS_ITS_HYPHEN)
    is_soft = text.endswith("\u00ad")
    return f"{text[:-1]}{'-' if keeps and not is_soft else ''}{following}"


def _width(text: str) -> int:
    """In letters; the signs of Chinese, Japanese and Korean take two."""
    return len(text) + sum(map(_is_wide, text))


def _between(last: str, first: str) -> str:
    """Chinese and Japanese have no spaces between words; Korean has."""
    has_no_spaces = all(_is_wide(letter) and "HANGUL" not in unicodedata.name(letter, "") for letter in (last, first))
    return "" if has_no_spaces else " "


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in {"W", "F"}


def _marker(line: Line) -> str:
    found = _BULLET.match(line.text) or _NUMBER.match(line.text)
    return found.group() if found else ""


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _rounded(size: float) -> float:
    """To half points: the same size comes out a little different after scaling."""
    return round(size * 2) / 2
