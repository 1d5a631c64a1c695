"""Markdown as Slack's `rich_text` blocks.

Why `rich_text`, and neither a `markdown` block nor `mrkdwn`: it carries text as data. Slack looks for no mention, link,
image or emphasis in it, so there is nothing to escape and nothing that a model or a document could make live; a link
exists only where this module is handed its address. Slack itself prefers it to `mrkdwn`
(docs.slack.dev/reference/block-kit/blocks/rich-text-block).
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, groupby
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from helpdesk_bot.chat.partition import partition
from knowledge.letters import storable

Block: TypeAlias = dict[str, object]

MAX_PIECE_BYTES = 2_900
"""As JSON. So a piece stays below what Slack takes in one section, 3,000 characters, in any script."""

_MAX_BLOCK_BYTES = 4_000
_MAX_INDENT = 8
_WORD = re.compile(r"""[^\s()\[\]<>"']+""")
_MARKER = re.compile(r"\[(\d{1,3})\]")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).enable(["table", "strikethrough"])
# Reference definitions would let `[1]: https://...` turn our own markers into links (EchoLeak, CVE-2025-32711).
_MARKDOWN.disable("reference")


class Kind(StrEnum):
    PARAGRAPH = "rich_text_section"
    QUOTE = "rich_text_quote"
    CODE = "rich_text_preformatted"
    ENTRY = "rich_text_list"


@dataclass(frozen=True, kw_only=True)
class Run:
    """Text in one style: any of bold, italic, strike, code.

    With a `url` it is a link, with a `person_id` a mention; reading Markdown makes neither by itself.
    """

    text: str
    styles: frozenset[str] = frozenset()
    url: str | None = None
    person_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A paragraph, a quote, a listing or one entry of a list: what is shown without a gap."""

    kind: Kind
    runs: tuple[Run, ...]
    indent: int = 0
    number: int | None = None
    """Of an entry in a numbered list, from 1."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def read_markdown(markdown: str, *, links: Mapping[int, str] | None = None) -> list[list[Piece]]:
    """The pieces of each part of a Markdown text, a part being a paragraph, a whole list, a table and so on.

    `links` gives the address for each `[n]` that becomes a link. Every other address is shown as code where it is
    bare, and dropped where it is behind a label: it is never a link.
    """
    root = SyntaxTreeNode(_MARKDOWN.parse(storable(markdown)))
    reader = _Reader(links=links or {})
    parts = ([piece for piece in reader.read(child) if piece.text.strip()] for child in root.children)
    return [part for part in parts if part]


def group(parts: Iterable[Iterable[Piece]]) -> Iterator[list[Piece]]:
    """The pieces of one block each: a part, or as much of it as a block should hold. No text is lost or added."""
    for part in parts:
        fitting: list[Piece] = []
        room = _MAX_BLOCK_BYTES
        for piece in chain.from_iterable(map(split, part)):
            size = block_size([piece])
            if fitting and size > room:
                yield fitting
                fitting, room = [], _MAX_BLOCK_BYTES
            fitting.append(piece)
            room -= size
        if fitting:
            yield fitting


def split(piece: Piece) -> Iterator[Piece]:
    """The piece in parts within `MAX_PIECE_BYTES`, cut at line ends or spaces where there are any."""
    rest = piece
    while (cut := _find_cut(rest)) is not None:
        head, tail = _cut(rest.runs, cut)
        yield replace(rest, runs=head)
        rest = replace(rest, runs=tail, kind=Kind.PARAGRAPH if rest.kind is Kind.ENTRY else rest.kind)
    yield rest


def block_size(pieces: Iterable[Piece]) -> int:
    """Bytes of the block as JSON."""
    return json_size(to_block(pieces))


def to_block(pieces: Iterable[Piece]) -> Block:
    neighbours = groupby(pieces, key=lambda piece: (piece.kind, piece.indent, piece.number is None))
    return {"type": "rich_text", "elements": [element for _, same in neighbours for element in _to_elements([*same])]}


