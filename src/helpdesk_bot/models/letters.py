"""Halves of letters: JSON may name those beyond 16 bits by two, and a server may send one without the other."""

import re

_HALF = re.compile(r"[\ud800-\udfff]")


def whole_letters(text: str) -> str:
    """The text with two halves made one, and a mark in place of one that stands alone."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
