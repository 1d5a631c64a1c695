"""The ASGI application: health, metrics, and the routes of the platforms."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from helpdesk_bot.telemetry import REGISTRY

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")

Check = Callable[[], Awaitable[bool]]


def build_web(
    *, checks: Mapping[str, Check], signed: Sequence[BaseRoute], own: Sequence[BaseRoute], trusted_hosts: frozenset[str]
) -> Starlette:
    """Routes that platforms sign are open to any host name; our own pages answer to the names they are known by.

    `checks` are what must hold for `/readyz`, by name. A page that answered to any name could be read by a foreign
    site that points its own name at this machine (DNS rebinding).
    """
    hosts = [*LOOPBACK_HOSTS, *sorted(trusted_hosts)]
    return Starlette(
        routes=[
            Route("/healthz", _is_alive),
            Route("/readyz", _readiness(checks)),
            Route("/metrics", _metrics),
            *signed,
            Mount("/", routes=list(own), middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]),
        ]
    )


async def _is_alive(_: Request) -> Response:
    return JSONResponse({"alive": True})


def _readiness(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    async def is_ready(_: Request) -> Response:
        results = {name: await check() for name, check in checks.items()}
        return JSONResponse(results, status_code=200 if all(results.values()) else 503)

    return is_ready


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
