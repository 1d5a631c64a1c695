"""What one listing remembers for the next, in its cursor: enough to ask for a page only if it changed."""

import base64
import binascii
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = 1
"""Raised whenever pages are read in another way: the next listing then reads everything anew."""


@dataclass(frozen=True, kw_only=True)
class Visited:
    """A page, or another address of one, as it was when it was read last."""

    address: str
    key: str
    """The address that it is known by: its own, or that of the page it is the same as."""
    version: str
    digest: str
    """Of all that a listing says of it; empty for what was not listed, being the same as another page."""
    validator: str = ""
    """Its ETag; where it has none, its Last-Modified."""
    modified: str = ""
    """As the sitemap wrote it."""
    links: tuple[str, ...] = ()
    """Those that may be followed."""

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the page only if it changed (RFC 9110, 13.1)."""
        if not self.validator:
            return {}
        is_tag = self.validator.startswith(('"', "W/"))
        return {"if-none-match" if is_tag else "if-modified-since": self.validator}


@dataclass(frozen=True, kw_only=True)
class Memory:
    by_sitemap: bool = False
    visited: Mapping[str, Visited]


def pack(memory: Memory) -> str:
    """The same text for the same memory. Links are numbers of addresses; about 100 bytes a page are left."""
    numbers: dict[str, int] = {}
    rows: list[list[Any]] = []
    for one in memory.visited.values():
        own, key, *links = (numbers.setdefault(a, len(numbers)) for a in (one.address, one.key, *one.links))
        rows.append([own, key, one.version, one.digest, one.validator, one.modified, links])
    content = json.dumps([FORMAT, memory.by_sitemap, list(numbers), rows], separators=(",", ":"), ensure_ascii=False)
    return base64.b85encode(zlib.compress(content.encode(), 9)).decode()


def unpack(text: str) -> Memory | None:
    """None for what is not ours, or of another format: everything is read anew then."""
    try:
        found = json.loads(zlib.decompress(base64.b85decode(text)))
        if found[0] != FORMAT:
            return None
        _, by_sitemap, addresses, rows = found
        return Memory(by_sitemap=by_sitemap, visited={one.address: one for one in _visited(addresses, rows)})
    except (binascii.Error, zlib.error, ValueError, TypeError, LookupError):
        return None


def _visited(addresses: list[str], rows: Collection[list[Any]]) -> list[Visited]:
    return [
        Visited(
            address=addresses[own],
            key=addresses[key],
            version=version,
            digest=digest,
            validator=validator,
            modified=modified,
            links=tuple(addresses[link] for link in links),
        )
        for own, key, version, digest, validator, modified, links in rows
    ]
