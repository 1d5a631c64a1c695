"""Signing in to Google: a service account, by itself or in somebody's name, or a person who gave their consent.

google-auth signs; the tokens are fetched with our own client, since google-auth's is synchronous.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx

from connectors.errors import HttpRefused, NeedsLogin
from connectors.http import DIRECT, Verdict, Visit, WayOut, judge

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  an address
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LIFETIME = timedelta(hours=1)
_UNAUTHORIZED = 401
_MARGIN = timedelta(minutes=1)
"""A token is renewed that long before it ends."""
_ADVICE = {
    "invalid_grant": "the access was revoked, the account is disabled, or this machine's clock is wrong",
    "unauthorized_client": "allow this client's scopes under domain-wide delegation in the Admin console",
    "invalid_client": "the client's id and secret don't belong together",
    "invalid_scope": "allow this client's scopes under domain-wide delegation in the Admin console",
    "access_denied": "an administrator does not allow it",
}
_SIGN_IN_AGAIN = "sign in again and store the new credentials"


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A service account's key. With `subject` it acts for that person, which takes domain-wide delegation."""

    email: str
    private_key: str = field(repr=False)
    private_key_id: str = ""
    subject: str | None = None
    token_uri: str = TOKEN_URI

    @classmethod
    def from_json(cls, text: str, *, subject: str | None = None) -> "ServiceAccount":
        """The key file that Google makes. Raises ValueError, without any of its content, for another text."""
        try:
            found: Any = json.loads(text)
        except ValueError:
            found = None
        key = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        if key.get("type") != "service_account" or not (key.get("client_email") and key.get("private_key")):
            raise ValueError("this is not the key of a service account: client_email or private_key is missing")
        return cls(
            email=str(key["client_email"]),
            private_key=str(key["private_key"]),
            private_key_id=str(key.get("private_key_id", "")),
            subject=subject,
            token_uri=str(key.get("token_uri") or TOKEN_URI),
        )

    def grant(self, scopes: Collection[str], now: datetime) -> dict[str, str]:
        """What is posted for a token. Raises ValueError for a private key that is none."""
        from google.auth import crypt, jwt

        signer = crypt.RSASigner.from_string(self.private_key, self.private_key_id)
        claims: dict[str, str | int] = {
            "iss": self.email,
            "scope": " ".join(scopes),
            "aud": self.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
        }
        if self.subject:
            claims["sub"] = self.subject
        return {"grant_type": _JWT_BEARER, "assertion": jwt.encode(signer, claims).decode()}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody's consent, as a refresh token; the scopes are those that were consented to."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_uri: str = TOKEN_URI

    def grant(self, scopes: Collection[str], now: datetime) -> dict[str, str]:  # noqa: ARG002  the consent has both
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }


Login = ServiceAccount | Person


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class _Token:
    value: str = field(repr=False)
    ends_at: datetime


class TokenAuth(httpx.Auth):
    """Puts an access token on each request: fetched when needed, renewed before it ends, and once after a 401."""

    def __init__(
        self,
        login: Login,
        *,
        source: str,
        scopes: Collection[str],
        way_out: WayOut = DIRECT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`source` names the place in errors. Raises ValueError for a token_uri that is neither https nor loopback."""
        self._login = login
        self._source = source
        self._scopes = tuple(scopes)
        self._now = now
        self.visit = Visit(source, base_url=login.token_uri, classify=_judge_token_answer, way_out=way_out, sleep=sleep)
        """Of the token endpoint; whoever made this closes it."""
        self._turn = asyncio.Lock()
        self._token: _Token | None = None

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self._get_token(refused=None)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            token = await self._get_token(refused=token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    async def _get_token(self, *, refused: _Token | None) -> _Token:
        """One that lasts; another one than the refused. Whoever waits meanwhile takes what was fetched."""
        async with self._turn:
            token = self._token
            if token is None or token is refused or token.ends_at - _MARGIN <= self._now():
                token = self._token = await self._fetch()
            return token

    async def _fetch(self) -> _Token:
        now = self._now()
        try:
            form = await asyncio.to_thread(self._login.grant, self._scopes, now)
        except ValueError as error:
            raise NeedsLogin(self._source, "the service account's private key can't be read") from error
        try:
            answer = await self.visit.post_form(self._login.token_uri, form=form)
        except HttpRefused as error:
            raise NeedsLogin(self._source, _in_words(error)) from error
        value, lifetime_s = answer.get("access_token"), answer.get("expires_in", 0)
        if not isinstance(value, str) or not isinstance(lifetime_s, int):
            raise NeedsLogin(self._source, "Google's answer to the sign-in holds no token")
        return _Token(value=value, ends_at=now + timedelta(seconds=lifetime_s))


def _judge_token_answer(response: httpx.Response) -> Verdict:
    """All that is refused is refused with a word that says more than the status."""
    verdict = judge(response)
    return Verdict.REFUSED if verdict is Verdict.LOG_IN else verdict


def _in_words(error: HttpRefused) -> str:
    """Google's word (RFC 6749, 5.2) where it is one that we know; nothing else of the answer is shown."""
    word = str(error.details.get("error", ""))
    advice = _ADVICE.get(word, _SIGN_IN_AGAIN)
    return f"Google refuses the sign-in ({word if word in _ADVICE else f'HTTP {error.status}'}): {advice}"
