"""Bytes to characters, where the encoding is declared, marked or guessed."""

import codecs
from itertools import chain

from connectors.text.refusals import Refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 4_096
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


def decode(content: bytes, *, declared: str | None = None) -> str:
    """The text of these bytes. Raises Refusal when they are no text at all.

    A byte order mark decides, then what was declared if it fits, then UTF-8 if it fits, then UTF-16 if every other
    byte of the beginning is zero, then Windows-1252, in which nearly any byte means something.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    for encoding in chain([declared] if declared else [], _guesses(content)):
        text = _decode_exactly(content, encoding)
        if text is not None:
            return text
    if _is_binary(content):
        raise Refusal("the file holds binary data, not text")
    return content.decode("cp1252", errors="replace")


def _guesses(content: bytes) -> tuple[str, ...]:
    sample = content[:_SAMPLE_BYTES]
    zeros_even, zeros_odd = sample[::2].count(0), sample[1::2].count(0)
    if max(zeros_even, zeros_odd) > len(sample) // 4:
        return ("utf-16-le" if zeros_odd > zeros_even else "utf-16-be",)
    return ("utf-8",)


def _decode_exactly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (LookupError, ValueError):  # an unknown name; bytes that don't fit
        return None


def _is_binary(content: bytes) -> bool:
    """Whether more than a tenth of the beginning are control characters that no text uses."""
    sample = content[:_SAMPLE_BYTES]
    return len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) // 10
