"""The configured status pages: each asked at most once a minute, for a few seconds, and never beyond its own host."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from connectors.errors import ConnectorError, OutOfBounds, RequestFailed, SourceUnavailable
from connectors.http import DIRECT, Politeness, Visit, WayOut
from helpdesk_bot.telemetry import STATUS_LOOKS
from helpdesk_bot.tools.status import PATHS, Kind, Looked, Status, read_status

log = structlog.get_logger()

FRESH_S = 60.0
MAX_ANSWER_S = 4.0
MAX_BYTES = 2 * 2**20


@dataclass(frozen=True, kw_only=True)
class StatusPage:
    name: str
    url: str
    kind: Kind | None = None
    """None: the first kind that the page answers as."""


@dataclass(kw_only=True)
class _Watched:
    page: StatusPage
    visit: Visit
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    kind: Kind | None = None
    last: Looked | None = None
    until: float = 0.0
    max_answer_s: float = MAX_ANSWER_S


def read_page(name: str, written: str) -> StatusPage:
    """`https://…`, or with its kind before it: `instatus:https://…`. Raises ValueError for another address."""
    kind, colon, url = written.partition(":")
    if colon and kind in set(Kind):
        return StatusPage(name=name, url=url.rstrip("/"), kind=Kind(kind))
    return StatusPage(name=name, url=written.rstrip("/"))


class StatusPages:
    def __init__(
        self,
        watched: Collection[_Watched] = (),
        *,
        aliases: Mapping[str, str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.aliases = dict(aliases or {})
        self._watched = tuple(watched)
        self._now = monotonic

    def __bool__(self) -> bool:
        return bool(self._watched)

    async def look(self) -> list[Looked]:
        """At every page. Never raises on a page's account: what can't be read says why, and for a minute too."""
        return list(await asyncio.gather(*(self._look_at(one) for one in self._watched)))

    async def _look_at(self, watched: _Watched) -> Looked:
        async with watched.lock:
            if watched.last is None or self._now() >= watched.until:
                watched.last = await _ask(watched)
                watched.until = self._now() + FRESH_S
            return watched.last


@asynccontextmanager
async def open_status_pages(
    pages: Collection[StatusPage],
    *,
    aliases: Mapping[str, str] | None = None,
    in_private_network: Collection[str] = (),
    way_out: WayOut = DIRECT,
    monotonic: Callable[[], float] = time.monotonic,
    max_answer_s: float = MAX_ANSWER_S,
) -> AsyncGenerator[StatusPages]:
    """`aliases` are further names people use, each for the name of a page."""
    politeness = Politeness(
        timeout_s=max_answer_s, max_answer_s=max_answer_s, max_attempts=1, max_response_bytes=MAX_BYTES, parallel=1
    )
    async with AsyncExitStack() as stack:
        watched: list[_Watched] = []
        for page in pages:
            visit = Visit(
                page.name,
                base_url=page.url,
                politeness=politeness,
                is_in_private_network=page.name.casefold() in in_private_network,
                way_out=way_out,
            )
            opened = await stack.enter_async_context(visit)
            watched.append(_Watched(page=page, visit=opened, kind=page.kind, max_answer_s=max_answer_s))
        yield StatusPages(watched, aliases=aliases, monotonic=monotonic)


async def _ask(watched: _Watched) -> Looked:
    page, trouble, status = watched.page, "", None
    try:
        async with asyncio.timeout(watched.max_answer_s):
            status = await _read(watched)
        trouble = "" if status else "its answer is not that of a status page"
    except TimeoutError:
        trouble = "no answer in time"
    except OutOfBounds:  # its reason names a host that the page chose
        trouble = "it leads to another place"
    except (SourceUnavailable, RequestFailed) as error:
        trouble = error.reason
    except ConnectorError as error:
        trouble = type(error).__name__
    STATUS_LOOKS.labels(page=page.name, outcome="read" if status else "failed").inc()
    if trouble:
        log.warning("status page not read", action="status.look", page=page.name, reason=trouble)
    return Looked(page=page.name, url=page.url, at=datetime.now(UTC), status=status, trouble=trouble)


async def _read(watched: _Watched) -> Status | None:
    """By the kind that is known, or by the first that fits, which is then known. Raises what the last kind raised."""
    failed: ConnectorError | None = None
    for kind in (watched.kind,) if watched.kind else Kind:
        try:
            answer = await watched.visit.get_json(PATHS[kind])
        except ConnectorError as error:
            failed = error
            continue
        if status := read_status(kind, answer):
            watched.kind = kind
            return status
    if failed:
        raise failed
    return None
