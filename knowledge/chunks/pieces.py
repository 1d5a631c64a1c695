"""Blocks as pieces small enough to pack: a block that fits stays whole, another falls apart along its own joints."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from knowledge.chunks.sections import Block, Kind

Measure = Callable[[str], int]
"""Tokens of a text, or what stands for them where tokens say little of its length."""

Cut = Callable[[str], list[str]]
"""A text as parts that make it up again when put together."""

BLOCK_END = "\n\n"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around the parts of one block in every chunk that holds some: a table's header, a code's fence."""

    opening: str
    closing: str
    tokens: int
    start: int
    """Where the block begins: tells apart two frames of the same words."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Text that is not cut again, with the white space behind it."""

    text: str
    start: int
    """Character offset in the body."""
    tokens: int
    kind: Kind
    begins_block: bool
    frame: Frame | None = None


def cut_block(block: Block, *, measure: Measure, budget: int) -> list[Piece]:
    """The block's pieces, each of `budget` tokens at most with its frame."""
    tokens = measure(block.text)
    if tokens <= budget:
        text = block.text + BLOCK_END
        return [Piece(text=text, start=block.start, tokens=tokens, kind=block.kind, begins_block=True)]
    match block.kind:
        case Kind.TABLE:
            return _cut_table(block, measure=measure, budget=budget)
        case Kind.CODE:
            return _cut_framed(block, _code_frame(block, measure), measure=measure, budget=budget)
        case Kind.LIST:
            cuts = (partial(_items, block), _joints, _sentences_or_lines, _lines, _words)
        case Kind.PROSE:
            cuts = (sentences, _lines, _words)
    parts = _fall_apart(block.text + BLOCK_END, cuts, measure=measure, budget=budget)
    return list(_placed(parts, block=block, measure=measure))


def cut_words(block: Block, *, measure: Measure, budget: int) -> list[Piece]:
    """The block as single words, of which one over the budget falls into characters."""
    words = _words(block.text)
    parts = (part for word in words for part in _fall_apart(word, (), measure=measure, budget=budget))
    return list(_placed(parts, block=block, measure=measure))


def sentences(text: str) -> list[str]:
    """The text cut behind each sentence; a full stop before a small letter ends none."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends) if start < end]


def render(pieces: Sequence[Piece]) -> str:
    """Pieces that follow each other as Markdown, each frame opened and closed around its own."""
    written: list[str] = []
    frame: Frame | None = None
    for piece in pieces:
        if piece.frame != frame:
            written += [_closing(frame), piece.frame.opening if piece.frame else ""]
            frame = piece.frame
        written.append(piece.text)
    return "".join([*written, _closing(frame)]).strip("\n").rstrip()


def _closing(frame: Frame | None) -> str:
    return frame.closing + BLOCK_END if frame else ""


def _cut_framed(block: Block, frame: Frame, *, measure: Measure, budget: int) -> list[Piece]:
    """The lines between a block's opening and closing, each with the frame. A frame over half the budget is text."""
    if frame.tokens > budget // 2:
        parts = _fall_apart(block.text + BLOCK_END, (_lines, _words), measure=measure, budget=budget)
        return list(_placed(parts, block=block, measure=measure))
    body = block.text[len(frame.opening) :].removesuffix(frame.closing).rstrip("\n") + "\n"
    parts = _fall_apart(body, (_lines, _words), measure=measure, budget=budget - frame.tokens)
    return list(_placed(parts, block=block, measure=measure, frame=frame))


def _cut_table(block: Block, *, measure: Measure, budget: int) -> list[Piece]:
    """The rows, each with the head. A row over the budget falls into several, in which each cell keeps its column."""
    frame = _table_frame(block, measure)
    room = budget - frame.tokens
    if frame.tokens > budget // 2 or not any(measure(row) > room for row in _lines(block.text)):
        return _cut_framed(block, frame, measure=measure, budget=budget)
    pieces: list[Piece] = []
    start = len(frame.opening)
    for row in _lines(block.text[start:] + "\n"):
        for text, offset in _row_parts(row, measure=measure, budget=room):
            place = block.start + start + offset
            begins = not pieces
            pieces.append(
                Piece(text=text, start=place, tokens=measure(text), kind=block.kind, begins_block=begins, frame=frame)
            )
        start += len(row)
    return pieces


