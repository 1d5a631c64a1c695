"""Letters that can be written down: JSON may hold NUL, and a half of one beyond 16 bits without the other."""

import re

_HALF = re.compile(r"[\ud800-\udfff]")


def whole_letters(text: str) -> str:
    """The text with two halves made one, and U+FFFD in place of one that stands alone."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable(text: str) -> str:
    """The text as Postgres, tokenizers and JSON endpoints take it: of whole letters, and without NUL."""
    return whole_letters(text.replace("\0", ""))
