"""Slack's Web API: one session, one timeout, and our errors in place of the SDK's."""

import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from connectors.http import DIRECT, WayOut, trouble_of
from connectors.http.trouble import NO_PROXY_REACHED, causes, refusal_of_proxy
from helpdesk_bot.chat.slack.tokens import FixedToken, Token, TokenPair
from helpdesk_bot.errors import ChatError, ChatRefused, ChatUnavailable, RateLimited

JsonObject: TypeAlias = dict[str, Any]
Method: TypeAlias = Callable[..., Awaitable[Any]]

DEFAULT_URL = "https://slack.com/api/"

_DEFAULT_WAIT_S = 1.0
_TROUBLE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "rollup_error"})
"""Error words that say Slack is in trouble, and nothing about the request."""

_OLD_TOKEN = frozenset({"token_expired", "invalid_auth", "token_revoked"})


def quiet_logger() -> logging.Logger:
    """For the SDK and bolt, which log whole payloads, and so people's words, at DEBUG."""
    logger = logging.getLogger("helpdesk_bot.slack_sdk")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_without_password)
    return logger


def _without_password(record: logging.LogRecord) -> bool:
    """aiohttp's error of a proxy that refuses holds the proxy's address, password included."""
    record.msg, record.args = re.sub(r"://[^/@\s]*@", "://", record.getMessage()), ()
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and any(isinstance(below, aiohttp.ClientHttpProxyError) for below in causes(error)):
        record.exc_info = None
    return True


def lead_out(client: AsyncWebClient, way_out: WayOut) -> None:
    """The SDK takes a proxy that it is not given from the environment, and knows no NO_PROXY."""
    client.proxy, client.ssl = way_out.proxy_for(client.base_url), way_out.tls


@contextmanager
def in_our_words() -> Generator[None]:
    """Raises `ChatUnavailable` for aiohttp's errors."""
    try:
        yield
    except aiohttp.ClientHttpProxyError as error:
        raise ChatUnavailable(refusal_of_proxy(error.status)) from None  # its own words hold the proxy's password
    except aiohttp.ClientProxyConnectionError as error:
        raise ChatUnavailable(NO_PROXY_REACHED) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChatUnavailable(trouble_of(error)) from error


class SlackApi:
    """Calls methods of the Web API while it is open (`async with`)."""

    def __init__(
        self, *, token: Token | str, base_url: str = DEFAULT_URL, timeout_s: float = 10.0, way_out: WayOut = DIRECT
    ) -> None:
        # By default the SDK repeats a request whose connection broke; a message that was taken would be there twice.
        client = AsyncWebClient(base_url=base_url, retry_handlers=[], logger=quiet_logger())
        lead_out(client, way_out)
        self.methods: Any = client  # the SDK's arguments are untyped
        self._way_out = way_out
        self._token = FixedToken(token) if isinstance(token, str) else token
        self._timeout_s = timeout_s
        self.granted_scopes = ""
        """Of the token, as Slack's last answer named them, with commas."""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s))
        self.methods.session = self._session
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get_token(self) -> str:
        return await self._token.get()

    def get(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """What is behind an address, without redirects. Raises aiohttp's errors."""
        way_out = self._way_out
        return self._session.get(
            url, headers=headers, allow_redirects=False, proxy=way_out.proxy_for(url), ssl=way_out.tls
        )

    async def call(self, method: Method, **arguments: object) -> JsonObject:
        """The response, which is `ok`. Raises `ChatError` in one of its kinds.

        Nothing is tried twice, but for a call that was refused for an old token where there is a new one.
        """
        token = await self._token.get()
        try:
            return await self._call(method, token, **arguments)
        except ChatRefused as refused:
            if refused.reason not in _OLD_TOKEN or not await self._token.replace(token):
                raise
        return await self._call(method, await self._token.get(), **arguments)

    async def _call(self, method: Method, token: str, **arguments: object) -> JsonObject:
        self.methods.token = token  # the request is made of it before anybody else's turn
        try:
            with in_our_words():
                response = await method(**arguments)
        except SlackApiError as error:
            raise _translate(error) from error
        self.granted_scopes = response.headers.get("x-oauth-scopes", self.granted_scopes)
        body: JsonObject | bytes = response.data
        return body if isinstance(body, dict) else {}

    async def iter_pages(
        self, method: Method, *, start: str | None = None, **arguments: object
    ) -> AsyncIterator[JsonObject]:
        """Every page of a method that pages by cursor, from `start` on."""
        seen: set[str] = set()
        cursor = start
        while True:
            page = await self.call(method, cursor=cursor, **arguments)
            yield page
            cursor = cursor_of(page)
            if cursor is None:
                return
            if cursor in seen:
                raise ChatUnavailable("a page came twice")
            seen.add(cursor)


def cursor_of(page: JsonObject) -> str | None:
    """Of the page after it; None for the last."""
    metadata: JsonObject = page.get("response_metadata") or {}
    return metadata.get("next_cursor") or None


class TokenOffice:
    """Exchanges refresh tokens, in the app's own name."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        base_url: str = DEFAULT_URL,
        timeout_s: float = 10.0,
        way_out: WayOut = DIRECT,
    ) -> None:
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._api = partial(SlackApi, token="", base_url=base_url, timeout_s=timeout_s, way_out=way_out)

    async def exchange(self, refresh_token: str) -> TokenPair:
        async with self._api() as api:
            # The SDK's own method warns of what aiohttp no longer wants; Slack takes id and secret in the body as well.
            wanted = {**self._client, "grant_type": "refresh_token", "refresh_token": refresh_token}
            given = await api.call(api.methods.api_call, api_method="oauth.v2.access", data=wanted)
        expires_at = time.time() + float(given["expires_in"])
        return TokenPair(
            access_token=given["access_token"], refresh_token=given["refresh_token"], expires_at=expires_at
        )


def _translate(error: SlackApiError) -> ChatError:
    """Slack's answer as our error. The SDK hands over the bare HTTP response where its body was no JSON."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    body: JsonObject = response.data if isinstance(getattr(response, "data", None), dict) else {}
    reason = str(body.get("error", f"HTTP {status}"))
    if status == 429 or reason in {"ratelimited", "rate_limited"}:
        return RateLimited(retry_after_s=read_wait(response.headers.get("Retry-After")))
    if status >= 500 or "error" not in body or reason in _TROUBLE:
        return ChatUnavailable(reason)
    return ChatRefused(reason)


def read_wait(seconds: str | None) -> float:
    """Of a `Retry-After`; a moment where it is missing, or no number."""
    return float(seconds) if seconds and seconds.isdecimal() else _DEFAULT_WAIT_S
