"""The bot's own token, with which it speaks: client credentials at Entra, kept until shortly before they end.

The SDK's way (MSAL) waits in the event loop without a time limit, forgets its cache with each client that it makes,
and takes no address but https: it can't be tried on loopback.
"""

import asyncio
import time
from collections.abc import Callable

import httpx
from pydantic import BaseModel, Field, ValidationError

from connectors.http import trouble_of
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited

LOGIN_URL = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
_EARLY_S = 300.0
"""A token is renewed this long before it ends: it may still be on its way then."""


class _Granted(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: float = Field(gt=0)


class BotToken:
    """What each request to the connector is signed with. With an empty app id nothing is: development on loopback."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        app_id: str,
        password: str,
        tenant_id: str,
        login_url: str = LOGIN_URL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._url = f"{login_url.rstrip('/')}/{tenant_id}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": SCOPE,
        }
        self._is_needed = bool(app_id)
        self._clock = clock
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.get()}"} if self._is_needed else {}

    async def get(self) -> str:
        """Raises `ChatRefused` for a wrong id or password, `ChatUnavailable` where Entra can't be reached."""
        async with self._renewing:
            if self._clock() >= self._until - _EARLY_S:
                granted = await self._ask()
                self._token = granted.access_token
                self._until = self._clock() + max(granted.expires_in, _EARLY_S + 1)
            return self._token

    def forget(self) -> None:
        """The service says that it is no longer good."""
        self._until = 0.0

    async def _ask(self) -> _Granted:
        try:
            response = await self._client.post(self._url, data=self._form)
        except httpx.HTTPError as error:
            raise ChatUnavailable(f"no token: {trouble_of(error)}") from error
        if response.status_code == 429:
            raise RateLimited(retry_after_s=5.0)
        if response.status_code >= 500:
            raise ChatUnavailable(f"no token: HTTP {response.status_code}")
        if response.status_code != 200:
            raise ChatRefused(f"no token: {_word(response)}")
        try:
            return _Granted.model_validate_json(response.content)
        except ValidationError as error:
            raise ChatUnavailable("no token: an answer of another shape") from error


def _word(response: httpx.Response) -> str:
    """Entra's own word, such as `invalid_client`; never its description, which repeats ids."""
    try:
        body = response.json()
    except ValueError:
        return f"HTTP {response.status_code}"
    word = body.get("error") if isinstance(body, dict) else None
    return word if isinstance(word, str) and word.isascii() and len(word) < 60 else f"HTTP {response.status_code}"
