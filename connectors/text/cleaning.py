"""The clean-up that every text passes before its offsets count."""

import re
import unicodedata

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_NO_BREAK_SPACES = re.compile("[\u00a0\u2007\u202f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{4,}")
_TRAILING_SPACES = re.compile(r"(^)?(?<![^\S\n])[^\S\n]+$", re.MULTILINE)
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, NUL first: Postgres takes no NUL in text
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # soft hyphen and blank letters
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero width, direction marks and overrides
    "\ufe00-\ufe0d\ufff0-\ufffb"  # variation selectors that no emoji needs, interlinear notes
    "\U000e0000-\U000e0fff"  # tag characters and further variation selectors: they smuggle hidden ASCII
    "]+"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"  # joiners, except in emoji and in scripts
    "|(?<=[\u200c\u200d])[\u200c\u200d]"
    "|(?<=[\ufe0e\ufe0f])[\ufe0e\ufe0f]"  # a run of variation selectors hides bytes
)


def clean(text: str) -> str:
    """Text that can be stored, compared and shown: what an eye can't see is gone.

    Line ends are LF, Unicode is NFC, lone surrogates are U+FFFD, no-break spaces are spaces; at most two blank lines
    follow each other and none begin or end the text. Cleaning twice changes nothing.
    """
    text = _LINE_BREAKS.sub("\n", text)
    text = _without_unseen(text)
    text = _TRAILING_SPACES.sub(_hard_break, text)
    return _BLANK_LINES.sub("\n\n\n", text).lstrip("\n").rstrip()


def clean_line(text: str, *, max_chars: int) -> str:
    """The same on one line, with single spaces, cut at a word where it is longer than max_chars."""
    line = " ".join(clean(text).split())
    if len(line) <= max_chars:
        return line
    return line[: max_chars - 1].rsplit(" ", 1)[0].rstrip() + "…"


def _hard_break(spaces: re.Match[str]) -> str:
    """Two spaces or more at the end of a line break it in Markdown; one, and those on a blank line, mean nothing."""
    return "  " if spaces.group(1) is None and len(spaces.group()) > 1 else ""


def _without_unseen(text: str) -> str:
    """Composing and removing each make work for the other, so they take turns; three turns settle any text."""
    text = _SURROGATES.sub("\ufffd", _NO_BREAK_SPACES.sub(" ", text))
    settled = ""
    while settled != text:
        settled = text
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    return text
