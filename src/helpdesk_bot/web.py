"""The ASGI application: health, metrics, and the routes of the platforms."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from helpdesk_bot.telemetry import READY, REGISTRY

log = structlog.get_logger()

CHECK_S = 2.0
"""What a check may take: a probe does not wait for long."""

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")

Check = Callable[[], Awaitable[bool]]
Measure = Callable[[], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]


async def measure_nothing() -> None:
    """For where there is nothing to read."""


def build_web(
    *,
    checks: Mapping[str, Check],
    signed: Sequence[BaseRoute],
    own: Sequence[BaseRoute],
    trusted_hosts: frozenset[str],
    console: Sequence[BaseRoute] = (),
    console_host: str | None = None,
    measure: Measure = measure_nothing,
) -> Starlette:
    """Routes that platforms sign are open to any host name; our own pages answer to the names they are known by.

    `checks` are what must hold for `/readyz`, by name; `measure` reads what `/metrics` tells of all processes. A page
    that answered to any name could be read by a foreign site that points its own name at this machine (DNS rebinding).
    `/readyz` and `/metrics` answer to addresses too, as probes and scrapers use them: an address can't be pointed
    elsewhere. `/healthz` says nothing worth reading. `console` is under `/console`, and answers to its own name too,
    under which nothing else of ours is to be read.
    """
    hosts = [*LOOPBACK_HOSTS, *sorted(trusted_hosts)]
    return Starlette(
        routes=[
            Route("/healthz", _is_alive),
            Route("/readyz", _under_known_names(_readiness(checks), hosts)),
            Route("/metrics", _under_known_names(_metrics(checks, measure), hosts)),
            *signed,
            *_under_console(console, hosts=[*hosts, *filter(None, [console_host])]),
            Mount("/", routes=list(own), middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]),
        ]
    )


def _under_console(routes: Sequence[BaseRoute], *, hosts: Sequence[str]) -> list[BaseRoute]:
    async def lead_on(_: Request) -> Response:
        return RedirectResponse("/console/")

    fence = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]
    if not routes:
        return []
    return [Route("/console", lead_on, middleware=fence), Mount("/console", routes=list(routes), middleware=fence)]


async def _is_alive(_: Request) -> Response:
    return JSONResponse({"alive": True})


def _readiness(checks: Mapping[str, Check]) -> Endpoint:
    async def is_ready(_: Request) -> Response:
        results = await _look(checks)
        return JSONResponse(results, status_code=200 if all(results.values()) else 503)

    return is_ready


async def _look(checks: Mapping[str, Check]) -> dict[str, bool]:
    found = await asyncio.gather(*(_holds(name, check) for name, check in checks.items()))
    return dict(zip(checks, found, strict=True))


async def _holds(name: str, check: Check) -> bool:
    """Whether it holds for sure: a check that fails, or does not end in time, has found out that it does not."""
    try:
        async with asyncio.timeout(CHECK_S):
            return await check()
    except Exception as error:  # noqa: BLE001 - the outermost handler of a check
        log.warning("readiness can't be told", check=name, error=type(error).__name__)
        return False


def _under_known_names(endpoint: Endpoint, hosts: Collection[str]) -> Endpoint:
    async def answer(request: Request) -> Response:
        if not _is_known(request.headers.get("host", ""), hosts):
            return PlainTextResponse("Invalid host header", status_code=400)
        return await endpoint(request)

    return answer


def _is_known(host: str, hosts: Collection[str]) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return "@" not in host and (name in hosts or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _metrics(checks: Mapping[str, Check], measure: Measure) -> Endpoint:
    async def tell(_: Request) -> Response:
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(_look(checks))
            group.create_task(_measure(measure))
        for name, holds in looking.result().items():
            READY.labels(name).set(holds)
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return tell


async def _measure(measure: Measure) -> None:
    """What can't be read in time stays as it was: `helpdesk_ready` says that the database is away."""
    try:
        async with asyncio.timeout(CHECK_S):
            await measure()
    except Exception as error:  # noqa: BLE001 - the outermost handler of a scrape
        log.warning("figures can't be read", error=type(error).__name__)
