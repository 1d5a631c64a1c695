"""A request that gets a plain sentence instead of what it asked for."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeAlias

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from knowledge.postgres import OUTAGES

log = structlog.get_logger()

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that gets a plain sentence instead of what it asked for."""

    def __init__(self, status: int, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s

    def as_response(self) -> Response:
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        return JSONResponse({"error": self.message}, self.status, headers=headers)


AWAY = Refused(503, "I can't take anything in at the moment. Try again in a minute.", retry_after_s=60)


def with_plain_refusals(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return refused.as_response()
        except OUTAGES as error:
            log.warning("browser can't be answered", error=type(error).__name__)
            return AWAY.as_response()

    return answer
