"""What a format is given and what it hands back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.text.cleaning import clean, clean_line
from connectors.text.limits import ReadLimits

MAX_TITLE_CHARS = 300
_BETWEEN_PAGES = "\n\n"


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A file's bytes with what is known about them."""

    content: bytes
    media_type: str
    """One of `media_types.MEDIA_TYPES`, without parameters."""
    charset: str | None = None
    """The character encoding that whoever sent the file declared."""
    limits: ReadLimits = field(default_factory=ReadLimits)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A file's text as clean Markdown.

    `title` is what the file itself says, on one line. `page_starts` are character offsets in `markdown`, so nothing
    may change the text afterwards: make a Text with `whole` or `paged`, which clean it first.
    """

    markdown: str
    title: str | None = None
    page_starts: tuple[int, ...] = ()

    @classmethod
    def whole(cls, markdown: str, *, title: str | None = None) -> "Text":
        """A text without pages."""
        return cls(markdown=clean(markdown), title=_clean_title(title))

    @classmethod
    def paged(cls, pages: Iterable[str], *, title: str | None = None) -> "Text":
        """A text of pages in their order. A page without text starts where the next one with text starts."""
        parts: list[str] = []
        starts: list[int] = []
        end = 0
        empty = 0
        for page in map(clean, pages):
            if not page:
                empty += 1
                continue
            start = end + len(_BETWEEN_PAGES) if parts else 0
            starts.extend([start] * (empty + 1))
            parts.append(page)
            end, empty = start + len(page), 0
        starts.extend([end] * empty)
        return cls(markdown=_BETWEEN_PAGES.join(parts), title=_clean_title(title), page_starts=tuple(starts))


def _clean_title(title: str | None) -> str | None:
    return clean_line(title or "", max_chars=MAX_TITLE_CHARS) or None
