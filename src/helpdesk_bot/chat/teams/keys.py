"""Microsoft's signing keys, in place of the SDK's own reader: that has no time limit and knows no way out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from connectors.http import DIRECT, WayOut, client_by, trouble_of

_TIMEOUT_S = 5.0
_GOOD_FOR_S = 24 * 3600.0
_REFRESH_AFTER_S = 300.0
"""A key that is not known makes the keys be read again, this often at most: they change about once a month."""


class KeysUnavailable(Exception):
    """Microsoft's keys can't be read now, so nobody can be let in."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """As the SDK validates with it."""

    public_key: Any
    endorsements: Sequence[str]


class SigningKeys:
    """Those of one address of metadata. Methods raise `KeysUnavailable`."""

    def __init__(self, metadata_url: str, *, way_out: WayOut = DIRECT) -> None:
        self._url = metadata_url
        self._way_out = way_out
        self._keys: Mapping[str, dict[str, Any]] = {}
        self._read_at = self._refreshed_at = float("-inf")

    async def find(self, key_id: str) -> dict[str, Any] | None:
        now = time.monotonic()
        if now - self._read_at > _GOOD_FOR_S:
            await self.read()
        if key_id not in self._keys and now - self._refreshed_at > _REFRESH_AFTER_S:
            self._refreshed_at = now
            await self.read()
        return self._keys.get(key_id)

    async def get(self, key_id: str) -> SigningKey:
        """What the SDK asks for. Raises LookupError for a key that is not known."""
        key = await self.find(key_id)
        if key is None:
            raise LookupError("no such key")
        return SigningKey(public_key=jwt.PyJWK(key, algorithm="RS256").key, endorsements=key.get("endorsements") or ())

    async def read(self) -> None:
        try:
            async with client_by(self._way_out, timeout_s=_TIMEOUT_S) as client:
                metadata = await client.get(self._url)
                found = await client.get(metadata.raise_for_status().json()["jwks_uri"])
                self._keys = {key["kid"]: key for key in found.raise_for_status().json()["keys"]}
        except httpx.HTTPStatusError as error:
            raise KeysUnavailable(f"HTTP {error.response.status_code}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise KeysUnavailable(trouble_of(error)) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise KeysUnavailable("an answer of another shape") from error
        self._read_at = time.monotonic()