class _Reader:
    """Walks the tree of a Markdown text and yields its pieces in order."""

    def __init__(self, *, links: Mapping[int, str]) -> None:
        self._links = links

    def read(self, node: SyntaxTreeNode, *, is_quoted: bool = False, indent: int = 0) -> Iterator[Piece]:
        flow = Kind.QUOTE if is_quoted else Kind.PARAGRAPH
        match node.type:
            case "paragraph":
                yield Piece(kind=flow, runs=self._inline(node))
            case "heading":
                yield Piece(kind=flow, runs=self._inline(node, styles=frozenset({"bold"})))
            case "fence" | "code_block":
                yield Piece(kind=Kind.CODE, runs=(Run(text=node.content.rstrip("\n")),))
            case "table":
                yield Piece(kind=Kind.CODE, runs=(Run(text=self._align(node)),))
            case "bullet_list" | "ordered_list":
                yield from self._read_list(node, is_quoted=is_quoted, indent=indent)
            case _:
                for child in node.children:
                    yield from self.read(child, is_quoted=is_quoted or node.type == "blockquote", indent=indent)

    def _read_list(self, node: SyntaxTreeNode, *, is_quoted: bool, indent: int) -> Iterator[Piece]:
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for position, entry in enumerate(node.children):
            number = None if first is None else first + position
            lead, rest = _split_lead(entry.children)
            if lead is not None:
                yield Piece(kind=Kind.ENTRY, runs=self._inline(lead), indent=min(indent, _MAX_INDENT), number=number)
            for child in rest:
                yield from self.read(child, is_quoted=is_quoted, indent=indent + 1)

    def _align(self, table: SyntaxTreeNode) -> str:
        """The table as text in columns."""
        rows = [["".join(run.text for run in self._inline(cell)) for cell in row.children] for row in _rows(table)]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    def _inline(self, node: SyntaxTreeNode, *, styles: frozenset[str] = frozenset()) -> tuple[Run, ...]:
        return _join(run for child in node.children for run in self._runs(child, styles))

    def _runs(self, node: SyntaxTreeNode, styles: frozenset[str]) -> Iterator[Run]:
        match node.type:
            case "text":
                yield from self._plain(node.content, styles)
            case "code_inline":
                yield Run(text=node.content, styles=styles | {"code"})
            case "softbreak" | "hardbreak":
                yield Run(text="\n", styles=styles)
            case _:
                style = {"strong": {"bold"}, "em": {"italic"}, "s": {"strike"}}.get(node.type, set[str]())
                for child in node.children:
                    yield from self._runs(child, styles | style)

    def _plain(self, text: str, styles: frozenset[str]) -> Iterator[Run]:
        """Markers become links, addresses become code, which no client turns into a link of its own."""
        for part, is_marker in partition(_MARKER, text):
            if is_marker:
                yield Run(text=part, styles=styles, url=self._links.get(int(part[1:-1])))
                continue
            for words, is_word in partition(_WORD, part):
                yield Run(text=words, styles=styles | {"code"} if is_word and _is_address(words) else styles)


def _is_address(word: str) -> bool:
    host, slash, _ = word.partition("/")
    return "://" in word or word.casefold().startswith(("www.", "mailto:")) or (bool(slash) and "." in host)


def _rows(table: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [row for section in table.children for row in section.children]


def _split_lead(children: Sequence[SyntaxTreeNode]) -> tuple[SyntaxTreeNode | None, Sequence[SyntaxTreeNode]]:
    if children and children[0].type == "paragraph":
        return children[0], children[1:]
    return None, children


def _join(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Without empty runs, and with equal neighbours as one."""
    neighbours = groupby((run for run in runs if run.text), key=lambda run: replace(run, text=""))
    return tuple(replace(like, text="".join(run.text for run in same)) for like, same in neighbours)


def json_size(value: object) -> int:
    """Bytes as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def _find_cut(piece: Piece) -> int | None:
    """Where to cut a piece that is too long, in characters: in its fuller half after a line end, or after a space."""
    full = _count_fitting(piece)
    text = piece.text
    if full == len(text):
        return None
    cuts = (text.rfind("\n", 0, full) + 1, text.rfind(" ", 0, full) + 1, full)
    return max(1, next(cut for cut in cuts if cut >= full // 2))


def _count_fitting(piece: Piece) -> int:
    """How many characters of the piece fit."""
    count, room = 0, MAX_PIECE_BYTES - block_size([replace(piece, runs=())])
    for run in piece.runs:
        room -= json_size(_to_text(replace(run, text=""))) - len('""') + len(", ")
        lengths = range(1, min(len(run.text), MAX_PIECE_BYTES) + 1)
        fits = bisect_right(lengths, room, key=lambda length, run=run: json_size(run.text[:length]))
        count += fits
        room -= json_size(run.text[:fits])
        if fits < len(run.text):
            break
    return count


def _cut(runs: tuple[Run, ...], at: int) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """The runs before and after this many characters."""
    for index, run in enumerate(runs):
        if at < len(run.text):
            head, tail = replace(run, text=run.text[:at]), replace(run, text=run.text[at:])
            return (*runs[:index], *([head] if at else [])), (tail, *runs[index + 1 :])
        at -= len(run.text)
    return runs, ()


def _to_elements(pieces: list[Piece]) -> list[Block]:
    """Pieces of one kind; neighbouring entries make one list."""
    if pieces[0].kind is not Kind.ENTRY:
        return [{"type": piece.kind.value, "elements": [_to_text(run) for run in piece.runs]} for piece in pieces]
    entries = [{"type": Kind.PARAGRAPH.value, "elements": [_to_text(run) for run in piece.runs]} for piece in pieces]
    first = pieces[0].number
    numbering: Block = {"style": "bullet"} if first is None else {"style": "ordered", "offset": max(first - 1, 0)}
    return [{"type": Kind.ENTRY.value, "elements": entries, "indent": pieces[0].indent, **numbering}]


def _to_text(run: Run) -> Block:
    style: Block = {"style": dict.fromkeys(sorted(run.styles), True)} if run.styles else {}
    if run.person_id is not None:
        return {"type": "user", "user_id": run.person_id, **style}
    if run.url is not None:
        return {"type": "link", "url": run.url, "text": run.text, **style}
    return {"type": "text", "text": run.text, **style}
