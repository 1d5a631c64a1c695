"""One look at one address: what is there now."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from connectors.errors import Forbidden, NotFound, RequestFailed, SourceUnavailable, Unreadable, WantsRest
from connectors.http import Download, Verdict, Visit, judge
from connectors.text.media_types import UNKNOWN, find_media_type, guess_media_type
from connectors.text.reader import TextReader
from connectors.text.refusals import Refusal
from connectors.text.text import Text
from connectors.times import EPOCH, as_utc
from connectors.website.addresses import one_spelling
from connectors.website.looks import Closed, Found, Gone, Ignored, Look, Moved, Skipped, Unanswered, Unchanged
from connectors.website.memory import Visited
from connectors.website.page import NoPage, Page, read_page
from connectors.website.scope import is_document, title_of

_KEPT_BYTES = 64 * 2**20
_VERSION_DIGITS = 32
"""Of a SHA-256: 128 bits, since each is remembered."""
_SHORT_CHARS = 500
"""Of text: a page with a password field and less is a login page, not a page about passwords."""
_LOGIN_PATH = re.compile(
    r"/(log-?in|sign-?in|sso|saml2?|oauth2?|auth(enticate)?|wp-login\.php|adfs)(/|\?|$)", re.IGNORECASE
)
_ERROR_TITLE = re.compile(
    r"(error\s*)?404(\s*[-:|\u2013]?\s*((page\s+)?not\s+found|error))?|(the\s+)?page\s+(was\s+|could\s+)?not\s+(be\s+)?found"
    r"|seite\s+(wurde\s+)?nicht\s+gefunden|page\s+(introuvable|non\s+trouvée)|página\s+no\s+encontrada"
    r"|pagina\s+non\s+trovata|pagina\s+niet\s+gevonden",
    re.IGNORECASE,
)


def classify(response: httpx.Response) -> Verdict:
    """A redirect is for us to follow, and a page that asks for a login says nothing about the site."""
    if response.is_redirect:
        return Verdict.FINE
    return Verdict.REFUSED if response.status_code == 401 else judge(response)


class Looker:
    """Looks at pages, and keeps the texts of the last ones until they are asked for."""

    def __init__(self, visit: Visit, reader: TextReader) -> None:
        self._visit = visit
        self._reader = reader
        self._kept: OrderedDict[tuple[str, str], Text | bytes] = OrderedDict()
        self._kept_bytes = 0
        self._error_page = ""

    async def learn_error_page(self, address: str) -> None:
        """See what the site says where there is nothing; many say it with 200."""
        look = await self.look(address)
        if isinstance(look, Found):
            kept = self._kept.get((address, look.visited.version))
            self._error_page = _without_address(kept.markdown, address) if isinstance(kept, Text) else ""

    async def look(self, address: str, *, known: Visited | None = None, modified: str = "") -> Look:
        """What is there; Unchanged only where it is known.

        Raises what is not about this one page: WantsRest, and ConnectorError when files can't be read at all.
        """
        try:
            download = await self._visit.get_bytes(
                address,
                max_bytes=self._reader.limits.input_bytes,
                headers=known.conditions if known else {},
                follow_redirects=False,
            )
        except WantsRest:
            raise
        except (RequestFailed, SourceUnavailable) as error:
            return _without_answer(error)
        if download.status == 304:
            return Unchanged(visited=known) if known else Unanswered(reason="HTTP 304, which was not asked for")
        return await self._read(download, address, modified)

    def take(self, address: str, version: str) -> Text | bytes | None:
        """A kept text, or the content of a file, once."""
        kept = self._kept.pop((address, version), None)
        self._kept_bytes -= _size(kept)
        return kept

    async def _read(self, download: Download, address: str, modified: str) -> Look:
        if "location" in download.headers and 300 <= download.status < 400:
            to = one_spelling(download.headers["location"], seen_on=address)
            return Moved(to=to) if to else Gone()
        media_type = download.media_type
        if find_media_type(media_type)[0] is None:
            promised = guess_media_type(urlsplit(address).path)
            is_stated = bool(media_type) and not media_type.startswith((UNKNOWN, "binary/"))
            media_type = media_type if is_stated else promised
        if not is_document(media_type):
            kind, _ = find_media_type(media_type)
            is_office = kind is not None and kind.name.startswith("application/") and bool(kind.advice)
            return Skipped(reason=f"files of type {media_type} can't be read") if is_office else Ignored()
        kind, charset = find_media_type(media_type)
        if kind is not None and kind.format == "html":
            return await self._read_page(download, address, charset, modified)
        version = hashlib.sha256(download.content).hexdigest()[:_VERSION_DIGITS]
        self._keep(address, version, download.content)
        return _found(
            download,
            address,
            key=address,
            version=version,
            title=title_of(address),
            media_type=media_type,
            modified=modified,
        )

    async def _read_page(self, download: Download, address: str, charset: str | None, modified: str) -> Look:
        robots_header = download.headers.get("x-robots-tag", "")
        try:
            page = await asyncio.to_thread(
                read_page, download.content, charset=charset, address=address, robots_header=robots_header
            )
            if not page.is_indexed:
                return Ignored(links=page.links)
            text = await self._reader.read(page.html, "text/html; charset=utf-8", key=address)
        except (NoPage, Refusal) as error:
            return Skipped(reason=str(error))
        except Unreadable as error:
            return Skipped(reason=error.reason)
        if _is_login(page, text, address):
            return Closed(reason="it asks for a login")
        if self._is_error_page(text, address):
            return Gone()
        version = hashlib.sha256((text.markdown or address).encode()).hexdigest()[:_VERSION_DIGITS]
        self._keep(address, version, text)
        return _found(
            download,
            address,
            key=page.canonical or address,
            version=version,
            title=text.title or title_of(address),
            media_type="text/html",
            modified=modified,
            page=page,
        )

    def _is_error_page(self, text: Text, address: str) -> bool:
        title = re.split(r"\s[-|·\u2013]\s", text.title or "")[0].strip()
        if _ERROR_TITLE.fullmatch(title) and len(text.markdown) < 3 * _SHORT_CHARS:
            return True
        return bool(self._error_page) and _without_address(text.markdown, address) == self._error_page

    def _keep(self, address: str, version: str, content: Text | bytes) -> None:
        self.take(address, version)
        self._kept[address, version] = content
        self._kept_bytes += _size(content)
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= _size(dropped)


def _without_answer(error: RequestFailed | SourceUnavailable) -> Look:
    match error:
        case NotFound():
            return Gone()
        case Forbidden():
            return Closed(reason=f"it asks for a login ({error.reason})")
        case RequestFailed():
            return Skipped(reason=error.reason)
        case SourceUnavailable():
            return Unanswered(reason=error.reason)


def _found(
    download: Download,
    address: str,
    *,
    key: str,
    version: str,
    title: str,
    media_type: str,
    modified: str,
    page: Page | None = None,
) -> Found:
    trail = tuple(name for name in (page.trail if page else ()) if name != title)
    digest = hashlib.sha256("\0".join([version, title, *trail]).encode(errors="replace")).hexdigest()[:16]
    headers = download.headers
    validator = headers.get("etag", "") or headers.get("last-modified", "")
    visited = Visited(
        address=address,
        key=key,
        version=version,
        digest=digest,
        validator=validator if validator.isascii() else "",
        modified=modified,
        links=page.links if page else (),
    )
    return Found(visited=visited, title=title, trail=trail, media_type=media_type, modified_at=_modified_at(headers))


def _modified_at(headers: httpx.Headers) -> datetime:
    """When the site says it was changed; now, where it does not."""
    try:
        stated = parsedate_to_datetime(headers.get("last-modified", ""))
    except ValueError:
        return datetime.now(UTC)
    stated = as_utc(stated)
    return stated if stated > EPOCH else datetime.now(UTC)


def _is_login(page: Page, text: Text, address: str) -> bool:
    is_short = len(text.markdown) < _SHORT_CHARS
    return page.has_password_field and (is_short or _LOGIN_PATH.search(urlsplit(address).path) is not None)


def _without_address(markdown: str, address: str) -> str:
    """A text in which the page's own address is left out, as error pages like to name it."""
    path = urlsplit(address).path
    return markdown.replace(address, "").replace(path, "").replace(path.strip("/"), "")


def _size(content: Text | bytes | None) -> int:
    if content is None:
        return 0
    return len(content) if isinstance(content, bytes) else 4 * len(content.markdown)
