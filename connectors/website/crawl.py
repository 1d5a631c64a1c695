"""One listing of a site: from where it starts to everything in scope, each page once."""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.documents import AccessRule, Listed
from connectors.errors import ConnectorError, SourceUnavailable
from connectors.times import EPOCH
from connectors.website.looker import Looker
from connectors.website.looks import Closed, Found, Gone, Ignored, Look, Moved, Skipped, Unanswered, Unchanged
from connectors.website.memory import Visited
from connectors.website.robots import Robots
from connectors.website.scope import Scope, is_file, title_of
from connectors.website.sitemap import Entry

UNREAD = "unread: "
"""A version that begins so is of a document that can't be read, and goes on with the reason."""
UNANSWERED = "unanswered"
"""The version of a document that did not answer: reading it asks once more."""

PARALLEL = 4
_MAX_HOPS = 5
_MAX_SILENT = 5
"""Pages in a row without an answer: then it is the site."""
_SEEN_PER_PAGE = 20
_SETTLED = timedelta(days=2)
"""A page's date in a sitemap counts once it is that old: today's may stand for two changes."""
_ASKED_EVERY_DAYS = 7
"""A page whose date in the sitemap stands still is asked once in so many days nonetheless: dates are forgotten."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    address: str
    depth: int
    """Steps that may still be taken from there."""
    modified: str = ""
    hops: int = 0
    by_itself: bool = False
    """Whatever it says it is the same as was not there."""


class Crawl:
    """Lists what changed since `known`. Once it has run through, `present` and `visited` say what there is."""

    def __init__(
        self,
        looker: Looker,
        *,
        source: str,
        scope: Scope,
        robots: Robots,
        by_links: bool,
        known: Mapping[str, Visited],
        access: AccessRule,
        now: datetime,
    ) -> None:
        self.present: dict[str, AccessRule] = {}
        self.visited: dict[str, Visited] = {}
        self._looker = looker
        self._source = source
        self._scope = scope
        self._robots = robots
        self._by_links = by_links
        self._known = known
        self._access = access
        self._now = now
        self._pending: deque[Wanted] = deque()
        self._seen: set[str] = set()
        self._key_of_version: dict[str, str] = {}
        self._alias_of: dict[str, Wanted] = {}
        self._asked = 0
        self._answered = 0
        self._silent = 0
        self._trouble = ""
        """What is wrong with the first address that gave nothing."""

    def want(self, link: str, *, depth: int, modified: str = "", hops: int = 0) -> bool:
        """Look at it, once; False where it is not in scope. Links beyond a bound that only a trap has are dropped."""
        address = self._scope.address_of(link)
        if address is None or not self._scope.holds(address, self._robots):
            return False
        if address not in self._seen and len(self._seen) < _SEEN_PER_PAGE * self._scope.max_pages:
            self._seen.add(address)
            self._pending.append(Wanted(address=address, depth=depth, modified=modified, hops=hops))
        return True

    async def run(self) -> AsyncIterator[Listed]:
        """Raises SourceUnavailable when the site falls silent, or gives no page at all, as at a mistyped address."""
        async for listed in self._take_pending():
            yield listed
        self._pending.extend(
            replace(alias, by_itself=True) for key, alias in self._alias_of.items() if key not in self.visited
        )
        async for listed in self._take_pending():
            yield listed
        for wanted in self._pending:
            yield self._unread(wanted, f"the site has more than {self._scope.max_pages:,} pages; raise the limit")
        if self._asked and not self._answered:
            raise SourceUnavailable(self._source, "no page answered")
        if not self.present:
            trouble = self._trouble or "its sitemap lists none that may be read"
            raise SourceUnavailable(self._source, f"no page was found ({trouble}); correct its address in the settings")

    async def _take_pending(self) -> AsyncIterator[Listed]:
        while self._pending and self._asked < self._scope.max_pages:
            room = min(PARALLEL, self._scope.max_pages - self._asked, len(self._pending))
            batch = [self._pending.popleft() for _ in range(room)]
            self._asked += len(batch)
            async with asyncio.TaskGroup() as group:
                looks = [group.create_task(self._try_to_look(wanted)) for wanted in batch]
            for wanted, look in zip(batch, looks, strict=True):
                seen = look.result()
                if isinstance(seen, ConnectorError):
                    raise seen
                for listed in self._take(wanted, seen):
                    yield listed

    async def _try_to_look(self, wanted: Wanted) -> Look | ConnectorError:
        """What ends the listing is handed back, as a task group would wrap it."""
        try:
            return await self._look(wanted)
        except ConnectorError as error:
            return error

    async def _look(self, wanted: Wanted) -> Look:
        known = None if wanted.by_itself else self._known.get(wanted.address)
        known = known if known and known.digest else None
        if known and self._is_settled(wanted, known):
            return Unchanged(visited=known)
        look = await self._looker.look(wanted.address, known=known, modified=wanted.modified)
        if wanted.by_itself and isinstance(look, Found):
            return replace(look, visited=replace(look.visited, key=wanted.address, validator=""))
        return look

    def _is_settled(self, wanted: Wanted, known: Visited) -> bool:
        """Whether the sitemap's date is enough to know that the page did not change."""
        modified_at = Entry(location="", modified=wanted.modified).modified_at
        if modified_at is None or wanted.modified != known.modified or self._now - modified_at < _SETTLED:
            return False
        return (zlib.crc32(wanted.address.encode()) + self._now.toordinal()) % _ASKED_EVERY_DAYS != 0

    def _take(self, wanted: Wanted, look: Look) -> Iterator[Listed]:
        self._silent = self._silent + 1 if isinstance(look, Unanswered) else 0
        self._answered += not isinstance(look, Unanswered)
        match look:
            case Found() | Unchanged():
                yield from self._take_page(wanted, look)
            case Moved():
                yield from self._take_move(wanted, look.to)
            case Ignored():
                self._follow(look.links, wanted.depth)
                self._trouble = self._trouble or f"{wanted.address}: it is no page to read, or asks not to be one"
            case Closed():
                yield self._unread(wanted, look.reason, access=AccessRule.nobody())
            case Skipped():
                yield self._unread(wanted, look.reason)
            case Unanswered():
                yield from self._take_silence(wanted, look.reason)
            case Gone():
                self._trouble = self._trouble or f"{wanted.address}: there is no such page"

    def _take_page(self, wanted: Wanted, look: Found | Unchanged) -> Iterator[Listed]:
        key = self._key(wanted, look.visited)
        visited = replace(
            look.visited, key=key, links=self._follow(look.visited.links, wanted.depth), modified=wanted.modified
        )
        self.visited[wanted.address] = visited
        if key != wanted.address:
            self._alias_of.setdefault(key, wanted)
            self.want(key, depth=wanted.depth, modified=wanted.modified)
        elif self._key_of_version.setdefault(visited.version, key) != key:
            self.visited[wanted.address] = replace(visited, digest="")
        else:
            self.present[key] = self._access
            known = self._known.get(wanted.address)
            if isinstance(look, Found) and not (known and (known.key, known.digest) == (key, visited.digest)):
                yield self._listed(look, key)

    def _key(self, wanted: Wanted, visited: Visited) -> str:
        """The address that a page says is its own.

        Not one that is out of scope, and not the home page, which careless templates name on every page.
        """
        if wanted.by_itself:
            return wanted.address
        stated = self._scope.address_of(visited.key)
        if stated is None or urlsplit(stated).path == "/" or not self._scope.holds(stated, self._robots):
            return wanted.address
        return stated

    def _listed(self, look: Found, key: str) -> Listed:
        stated = Entry(location="", modified=look.visited.modified).modified_at
        return Listed(
            key=key,
            version=look.visited.version,
            title=look.title,
            url=key,
            access=self._access,
            media_type=look.media_type,
            modified_at=stated or look.modified_at,
            trail=look.trail,
        )

    def _take_move(self, wanted: Wanted, to: str) -> Iterator[Listed]:
        address = self._scope.address_of(to)
        if address is None:
            host = urlsplit(to).hostname
            yield self._unread(wanted, f"it leads to another host, {host}", access=AccessRule.nobody())
        elif wanted.hops < _MAX_HOPS:
            self.want(address, depth=wanted.depth, modified=wanted.modified, hops=wanted.hops + 1)

    def _take_silence(self, wanted: Wanted, reason: str) -> Iterator[Listed]:
        """A page that is known stays as it is; one that is not is tried again when it is read."""
        if self._silent >= _MAX_SILENT:
            raise SourceUnavailable(self._source, f"{self._silent} pages in a row did not answer: {reason}")
        known = self._known.get(wanted.address)
        if known is None:
            yield self._unread(wanted, reason, version=UNANSWERED)
            return
        self.visited[wanted.address] = known
        self._follow(known.links, wanted.depth)
        if known.key == wanted.address and known.digest:
            self.present[known.key] = self._access

    def _follow(self, links: Sequence[str], depth: int) -> tuple[str, ...]:
        """Want those that are to be followed from there; all that another listing might follow."""
        on_host = [address for link in links if (address := self._scope.address_of(link))]
        kept = [address for address in on_host if self._by_links or is_file(address)]
        for address in kept:
            if depth > 0 or is_file(address):
                self.want(address, depth=depth - 1)
        return tuple(kept)

    def _unread(
        self, wanted: Wanted, reason: str, *, access: AccessRule | None = None, version: str | None = None
    ) -> Listed:
        """A document that is there and can't be read, with the reason in its version."""
        self.present[wanted.address] = access or self._access
        return Listed(
            key=wanted.address,
            version=version or UNREAD + reason,
            title=title_of(wanted.address),
            url=wanted.address,
            access=access or self._access,
            media_type="text/html",
            modified_at=EPOCH,
        )
