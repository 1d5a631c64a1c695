"""Three ways to cut a body into chunks: by its structure, by paragraphs, by windows of words."""

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from knowledge.chunks.packing import Run, lead, pack, tokens_of
from knowledge.chunks.pieces import BLOCK_END, Measure, cut_block, cut_words, render
from knowledge.chunks.sections import Block, Heading, Kind, Section, read_blocks, read_sections


@dataclass(frozen=True, kw_only=True)
class Limits:
    """In tokens, as `measure` counts them."""

    max_tokens: int
    overlap_tokens: int
    min_tokens: int
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A chunk before it has a position and a digest."""

    headings: tuple[Heading, ...]
    context: str
    """What of the headings is embedded above the text."""
    text: str
    start: int
    """Character offset in the body of the first text that is not repeated from the chunk before."""

    @property
    def embedded_text(self) -> str:
        return f"{self.context}\n\n{self.text}" if self.context else self.text


Strategy = Callable[[str, str, Limits], Iterator[Draft]]
"""The drafts of a body, given its title and the limits."""


def by_structure(body: str, title: str, limits: Limits) -> Iterator[Draft]:
    """Section by section, under their headings; small neighbours share a chunk."""
    for section in _small_ones_joined(read_sections(body, title=title), limits):
        yield from _drafts(section, limits)


def by_paragraph(body: str, _title: str, limits: Limits) -> Iterator[Draft]:
    """Paragraphs packed to the limit, headings among them, nothing above them."""
    blocks = [_as_text(element) if isinstance(element, Heading) else element for element in read_blocks(body)]
    yield from _drafts(Section(headings=(), blocks=tuple(blocks)), limits)


def by_window(body: str, _title: str, limits: Limits) -> Iterator[Draft]:
    """As many words as fit, and again as many from `overlap_tokens` before the end."""
    block = Block(kind=Kind.PROSE, text=body, start=0)
    words = cut_words(block, measure=limits.measure, budget=limits.max_tokens)
    filled = [0, *accumulate(word.tokens for word in words)]
    start, end = 0, 0
    while end < len(words):
        end = bisect_right(filled, filled[start] + limits.max_tokens) - 1
        yield Draft(headings=(), context="", text=render(words[start:end]), start=words[start].start)
        start = max(start + 1, bisect_left(filled, filled[end] - limits.overlap_tokens))


STRATEGIES: dict[str, Strategy] = {"structure": by_structure, "paragraph": by_paragraph, "fixed": by_window}


def _small_ones_joined(sections: Sequence[Section], limits: Limits) -> Iterator[Section]:
    """Sections in order; small neighbours share a chunk where they fit it."""
    joined: _Joined | None = None
    for section in sections:
        own = _Joined(section=section, last=section.headings, tokens=_tokens(section.blocks, limits))
        both = joined.with_next(own, limits) if joined and _take_in(joined, own, limits) else None
        if joined and not both:
            yield joined.section
        joined = both or own
    if joined:
        yield joined.section


def _take_in(joined: "_Joined", following: "_Joined", limits: Limits) -> bool:
    """Whether what is joined so far still takes in the next section.

    It does while it is under `min_tokens`; up to thrice that, a small section decides by the checksum of its heading.
    That is as good as a lot, and falls the same way next time: without it a question added at the top of a long list
    of questions and answers would pair all those below it anew.
    """
    if joined.tokens < limits.min_tokens:
        return True
    heading = following.last[-1].title if following.last else ""
    are_small = following.tokens < limits.min_tokens and joined.tokens < 3 * limits.min_tokens
    return are_small and zlib.crc32(heading.encode()) % 2 == 1


@dataclass(frozen=True, kw_only=True)
class _Joined:
    """One section, or neighbours as one: headings that do not stand above all are in the text."""

    section: Section
    last: tuple[Heading, ...]
    """The headings above the last of the neighbours."""
    tokens: int

    def with_next(self, following: "_Joined", limits: Limits) -> "_Joined | None":
        """With the following sibling or child; None when the next section is further away or too long."""
        shared = len(_shared(self.last, following.last))
        above, inside = self.section.headings[:shared], self.section.headings[shared:]
        if len(inside) > 1:
            return None
        first = _headings_as_text(inside, self.section)
        then = _headings_as_text(following.last[shared:], following.section)
        tokens = self.tokens + following.tokens + _tokens([*first, *then], limits)
        if tokens + limits.measure(_context(above, limits)) > limits.max_tokens:
            return None
        blocks = (*first, *self.section.blocks, *then, *following.section.blocks)
        return _Joined(section=Section(headings=above, blocks=blocks), last=following.last, tokens=tokens)


def _shared(one: Sequence[Heading], other: Sequence[Heading]) -> list[Heading]:
    """What two paths have in common from the outermost heading on."""
    shared: list[Heading] = []
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared.append(left)
    return shared


def _headings_as_text(headings: Sequence[Heading], section: Section) -> list[Block]:
    """But not the one that is among the section's blocks already."""
    return [_as_text(heading) for heading in headings if heading.start != section.blocks[0].start]


def _as_text(heading: Heading) -> Block:
    return Block(kind=Kind.PROSE, text=heading.source, start=heading.start)


def _tokens(blocks: Sequence[Block], limits: Limits) -> int:
    return sum(limits.measure(block.text) for block in blocks)


def _drafts(section: Section, limits: Limits) -> Iterator[Draft]:
    context = _context(section.headings, limits)
    room = limits.max_tokens - limits.measure(context)
    blocks = (cut_block(block, measure=limits.measure, budget=room) for block in section.blocks)
    pieces = [piece for block in blocks for piece in block]
    previous: Run = ()
    for run in pack(pieces, room=room, spare=limits.overlap_tokens):
        overlap = lead(previous, measure=limits.measure, budget=min(limits.overlap_tokens, room - tokens_of(run)))
        yield from _within_limits(run, overlap, section.headings, context, limits)
        previous = run


def _within_limits(
    run: Run, overlap: str, headings: tuple[Heading, ...], context: str, limits: Limits
) -> Iterator[Draft]:
    """A run as one draft. Where the tokens of the whole are more than those of its parts, as two or more."""
    text = overlap + (BLOCK_END if run[0].begins_block else " ") + render(run) if overlap else render(run)
    draft = Draft(headings=headings, context=context, text=text, start=run[0].start)
    if len(run) == 1 or limits.measure(draft.embedded_text) <= limits.max_tokens:
        yield draft
        return
    for half in (run[: len(run) // 2], run[len(run) // 2 :]):
        yield from _within_limits(half, "", headings, context, limits)


def _context(headings: Sequence[Heading], limits: Limits) -> str:
    """The headings above, or the innermost of them, in at most a third of a chunk."""
    titles = [heading.title for heading in headings]
    for first in range(len(titles)):
        context = " > ".join(titles[first:])
        if limits.measure(context) <= limits.max_tokens // 3:
            return context
    words = titles[-1].split() if titles else []
    while limits.measure(" ".join(words)) > limits.max_tokens // 3:
        words = words[: len(words) // 2]
    return " ".join(words)
