"""Which pages of a site are meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from connectors.text.media_types import find_media_type, guess_media_type
from connectors.website.addresses import one_spelling, path_and_query
from connectors.website.robots import Robots, Rule

_PAGE_FORMATS = frozenset({"html"})
_NO_DOCUMENTS = frozenset({"code"})
"""Formats that are read elsewhere and are data or programs on a website."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What to read of a site.

    With `sitemaps`, the pages that they list; with `start_pages`, those and what they lead to in up to `max_depth`
    steps on the same host; with both, both; with neither, the sitemaps that robots.txt names, else /sitemap.xml, else
    what base_url leads to. Files that a page links to (PDF, Word, …) are read in any case. Patterns are written as in
    robots.txt: `/help/*.html$`.
    """

    base_url: str
    sitemaps: Sequence[str] = ()
    start_pages: Sequence[str] = ()
    max_depth: int = 5
    max_pages: int = 2_000
    """Addresses that one listing asks for; the receipt names what is beyond."""
    only: Sequence[str] = ()
    leave_out: Sequence[str] = ()

    def address_of(self, link: str) -> str | None:
        """A link's address, if it is one of this host's; http:// becomes what base_url begins with."""
        address = one_spelling(link, seen_on=self.base_url)
        if address is None:
            return None
        base, parts = urlsplit(self.base_url), urlsplit(address)
        if (parts.hostname, _port(parts.scheme, parts.port)) == (base.hostname, _port(base.scheme, base.port)):
            return urlunsplit((base.scheme, base.netloc, *parts[2:]))
        is_upgraded = parts.scheme == "http" and parts.port is None and base.port is None
        if is_upgraded and parts.hostname == base.hostname:
            return urlunsplit((base.scheme, base.netloc, *parts[2:]))
        return None

    def holds(self, address: str, robots: Robots) -> bool:
        """Whether an address of this host may be asked and is meant; not, where its suffix says it is no document."""
        path = path_and_query(address)
        if not robots.allows(path) or _matches(self.leave_out, path):
            return False
        return (not self.only or _matches(self.only, path)) and not _is_no_document(address)


def is_file(address: str) -> bool:
    """Whether the suffix promises a document that is no page, such as a PDF."""
    kind, _ = find_media_type(guess_media_type(urlsplit(address).path))
    return kind is not None and kind.format not in {"", *_PAGE_FORMATS, *_NO_DOCUMENTS}


def is_document(media_type: str) -> bool:
    kind, _ = find_media_type(media_type)
    return kind is not None and kind.format not in {"", *_NO_DOCUMENTS}


def title_of(address: str) -> str:
    """The last part of an address as words, for what has no title of its own."""
    path = PurePosixPath(unquote(urlsplit(address).path))
    words = path.stem.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else urlsplit(address).netloc


def _is_no_document(address: str) -> bool:
    """Pictures, programs, styles, what Sphinx made pages of; an unknown suffix, or none, is a page's."""
    if "/_sources/" in address:
        return True
    suffix = PurePosixPath(urlsplit(address).path).suffix.casefold()
    if suffix in _NEVER:
        return True
    kind, _ = find_media_type(guess_media_type(f"x{suffix}"))
    return kind is not None and (kind.name.startswith("image/") or kind.format in _NO_DOCUMENTS)


def _matches(patterns: Iterable[str], path: str) -> bool:
    return any(Rule(allows=True, path=pattern).matches(path) for pattern in patterns)


def _port(scheme: str, port: int | None) -> int:
    return port or {"https": 443, "http": 80}.get(scheme, 0)


_NEVER = frozenset(
    {
        *(".css", ".js", ".mjs", ".map", ".ico", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".woff", ".woff2", ".ttf"),
        *(
            ".mp3",
            ".mp4",
            ".m4a",
            ".m4v",
            ".mov",
            ".avi",
            ".webm",
            ".ogg",
            ".wav",
            ".zip",
            ".gz",
            ".tgz",
            ".bz2",
            ".xz",
        ),
        *(".7z", ".rar", ".tar", ".exe", ".msi", ".dmg", ".pkg", ".deb", ".rpm", ".apk", ".iso", ".jar", ".bin"),
        *(".xml", ".rss", ".atom", ".ics", ".vcf"),
    }
)
