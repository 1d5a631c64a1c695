"""How much there is of something, as a question says it: to be compared with a limit, not to be looked for."""

import re

_QUANTITY = re.compile(
    r"(?:^|[,;:(]|\b(?:for|after|than|about|around|over|under|within|in|every|by|least|most|costs?|have|has|are)\b)\s*"
    r"[$\u20ac\u00a3]?(?P<figure>\d{1,12}+(?:[.,]\d{1,12}){0,4}+)(?=\s?(?:[%$\u20ac\u00a3]|[^\W\d_]{3}|gb\b|km\b|kg\b|h\b|m\b))",
    re.IGNORECASE,
)


def find_quantities(text: str) -> frozenset[str]:
    """The figures that say how much, as they stand: the `700` of `a screen for 700 euros`.

    Not the `11` of `Windows 11`, nor the `4711` of `error 4711`: such a number stands behind what it names.
    """
    return frozenset(found["figure"] for found in _QUANTITY.finditer(text))


def parts_of(figures: frozenset[str]) -> frozenset[str]:
    """With the words that a text search makes of each: `1,500` is `1` and `500` to it."""
    return figures.union(*(figure.split(",") for figure in figures))
