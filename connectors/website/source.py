"""A website behind `connectors.source.Source`."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Document, Listed, Present, Principal, Spent
from connectors.errors import Forbidden, HttpRefused, NeedsLogin, NotFound, RequestFailed, SourceUnavailable, Unreadable
from connectors.http import DIRECT, Politeness, Visit, WayOut
from connectors.source import Checkup
from connectors.text.reader import TextReader
from connectors.text.text import Text
from connectors.website.crawl import PARALLEL, UNREAD, Crawl
from connectors.website.looker import Looker, classify
from connectors.website.looks import Closed, Found, Gone, Skipped, Unanswered
from connectors.website.memory import Memory, pack, unpack
from connectors.website.robots import Robots, parse_robots
from connectors.website.scope import Scope
from connectors.website.sitemap import MAX_BYTES, Entry, Sitemap, WrongSitemap, parse_sitemap

CRAWLER = "helpdesk-bot"
"""The product token that robots.txt knows us by."""
_ROBOTS_BYTES = 5 * 2**20
_MAX_CRAWL_DELAY_S = 60.0
_MAX_SITEMAPS = 500
_LISTING_HOLDS = timedelta(minutes=10)
_NO_SUCH_PAGE = "/helpdesk-bot-asks-for-a-page-that-is-not-there"
_POLITENESS = Politeness(max_attempts=3, max_wait_s=60.0, parallel=PARALLEL)


class WebsiteSource:
    """The pages of one site, by their addresses.

    A page's version is the SHA-256 of its main content as Markdown. The cursor remembers each page's ETag (or
    Last-Modified), so that the next listing asks for it only if it changed; pages that did not are not listed again.
    Every page has the same one reader class: a site has no rights that a crawler could see, so a page that comes to
    ask for a login is nobody's.
    """

    def __init__(
        self,
        visit: Visit,
        scope: Scope,
        *,
        name: str,
        reader: TextReader,
        readers: Principal = PUBLIC,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._visit = visit
        self._scope = scope
        self._name = name
        self._looker = Looker(visit, reader)
        self._reader = reader
        self._access = AccessRule.any_of([readers])
        self._now = now
        self._present: Mapping[str, AccessRule] = {}
        self._listed_at = datetime.min.replace(tzinfo=UTC)

    @property
    def name(self) -> str:
        return self._name

    @property
    def spent(self) -> Spent:
        return self._visit.spent

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:
        memory = unpack(since.value) if since else None
        robots = await self._read_robots()
        self._visit.slow_down(min(robots.crawl_delay_s, _MAX_CRAWL_DELAY_S))
        sitemaps = await self._read_sitemaps(robots, must_exist=bool(memory and memory.by_sitemap))
        crawl = self._crawl(robots, memory, by_links=bool(self._scope.start_pages) or sitemaps is None)
        await self._start(crawl, robots, sitemaps)
        async for listed in crawl.run():
            yield listed
        self._present, self._listed_at = crawl.present, self._now()
        yield Cursor(value=pack(Memory(by_sitemap=sitemaps is not None, visited=crawl.visited)))

    async def present(self) -> AsyncIterator[Present]:
        """What a listing found that has just ended, as in a sync; otherwise what a listing of everything finds.

        Nothing can be seen of a page without asking for it, so there is no cheaper way: as the rights of a site don't
        move, leave websites out where rights alone are refreshed. What this object saw long ago is no answer either:
        another process may have listed the site since.
        """
        if self._now() - self._listed_at > _LISTING_HOLDS:
            async for _ in self.changes(None):
                pass
        for key, access in self._present.items():
            yield Present(key=key, access=access)

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        return {}

    async def examine(self) -> Checkup:
        """The files for crawlers, and the first page that a listing looks at."""
        robots = await self._read_robots()
        sitemaps = await self._read_sitemaps(robots, must_exist=False)
        crawl = self._crawl(robots, None, by_links=bool(self._scope.start_pages) or sitemaps is None)
        await self._start(crawl, robots, sitemaps)
        pages = [entry.location for entry in sitemaps or ()]
        firsts = [*self._scope.start_pages, *(pages if sitemaps is not None else [self._scope.base_url])]
        gap = await self._gap_at(firsts[0]) if firsts else "its sitemap lists no page"
        return Checkup(
            found="its links are followed" if sitemaps is None else f"{len(pages)} pages in its sitemap",
            gaps=(gap,) if gap else (),
        )

    async def _gap_at(self, page: str) -> str:
        """Why its first page gives nothing; empty where it is read, or leads on."""
        match await self._looker.look(self._scope.address_of(page) or page):
            case Closed(reason=reason) | Skipped(reason=reason) | Unanswered(reason=reason):
                return f"{page}: {reason}"
            case Gone():
                return f"{page}: there is no such page"
            case _:
                return ""

    async def read(self, listed: Listed) -> Document:
        """The text that the listing saw, or that the page has now."""
        if listed.version.startswith(UNREAD):
            raise Unreadable(listed.key, listed.version.removeprefix(UNREAD))
        version, content, media_type = listed.version, self._looker.take(listed.key, listed.version), listed.media_type
        if content is None:
            found = await self._look_again(listed.key)
            version, media_type = found.visited.version, found.media_type
            content = self._looker.take(listed.key, version)
        text = await self._text_of(listed.key, content, media_type)
        return Document.of(
            listed, version=version, title=text.title, markdown=text.markdown, page_starts=text.page_starts
        )

    async def _text_of(self, key: str, content: Text | bytes | None, media_type: str) -> Text:
        if isinstance(content, Text):
            return content
        return await self._reader.read(content or b"", media_type, key=key)

    async def _look_again(self, key: str) -> Found:
        match await self._looker.look(key):
            case Found() as found:
                return found
            case Closed(reason=reason) | Skipped(reason=reason) | Unanswered(reason=reason):
                raise Unreadable(key, reason)
            case _:
                raise Unreadable(key, "the page is gone since it was listed")

    # Where a listing starts

    async def _read_robots(self) -> Robots:
        """RFC 9309, 2.3.1: a site without the file allows everything; one that fails to send it allows nothing now."""
        try:
            answer = await self._visit.get_bytes("/robots.txt", max_bytes=_ROBOTS_BYTES)
        except HttpRefused:
            return Robots()
        except RequestFailed as error:
            raise SourceUnavailable(self._name, f"robots.txt: {error.reason}") from error
        return parse_robots(answer.content, crawler=CRAWLER)

    async def _read_sitemaps(self, robots: Robots, *, must_exist: bool) -> list[Entry] | None:
        """All pages of all sitemaps; None where the site is to be followed by its links."""
        named = [*(self._scope.sitemaps or ([] if self._scope.start_pages else robots.sitemaps))]
        if not named and self._scope.start_pages:
            return None
        if named:
            return await self._read_all(named)
        try:
            return await self._read_all(["/sitemap.xml"])
        except NotFound:
            if must_exist:
                raise SourceUnavailable(self._name, "its sitemap is no longer there") from None
            return None

    async def _read_all(self, addresses: list[str]) -> list[Entry]:
        """Raises NotFound only for a single address that nobody named."""
        pages: list[Entry] = []
        pending, seen = list(addresses), set(addresses)
        while pending:
            sitemap = await self._read_sitemap(pending.pop(0), is_guess=addresses == ["/sitemap.xml"] == list(seen))
            pages += sitemap.pages
            children = [child for child in dict.fromkeys(sitemap.children) if child not in seen]
            seen.update(children)
            pending += children
            if len(seen) > _MAX_SITEMAPS:
                raise SourceUnavailable(self._name, f"it has more than {_MAX_SITEMAPS} sitemaps")
        return pages

    async def _read_sitemap(self, address: str, *, is_guess: bool) -> Sitemap:
        """Raises SourceUnavailable rather than leaving a part of the site out."""
        try:
            answer = await self._visit.get_bytes(address, max_bytes=MAX_BYTES)
            return await asyncio.to_thread(parse_sitemap, answer.content)
        except Forbidden as error:
            raise NeedsLogin(self._name, f"the sitemap {address} asks for a login") from error
        except NotFound as error:
            if is_guess:
                raise
            self._fail(address, error.reason)
        except RequestFailed as error:
            self._fail(address, error.reason)
        except WrongSitemap as error:
            self._fail(address, str(error))

    def _fail(self, address: str, reason: str) -> NoReturn:
        raise SourceUnavailable(self._name, f"the sitemap {address}: {reason}")

    def _crawl(self, robots: Robots, memory: Memory | None, *, by_links: bool) -> Crawl:
        return Crawl(
            self._looker,
            source=self._name,
            scope=self._scope,
            robots=robots,
            by_links=by_links,
            known=memory.visited if memory else {},
            access=self._access,
            now=self._now(),
        )

    async def _start(self, crawl: Crawl, robots: Robots, pages: list[Entry] | None) -> None:
        """Start pages come before those of a sitemap, whose links are not followed."""
        starts = self._scope.start_pages or ([] if pages is not None else [self._scope.base_url])
        wanted = [crawl.want(start, depth=self._scope.max_depth) for start in starts]
        if starts and not any(wanted):
            raise SourceUnavailable(self._name, "robots.txt or the settings leave out every page to start from")
        for entry in pages or ():
            crawl.want(entry.location, depth=0, modified=entry.modified)
        if pages and not any(map(self._scope.address_of, (entry.location for entry in pages))):
            raise SourceUnavailable(self._name, f"the sitemap lists pages of another host: {pages[0].location}")
        address = self._scope.address_of(_NO_SUCH_PAGE)
        if address and robots.allows(_NO_SUCH_PAGE):
            await self._looker.learn_error_page(address)


@asynccontextmanager
async def open_website(
    name: str,
    scope: Scope,
    *,
    reader: TextReader,
    readers: Principal | None = None,
    is_in_private_network: bool = False,
    way_out: WayOut = DIRECT,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[WebsiteSource]:
    """A source on a site, with connections that last as long as it is open.

    `readers` are the public by default: we send no credentials, so whoever reaches the site can read what we can.
    A site in a private network is reached by the staff alone, which is its default.
    """
    visit = Visit(
        name,
        base_url=urlunsplit((*urlsplit(scope.base_url)[:2], "", "", "")),
        politeness=_POLITENESS,
        classify=classify,
        is_in_private_network=is_in_private_network,
        way_out=way_out,
        user_agent=f"{CRAWLER}/1 (knowledge base of a help desk)",
        sleep=sleep,
    )
    async with visit:
        default = STAFF if is_in_private_network else PUBLIC
        yield WebsiteSource(visit, scope, name=name, reader=reader, readers=readers or default)
