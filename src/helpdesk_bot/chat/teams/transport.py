"""How the SDK's client reaches the Bot Connector: one httpx client, one timeout, our errors in place of the SDK's.

By default it sends through `requests` in threads, waits 100 seconds, and posts again by itself when a connection broke:
a message that was taken would be there twice.
"""

import random
from typing import Any

import httpx
from msrest.pipeline import AsyncHTTPSender, Request, Response
from msrest.universal_http.async_abc import AsyncClientResponse

from connectors.http import trouble_of
from helpdesk_bot.chat.teams.token import BotToken
from helpdesk_bot.errors import ChatError, ChatRefused, ChatUnavailable, RateLimited

MAX_RESPONSE_BYTES = 4 * 1024 * 1024
_DEFAULT_WAIT_S = 2.0
_MAX_WAIT_S = 600.0


class _Answer(AsyncClientResponse):
    """An answer as the SDK reads it."""

    def __init__(self, request: Any, response: httpx.Response) -> None:  # noqa: ANN401 - the SDK's own request
        super().__init__(request, response)
        self.status_code = response.status_code
        self.headers = response.headers
        self.reason = response.reason_phrase
        self._content = response.content

    def body(self) -> bytes:
        return self._content

    def raise_for_status(self) -> None:
        """Nothing: what is no success never gets this far."""


class ConnectorTransport(AsyncHTTPSender[Any, Any]):
    """Sends each request once. Raises `ChatError` in one of its kinds for everything but success."""

    def __init__(self, client: httpx.AsyncClient, token: BotToken) -> None:
        self._client = client
        self._token = token

    async def __aexit__(self, *_: object) -> None:
        """The client is closed by whoever opened it."""

    async def send(self, request: "Request[Any]", **_: object) -> "Response[Any, Any]":
        asked = request.http_request
        content = asked.data.encode() if isinstance(asked.data, str) else asked.data
        headers = {**asked.headers, **await self._token.headers()}
        try:
            response = await self._client.request(asked.method, asked.url, headers=headers, content=content)
        except httpx.HTTPError as error:
            raise ChatUnavailable(trouble_of(error)) from error
        if not response.is_success:
            raise translate(response)
        if len(response.content) > MAX_RESPONSE_BYTES or not _is_json(response):
            raise ChatUnavailable("an answer of another shape")
        return Response(request, _Answer(asked, response))


def translate(response: httpx.Response) -> ChatError:
    """learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 412, 429, 502 and 504 are to be tried again.

    412 and 429 say that the message was not taken; 502 and 504 leave it open.
    """
    status = response.status_code
    if status in {412, 429}:
        return RateLimited(retry_after_s=_read_wait(response.headers.get("Retry-After")))
    if status >= 500 or status in {401, 408}:
        return ChatUnavailable(f"HTTP {status}")
    return ChatRefused(_word(response))


def _word(response: httpx.Response) -> str:
    """Teams' own word, such as `ContentStreamNotAllowed`; with its message where that alone says what happened."""
    match _read_json(response):
        case {"error": {"code": str(code), "message": str(message)}}:
            return f"{code}: {message}"[:200]
        case {"error": {"code": str(code)}}:
            return code[:200]
        case _:
            return f"HTTP {response.status_code}"


def _read_json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None


def _is_json(response: httpx.Response) -> bool:
    return not response.content or _read_json(response) is not None


def _read_wait(seconds: str | None) -> float:
    """What the service asks for, and a little more, so that many who wait don't come back at once."""
    wait_s = float(seconds) if seconds and seconds.isdecimal() else _DEFAULT_WAIT_S
    return min(wait_s, _MAX_WAIT_S) + random.uniform(0.0, 0.5)  # noqa: S311 - spread, not secrecy
