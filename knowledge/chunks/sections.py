"""Markdown as sections: the blocks under each heading, with the headings above them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_HEADING_CHARACTERS = 200
"""A longer heading is a paragraph that was formatted as one."""


class Kind(Enum):
    PROSE = "prose"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, kw_only=True)
class Heading:
    level: int
    title: str
    """Plain text, without markup."""
    source: str
    """The Markdown it was written as."""
    start: int
    """Character offset in the body; tells apart two headings of one title."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph, list, table or piece of code, as written, without the blank lines around it."""

    kind: Kind
    text: str
    start: int
    """Character offset in the body."""
    item_starts: tuple[int, ...] = ()
    """Of a list: where each outermost element begins, as an offset in `text`."""
    first_number: int | None = None
    """Of a numbered list."""
    fence: str = ""
    """Of fenced code: the marker it opens with."""


@dataclass(frozen=True, kw_only=True)
class Section:
    headings: tuple[Heading, ...]
    """The headings above, outermost first, its own the last; without the title."""
    blocks: tuple[Block, ...]


def plain_lines(markdown: str) -> str:
    r"""The body with `\n` line ends and no NUL or lone surrogate, every character where it was."""
    body = markdown.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "\ufffd")
    return body.encode("utf-8", "replace").decode("utf-8")


def read_sections(body: str, *, title: str) -> list[Section]:
    """The sections that hold text, in order. A first-level heading equal to the title is taken for the title.

    A heading with nothing beneath it is text of the section around it. Thematic breaks are dropped.
    """
    sections: list[Section] = []
    headings: list[Heading] = []
    blocks: list[Block] = []
    for element in read_blocks(body):
        if isinstance(element, Block):
            blocks.append(element)
            continue
        sections.extend(_closed(headings, blocks, next_level=element.level))
        headings = [above for above in headings if above.level < element.level]
        if not _is_title(element, title):
            headings.append(element)
        blocks = _linked(element)
    sections.extend(_closed(headings, blocks, next_level=0))
    return sections


def read_blocks(body: str) -> Iterator[Heading | Block]:
    """Headings and blocks in order; together their lines are all lines of the body but blank and `---` ones."""
    lines = _Lines.of(body)
    done = 0
    for outermost in _outermost(body):
        first, last = outermost.lines
        yield from lines.prose(done, first)
        done = last
        if outermost.token.type != "hr":
            yield _heading(outermost, lines) or _block(outermost, lines)
    yield from lines.prose(done, len(lines.starts) - 1)


@dataclass(frozen=True, kw_only=True)
class _Outermost:
    """A token that no other encloses, with those it encloses."""

    token: Token
    inner: list[Token] = field(default_factory=list[Token])

    @property
    def lines(self) -> tuple[int, int]:
        first, last = self.token.map or (0, 0)
        return first, last


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """The body by line numbers, counted from 0."""

    body: str
    starts: Sequence[int]
    """Offset of each line, and one more than the length at the end."""

    @classmethod
    def of(cls, body: str) -> "_Lines":
        starts = [0]
        for line in body.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return cls(body=body, starts=starts)

    def text(self, first: int, last: int) -> str:
        return self.body[self.starts[first] : self.starts[last]].rstrip()

    def prose(self, first: int, last: int) -> Iterator[Block]:
        """What no token covers, such as link reference definitions, as a paragraph."""
        if first < last and (text := self.text(first, last)).strip():
            yield Block(kind=Kind.PROSE, text=text, start=self.starts[first])


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _outermost(body: str) -> Iterator[_Outermost]:
    tokens: list[Token] = []
    parser = _parser()
    parser.block.parse(body, parser, {}, tokens)
    current: _Outermost | None = None
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            if current:
                yield current
            current = _Outermost(token=token)
        elif current:
            current.inner.append(token)
    if current:
        yield current


def _heading(outermost: _Outermost, lines: _Lines) -> Heading | None:
    if outermost.token.type != "heading_open":
        return None
    source = outermost.inner[0].content
    title = _plain(source) if len(source) <= MAX_HEADING_CHARACTERS else ""
    first, last = outermost.lines
    level = int(outermost.token.tag.removeprefix("h"))
    return (
        Heading(level=level, title=title, source=lines.text(first, last), start=lines.starts[first]) if title else None
    )


def _block(outermost: _Outermost, lines: _Lines) -> Block:
    first, last = outermost.lines
    start, text = lines.starts[first], lines.text(first, last)
    match outermost.token.type:
        case "bullet_list_open" | "ordered_list_open":
            items = [token for token in outermost.inner if token.type == "list_item_open" and token.level == 1]
            starts = tuple(lines.starts[item.map[0]] - start for item in items if item.map)
            number = int(items[0].info) if items and items[0].info else None
            return Block(kind=Kind.LIST, text=text, start=start, item_starts=starts, first_number=number)
        case "table_open":
            return Block(kind=Kind.TABLE, text=text, start=start)
        case "fence":
            return Block(kind=Kind.CODE, text=text, start=start, fence=outermost.token.markup)
        case "code_block":
            return Block(kind=Kind.CODE, text=text, start=start)
        case _:
            return Block(kind=Kind.PROSE, text=text, start=start)


def _plain(inline: str) -> str:
    """Inline Markdown without its markup, on one line."""
    if not _INLINE_MARKUP.search(inline):
        return " ".join(inline.split())
    return " ".join("".join(_contents(_parser().parseInline(inline))).split())


_INLINE_MARKUP = re.compile(r"[\\`*_\[\]<>&]")


def _contents(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _contents(token.children)
        elif token.type in {"text", "code_inline", "html_inline"}:
            yield token.content
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "


def _linked(heading: Heading) -> list[Block]:
    """A heading that links somewhere else than into its own page, once more as text, since its address is knowledge."""
    links_away = "](" in heading.source.replace("](#", "") or "://" in heading.source
    return [Block(kind=Kind.PROSE, text=heading.source, start=heading.start)] if links_away else []


def _is_title(heading: Heading, title: str) -> bool:
    return heading.level == 1 and heading.title.casefold() == " ".join(title.split()).casefold()


def _closed(headings: Sequence[Heading], blocks: Sequence[Block], *, next_level: int) -> Iterator[Section]:
    """The section that ends where a heading of the next level begins; 0 is the end of the body."""
    if blocks:
        yield Section(headings=tuple(headings), blocks=tuple(blocks))
    elif headings and headings[-1].level >= next_level:
        *above, own = headings
        yield Section(headings=tuple(above), blocks=(Block(kind=Kind.PROSE, text=own.source, start=own.start),))
