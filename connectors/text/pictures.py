"""What a picture's alternative text tells its readers."""

import re

_FILE = re.compile(r".*\.(?:png|jpe?g|gif|svg|webp|bmp|emf|wmf|tiff?|heic)", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:image|img|picture|pic|photo|screen[ _-]?shot|untitled|graphic|figure|placeholder|alt text)"
    r"(?:[ _.:,()-]|\d|(?<![a-z])(?:at|from|am|pm)(?![a-z]))*",
    re.IGNORECASE,
)
_MADE_BY_MACHINE = re.compile(
    r"description (?:automatically )?generated|generated with .{3,20} confidence|AI-generated content"
    r"|automatisch generierte beschreibung|beschreibung automatisch generiert|KI-generierte",
    re.IGNORECASE,
)
"""Word writes `A screenshot of a computer`, and says that it did."""


def told_by(alternative_text: str) -> str:
    """The text on one line; nothing where programs put a file's name, a mere word or a guess there."""
    text = " ".join(alternative_text.split())
    says_nothing = _FILE.fullmatch(text) or _NOTHING.fullmatch(text) or _MADE_BY_MACHINE.search(text)
    return "" if says_nothing else text
