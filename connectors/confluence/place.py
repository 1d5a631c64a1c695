"""One Confluence site over HTTP: its listings page by page, whole or not at all."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from connectors.confluence.credentials import TOKEN_HOST, OAuth
from connectors.confluence.payloads import Answer, Content, Links
from connectors.documents import Spent
from connectors.errors import SourceUnavailable
from connectors.http import DIRECT, JsonObject, Politeness, Verdict, Visit, WayOut, judge

SEARCH = "/rest/api/content/search"
PAGE_CONTENTS = 250
"""Asked for at once; Confluence gives fewer where it wants to."""
MEDIA_HOST = "api.media.atlassian.com"
"""Where Cloud sends those who download an attachment, without our credentials."""
OAUTH_POINTS_PER_HOUR = 65_000
"""developer.atlassian.com/cloud/confluence/rate-limiting: 1 point a request and 1 for each object in the answer."""
_ATTEMPTS_AT_A_LISTING = 3
_MAX_EMPTY_PAGES = 200
"""In a row. Cloud cuts pages before it takes out what the account may not see: pages in the middle can be empty."""

M = TypeVar("M", bound=BaseModel)


class Edition(Enum):
    CLOUD = "cloud"
    DATA_CENTER = "data center"


class _Shifted(Exception):
    """A listing by offset lost an entry before the place where it stood: what follows has moved up."""


@dataclass(frozen=True, kw_only=True)
class _Page:
    results: Sequence[JsonObject]
    links: Links


class Place:
    """A site that is asked as one account, and as nobody where it is asked what is open to all."""

    def __init__(self, source: str, *, visit: Visit, edition: Edition, anonymous: Visit | None = None) -> None:
        self.source = source
        self.edition = edition
        self.visit = visit
        self.anonymous = anonymous

    @property
    def spent(self) -> Spent:
        both = [visit.spent for visit in (self.visit, self.anonymous) if visit is not None]
        return Spent(requests=sum(one.requests for one in both), points=sum(one.points for one in both))

    async def get(self, path: str, query: Sequence[tuple[str, str | int]] = (), *, objects: int = 1) -> JsonObject:
        """One answer. `objects` is how many it can hold, which is what it costs."""
        return await self.visit.get_json(_with_query(path, query), points=1 + objects)

    async def search(self, cql: str, *, expand: str, limit: int = PAGE_CONTENTS) -> AsyncIterator[tuple[Content, str]]:
        """The contents that a query finds, each once, with the site's own address that their links stand under."""
        query = [("cql", cql), ("expand", expand)]
        seen: set[str] = set()
        async for page in self._pages(SEARCH, query, limit=limit):
            for result in page.results:
                content = self.read(Content, result)
                if content.id not in seen:
                    seen.add(content.id)
                    yield content, page.links.base

    async def entries(
        self, path: str, query: Sequence[tuple[str, str | int]] = (), *, limit: int = 200
    ) -> list[JsonObject]:
        """All entries of a listing that is paged by offset."""
        return [entry async for page in self._pages(path, query, limit=limit) for entry in page.results]

    def read(self, model: type[M], answer: object) -> M:
        """An answer as a payload. Raises SourceUnavailable for one of another shape, without its content."""
        try:
            return model.model_validate(answer)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            reason = f"an answer is not as documented: {model.__name__}.{where} ({error.error_count()} in all)"
            raise SourceUnavailable(self.source, reason) from error

    async def _pages(self, path: str, query: Sequence[tuple[str, str | int]], *, limit: int) -> AsyncIterator[_Page]:
        """Page after page, by cursor or by offset as the site does it.

        A listing by offset is collected first, since one that shifted is worth nothing and begins anew.
        """
        first = await self._page(path, [*query, ("limit", limit)], limit)
        if "cursor" in _onward(first.links.next):
            async for page in self._by_cursor(first, path, query, limit=limit):
                yield page
            return
        for page in await self._by_offset(first, path, query, limit=limit):
            yield page

    async def _by_cursor(
        self, first: _Page, path: str, query: Sequence[tuple[str, str | int]], *, limit: int
    ) -> AsyncIterator[_Page]:
        """An empty page ends the listing only where it promises nothing further, or itself."""
        page, empty, used, asked = first, 0, set[str](), None
        while True:
            yield page
            cursor = _onward(page.links.next).get("cursor")
            empty = 0 if page.results else empty + 1
            if cursor is None or (empty and cursor == asked):
                return
            if cursor in used:
                raise SourceUnavailable(self.source, "a listing goes round in circles: its cursor came twice")
            if empty > _MAX_EMPTY_PAGES:
                raise SourceUnavailable(self.source, f"a listing does not get on: {empty} empty pages in a row")
            used.add(cursor)
            asked = cursor
            page = await self._page(path, [*query, ("limit", limit), ("cursor", cursor)], limit)

    async def _by_offset(
        self, first: _Page, path: str, query: Sequence[tuple[str, str | int]], *, limit: int
    ) -> list[_Page]:
        for attempt in range(_ATTEMPTS_AT_A_LISTING):
            try:
                begin = first if attempt == 0 else await self._page(path, [*query, ("limit", limit)], limit)
                return [page async for page in self._from_offset_to_offset(begin, path, query, limit=limit)]
            except _Shifted:
                continue
        raise SourceUnavailable(self.source, "entries vanish faster than they can be listed")

    async def _from_offset_to_offset(
        self, first: _Page, path: str, query: Sequence[tuple[str, str | int]], *, limit: int
    ) -> AsyncIterator[_Page]:
        """Each page begins with the last entry of the one before: another one there means that entries moved up."""
        page, end = first, len(first.results)
        while True:
            yield page
            if not page.links.next or not page.results:
                return
            following = await self._page(path, [*query, ("limit", limit + 1), ("start", end - 1)], limit)
            if not following.results or _identity(following.results[0]) != _identity(page.results[-1]):
                raise _Shifted
            if len(following.results) == 1 and following.links.next:
                raise SourceUnavailable(self.source, "a listing does not get on: its pages hold one entry")
            page = replace(following, results=following.results[1:])
            end += len(page.results)

    async def _page(self, path: str, query: Sequence[tuple[str, str | int]], limit: int) -> _Page:
        answer = self.read(Answer, await self.get(path, query, objects=limit))
        return _Page(results=answer.results, links=answer.links)