def _row_parts(row: str, *, measure: Measure, budget: int) -> Iterator[tuple[str, int]]:
    """A row as rows that fit, each with the offset of its first text."""
    cells = _BAR.split(row.strip().removeprefix("|").removesuffix("|"))
    room = budget - measure(_row([""] * len(cells)))
    if measure(row) <= budget or room < budget // 2:
        yield from ((part, 0) for part in _fall_apart(row, (_words,), measure=measure, budget=budget))
        return
    filled = [""] * len(cells)
    first = start = 0
    for column, cell in enumerate(cells):
        for part in _fall_apart(cell.strip(), (sentences, _words), measure=measure, budget=room):
            longer = [*filled[:column], filled[column] + part, *filled[column + 1 :]]
            if any(filled) and measure(_row(longer)) > budget:
                yield _row(filled), first
                longer, first = ["" if at != column else part for at in range(len(cells))], start
            filled = longer
        start += len(cell) + 1
    yield _row(filled), first


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |\n"


def _table_frame(block: Block, measure: Measure) -> Frame:
    """The header row and the line under it."""
    opening = "".join(_lines(block.text)[:2])
    return Frame(opening=opening, closing="", tokens=measure(opening), start=block.start)


def _code_frame(block: Block, measure: Measure) -> Frame:
    """The fence with its language; none around indented code. A fence that was left open is closed."""
    opening = _lines(block.text)[0] if block.fence else ""
    return Frame(opening=opening, closing=block.fence, tokens=measure(opening + block.fence), start=block.start)


def _fall_apart(text: str, cuts: Sequence[Cut], *, measure: Measure, budget: int) -> Iterator[str]:
    """The text whole where it fits, or else its parts by the first cut, and theirs by the next; at last characters."""
    if measure(text) <= budget:
        yield text
    elif cuts:
        for part in cuts[0](text):
            yield from _fall_apart(part, cuts[1:], measure=measure, budget=budget)
    else:
        yield from _characters(text, budget)


def _placed(parts: Iterable[str], *, block: Block, measure: Measure, frame: Frame | None = None) -> Iterator[Piece]:
    start = block.start + (len(frame.opening) if frame else 0)
    begins_block = True
    for part in parts:
        yield Piece(
            text=part, start=start, tokens=measure(part), kind=block.kind, begins_block=begins_block, frame=frame
        )
        start += len(part)
        begins_block = False


_SENTENCE_END = re.compile(
    "(?<=[.!?\N{HORIZONTAL ELLIPSIS}])"
    "[\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK})\\]]*+\\s++(?![a-z])"
    "|(?<=[\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}])"
)


_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_INNER_ITEM = re.compile(r"[ \t]+(?:[-*+]|\d{1,9}[.)])[ \t]")
_BAR = re.compile(r"(?<!\\)\|")


def _items(block: Block, text: str) -> list[str]:
    """A list's outermost elements, each with its own number where all were written as the first."""
    starts = [*block.item_starts, len(text)]
    items = [text[start:end] for start, end in pairwise(starts)]
    if block.first_number is None:
        return items
    return [_numbered(item, number) for number, item in enumerate(items, block.first_number)]


def _numbered(item: str, number: int) -> str:
    """A numbered element with its true number: Markdown counts `1. 1. 1.` by itself, but not over two chunks."""
    return re.sub(r"^(\s*)\d+", rf"\g<1>{number}", item, count=1)


def _joints(text: str) -> list[str]:
    """An element of a list before each element and each paragraph inside; what is fenced stays in one."""
    starts = [0]
    is_fenced = False
    for line in _LINE.finditer(text):
        is_fence = _FENCE.match(line.group()) is not None
        is_joint = not is_fenced and (
            is_fence or _INNER_ITEM.match(line.group()) or text.endswith("\n\n", 0, line.start())
        )
        if is_joint and line.group().strip() and line.start() > 0:
            starts.append(line.start())
        is_fenced = is_fenced != is_fence
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def _sentences_or_lines(text: str) -> list[str]:
    """Code has lines, and all else sentences, whose lines end anywhere."""
    return _lines(text) if _FENCE.search(text) else sentences(text)


def _lines(text: str) -> list[str]:
    return _LINE.findall(text)


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*|\s+", text)


def _characters(text: str, budget: int) -> list[str]:
    """Slices that are within the budget at up to four tokens a character, the most that bytes make of one."""
    step = max(1, budget // 4)
    return [text[start : start + step] for start in range(0, len(text), step)]
