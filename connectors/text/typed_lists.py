"""Lists that people type by hand: their marks and numbers in front of lines."""

import re
from collections.abc import Iterable, Iterator

from connectors.text.escaping import begin_line

_MARK = re.compile(r"(?:(?P<number>\d{1,3})\\?[.)]|\\?[•◦▪‣●○■□\u2013\-*·\uf0b7\uf0a7])\s+(?=\S)")


def find_mark(line: str) -> re.Match[str] | None:
    """The mark in front of a line, with the space behind it; its group `number` is empty for a sign."""
    return _MARK.match(line)


def find_entry(line: str) -> str | None:
    """A line of Markdown as the list entry that it was typed as; None for another line."""
    mark = find_mark(line)
    if mark is None:
        return None
    sign = f"{mark['number']}." if mark["number"] else "-"
    return f"{sign} {begin_line(line[mark.end() :])}"


def as_blocks(lines: Iterable[str]) -> Iterator[str]:
    """Lines of inline Markdown as paragraphs and lists."""
    block = ""
    for line in lines:
        entry = find_entry(line)
        if entry and block and _goes_on(block, entry):
            block += f"\n{entry}"
            continue
        if block:
            yield block
        block = entry or begin_line(line)
    if block:
        yield block


def _goes_on(block: str, entry: str) -> bool:
    """Whether the entry is of the list that the block ends with."""
    last = find_entry(block.rpartition("\n")[2])
    return last is not None and last.startswith("- ") == entry.startswith("- ")
