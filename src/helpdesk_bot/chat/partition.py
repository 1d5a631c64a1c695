"""A text in parts."""

import re
from collections.abc import Iterator


def partition(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, bool]]:
    """Every part of the text in order, each with whether the pattern matches it; some may be empty."""
    position = 0
    for match in pattern.finditer(text):
        yield text[position : match.start()], False
        yield match[0], True
        position = match.end()
    yield text[position:], False
