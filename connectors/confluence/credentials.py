"""How we sign in: an API token, a personal access token, or OAuth 2.0 with a refresh token that changes at each use."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.errors import NeedsLogin

TOKEN_URL = "https://auth.atlassian.com/oauth/token"  # noqa: S105  an address
TOKEN_HOST = "auth.atlassian.com"  # noqa: S105  a host
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SOON = timedelta(minutes=2)
"""A token that ends within this time is renewed first."""
_REVOKED = frozenset({400, 401, 403})
"""`invalid_grant` and its kin: the refresh token was used by somebody else, revoked, or is older than 90 days."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What Atlassian gave last. The refresh token works once: the next one comes with the next access token."""

    refresh: str
    access: str = ""
    expires_at: datetime = _LONG_AGO


class TokenStore(Protocol):
    """Where the tokens of one connection are kept, for all processes together."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Held while tokens are renewed: by one at a time, over all processes."""
        ...

    async def load(self) -> Tokens | None: ...

    async def save(self, tokens: Tokens) -> None: ...


class ApiToken(httpx.BasicAuth):
    """An Atlassian account's API token (Cloud), sent with the account's e-mail address."""

    def __init__(self, email: str, token: str) -> None:
        super().__init__(email, token)


class PersonalAccessToken(httpx.Auth):
    """Data Center, from 7.9."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = self._header
        yield request


class _Granted(BaseModel):
    model_config = ConfigDict(frozen=True)

    access_token: str
    refresh_token: str
    expires_in: int


class OAuth(httpx.Auth):
    """OAuth 2.0 (3LO). The new refresh token is saved before the new access token is used.

    Raises NeedsLogin when Atlassian no longer takes the refresh token: somebody has to allow the app anew.
    """

    def __init__(
        self,
        source: str,
        *,
        client_id: str,
        client_secret: str,
        store: TokenStore,
        token_url: str = TOKEN_URL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source = source
        self._client_id = client_id
        self._client_secret = client_secret
        self._store = store
        self._token_url = token_url
        self._now = now
        self._tokens: Tokens | None = None
        self._turn = asyncio.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:  # noqa: ARG002  httpx's signature
        raise RuntimeError("tokens are renewed asynchronously")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        used = self._tokens
        if used is None or used.expires_at - _SOON <= self._now():
            async with self._turn, self._store.turn():
                renewal = await self._renewal(used)
                if renewal is not None:
                    await self._take(await _body((yield renewal)))
        request.headers["authorization"] = f"Bearer {self._access}"
        used = self._tokens
        response = yield request
        if response.status_code == 401:
            async with self._turn, self._store.turn():
                renewal = await self._renewal(used)
                if renewal is not None:
                    await self._take(await _body((yield renewal)))
            request.headers["authorization"] = f"Bearer {self._access}"
            yield request

    @property
    def _access(self) -> str:
        return self._tokens.access if self._tokens else ""

    async def _renewal(self, used: Tokens | None) -> httpx.Request | None:
        """The request for new tokens; None where another request or another process has renewed them meanwhile."""
        newest = await self._find_newest()
        if newest is None:
            raise NeedsLogin(self._source, "nobody has allowed the app yet")
        is_fresh = newest.expires_at - _SOON > self._now()
        if is_fresh and (used is None or newest.access != used.access):
            self._tokens = newest
            return None
        return httpx.Request("POST", self._token_url, json=self._asking(newest.refresh))

    async def _find_newest(self) -> Tokens | None:
        """The stored tokens, unless ours came later and could not be stored: the others were used already."""
        stored = await self._store.load()
        if self._tokens and (stored is None or stored.expires_at < self._tokens.expires_at):
            return self._tokens
        return stored

    def _asking(self, refresh: str) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "refresh_token": refresh,
        }

    async def _take(self, answer: httpx.Response) -> None:
        if answer.status_code in _REVOKED:
            raise NeedsLogin(self._source, f"the app must be allowed anew (HTTP {answer.status_code} for new tokens)")
        try:
            granted = _Granted.model_validate(json.loads(answer.content))
        except (ValueError, ValidationError) as error:
            raise httpx.RemoteProtocolError(f"HTTP {answer.status_code} for new tokens") from error
        self._tokens = Tokens(
            access=granted.access_token,
            refresh=granted.refresh_token,
            expires_at=self._now() + timedelta(seconds=granted.expires_in),
        )
        await self._store.save(self._tokens)


async def _body(response: httpx.Response) -> httpx.Response:
    await response.aread()
    return response