@asynccontextmanager
async def open_place(
    source: str,
    *,
    base_url: str,
    auth: httpx.Auth,
    edition: Edition = Edition.CLOUD,
    site_url: str = "",
    politeness: Politeness | None = None,
    is_in_private_network: bool = False,
    way_out: WayOut = DIRECT,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[Place]:
    """The site at base_url: `https://SITE.atlassian.net/wiki`, `https://api.atlassian.com/ex/confluence/CLOUDID/wiki`
    for OAuth, or Data Center's base URL with its context path.

    `site_url` is where people open it, if that is another address (OAuth); there it is asked, without credentials,
    which spaces are open to everybody. Without it nothing is public under OAuth.
    """
    is_cloud, is_oauth = edition is Edition.CLOUD, isinstance(auth, OAuth)
    manners = politeness or Politeness(points_per_hour=OAUTH_POINTS_PER_HOUR if is_oauth else None)
    hosts = [host for host, is_needed in ((MEDIA_HOST, is_cloud), (TOKEN_HOST, is_oauth)) if is_needed]
    open_url = site_url or ("" if is_oauth else base_url)
    async with Visit(
        source,
        base_url=base_url,
        hosts=hosts,
        auth=auth,
        politeness=manners,
        classify=classify,
        is_in_private_network=is_in_private_network,
        way_out=way_out,
        sleep=sleep,
    ) as visit:
        place = Place(source, visit=visit, edition=edition)
        if not open_url:
            yield place
            return
        async with Visit(
            source,
            base_url=open_url,
            politeness=manners,
            is_in_private_network=is_in_private_network,
            way_out=way_out,
            sleep=sleep,
        ) as anonymous:
            place.anonymous = anonymous
            yield place


def classify(answer: httpx.Response) -> Verdict:
    """Confluence may answer as to a stranger when it does not like the credentials, and say so in a header only."""
    if answer.headers.get("x-seraph-loginreason", "").startswith(("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")):
        return Verdict.LOG_IN
    return judge(answer)


def _onward(link: str) -> dict[str, str]:
    """The parameters of a link to the next page. They alone are used: the path stays ours."""
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def _identity(entry: JsonObject) -> object:
    return entry.get("id") or entry.get("accountId") or entry.get("userKey") or entry.get("name") or entry


def _with_query(path: str, query: Sequence[tuple[str, str | int]]) -> str:
    return f"{path}?{httpx.QueryParams(list(query))}" if query else path
