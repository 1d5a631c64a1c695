"""What is made of an answer."""

import json
from dataclasses import dataclass
from typing import Any, cast

import httpx

JsonObject = dict[str, Any]

_PAGE = "it answers with a web page: the sign-in of something in between, or the address is another's"


@dataclass(frozen=True, kw_only=True)
class Download:
    """An answer to take as it is. After a 304 `content` is empty."""

    content: bytes
    media_type: str
    """As the place says it, parameters included; empty where it says nothing."""
    headers: httpx.Headers
    status: int
    url: str
    """Where it was found, behind all redirects."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """Why an attempt failed that may go well later, and how long the place wants to be left alone."""

    reason: str
    retry_after_s: float | None = None


def read_json(response: httpx.Response) -> JsonObject | Again:
    """A body that is no JSON object is mostly one that was cut short, or the page of something in between."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return Again(reason=_PAGE if _is_page(response) else "its answer is not JSON")
    return cast("JsonObject", answer) if isinstance(answer, dict) else Again(reason="its answer is no JSON object")


def _is_page(response: httpx.Response) -> bool:
    return response.headers.get("content-type", "").startswith(("text/html", "application/xhtml"))


def take_as_it_is(response: httpx.Response) -> Download:
    return Download(
        content=response.content,
        media_type=response.headers.get("content-type", ""),
        headers=response.headers,
        status=response.status_code,
        url=str(response.url),
    )
