"""Sitemaps: https://www.sitemaps.org/protocol.html, as XML or as one address a line."""
# pyright: reportAttributeAccessIssue=false, reportUnknownParameterType=false
# lxml.etree is compiled and has no stubs.

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from connectors.errors import TooLarge
from connectors.http.body import gunzip
from connectors.times import EPOCH, as_utc

MAX_BYTES = 50 * 2**20
"""Unpacked, as the protocol has it."""


class WrongSitemap(ValueError):
    """It is no sitemap, or only a part of one."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    location: str
    modified: str = ""
    """As the sitemap writes it."""

    @property
    def modified_at(self) -> datetime | None:
        """None where it is not given, or is no date."""
        try:
            stated = as_utc(datetime.fromisoformat(self.modified))
        except ValueError:
            return None
        return stated if stated > EPOCH else None


@dataclass(frozen=True, kw_only=True)
class Sitemap:
    pages: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()
    """Other sitemaps, of an index."""


def parse_sitemap(content: bytes) -> Sitemap:
    """Raises WrongSitemap rather than taking half of a list for the whole."""
    try:
        unpacked = gunzip(content, max_bytes=MAX_BYTES) if content.startswith(b"\x1f\x8b") else content
    except zlib.error as error:
        raise WrongSitemap("it can't be unpacked") from error
    except TooLarge as error:
        raise WrongSitemap(f"it has more than {MAX_BYTES:,} bytes") from error
    if not unpacked.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return Sitemap(pages=tuple(_lines(unpacked)))
    return _parse_xml(unpacked)


def _parse_xml(content: bytes) -> Sitemap:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WrongSitemap("it is not whole, or no XML") from error
    match etree.QName(root).localname:
        case "urlset":
            return Sitemap(pages=tuple(_entries(root)))
        case "sitemapindex":
            return Sitemap(children=tuple(entry.location for entry in _entries(root)))
        case name:
            raise WrongSitemap(f"it holds <{name}>, not a list of pages")


def _entries(root: etree._Element) -> Iterator[Entry]:
    for child in root:
        texts = {etree.QName(part).localname: (part.text or "").strip() for part in child if isinstance(part.tag, str)}
        if texts.get("loc"):
            yield Entry(location=texts["loc"], modified=texts.get("lastmod", ""))


def _lines(content: bytes) -> Iterator[Entry]:
    try:
        lines = content.decode("utf-8-sig").split()
    except UnicodeDecodeError as error:
        raise WrongSitemap("it is neither XML nor text") from error
    if not all(line.startswith(("https://", "http://")) for line in lines):
        raise WrongSitemap("it is neither XML nor a list of addresses")
    return (Entry(location=line) for line in lines)
