"""Where a Markdown text is code, in time by its length: a pattern would look for each opening's end anew."""

import re
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"^[ ]{0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>[^\n]*)$", re.MULTILINE)
_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")

Span = tuple[int, int]
"""Where something begins, and where the text goes on behind it."""


def find_code(text: str) -> Iterator[Span]:
    """Fenced blocks that are closed, and spans inside one paragraph, in order, with the marks around them."""
    at = 0
    for start, end in (*_blocks(text), (len(text), len(text))):
        yield from _spans(text, at, start)
        if end > start:
            yield start, end
        at = end


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to what is not in a code span or a fenced block."""
    parts: list[str] = []
    at = 0
    for start, end in find_code(text):
        parts += [change(text[at:start]), text[start:end]]
        at = end
    return "".join([*parts, change(text[at:])])


def code_removed(text: str) -> str:
    """The text without its code spans and fenced blocks."""
    parts: list[str] = []
    at = 0
    for start, end in find_code(text):
        parts += [text[at:start], " "]
        at = end
    return "".join([*parts, text[at:]])


def code_in(text: str) -> list[str]:
    """What stands in code spans and fenced blocks, without the marks around it."""
    return [text[start:end].strip("`~ \n") for start, end in find_code(text)]


def _blocks(text: str) -> Iterator[Span]:
    """A block ends at the first fence of the same sign that is at least as long and has nothing behind it."""
    fences = list(_FENCE.finditer(text))
    longest = {"`": 0, "~": 0}
    reachable: list[int] = []
    for fence in reversed(fences):
        sign = fence["fence"][0]
        reachable.append(longest[sign])
        if not fence["info"].strip():
            longest[sign] = max(longest[sign], len(fence["fence"]))
    opening: re.Match[str] | None = None
    for fence, longest_end in zip(fences, reversed(reachable), strict=True):
        if opening is None:
            opening = fence if longest_end >= len(fence["fence"]) else None
        elif fence["fence"].startswith(opening["fence"]) and not fence["info"].strip():
            yield opening.start(), fence.end()
            opening = None


def _spans(text: str, start: int, end: int) -> Iterator[Span]:
    for paragraph_end in (*_PARAGRAPH_END.finditer(text, start, end), None):
        stop = end if paragraph_end is None else paragraph_end.start()
        yield from _spans_of_paragraph(text, list(_TICKS.finditer(text, start, stop)))
        start = stop


def _spans_of_paragraph(text: str, ticks: list[re.Match[str]]) -> Iterator[Span]:
    """From ticks to the next that are as many; ticks behind a backslash open nothing."""
    next_end: dict[int, int] = {}
    ends: list[int | None] = []
    for run in reversed(ticks):
        ends.append(next_end.get(len(run[0])))
        next_end[len(run[0])] = run.end()
    at = 0
    for run, end in zip(ticks, reversed(ends), strict=True):
        if end is not None and run.start() >= at and not text.endswith("\\", 0, run.start()):
            yield run.start(), end
            at = end
