"""Tokens that expire, and are exchanged for new ones (docs.slack.dev/authentication/using-token-rotation)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from helpdesk_bot.errors import ChatRefused

EARLY_S = 2 * 60 * 60
"""A token is exchanged this long before its 12 hours are over, as Slack's own SDK does it."""


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """`expires_at` in seconds since 1970; 0 where it isn't known, which counts as expired."""

    access_token: str
    refresh_token: str
    expires_at: float = 0.0


class TokenStore(Protocol):
    """Where the newest pair is kept, for all processes of the bot: a refresh token can be used once only."""

    async def load(self) -> TokenPair | None:
        """The newest pair, or None where none was kept yet."""
        ...

    async def save(self, pair: TokenPair) -> None: ...


class Token(Protocol):
    """What the bot signs in with."""

    async def get(self) -> str: ...

    async def replace(self, refused: str) -> bool:
        """Slack does not take this one any more; whether there is another one now."""
        ...


class FixedToken:
    """One that lasts until it is revoked."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get(self) -> str:
        return self._token

    async def replace(self, refused: str) -> bool:  # noqa: ARG002 - there is no other
        return False


Exchange = Callable[[str], Awaitable[TokenPair]]
"""A refresh token for a new pair. Raises `ChatError` kinds."""


class RotatingToken:
    """One that lasts for twelve hours. `first` is what the app's pages show; what is stored goes before it."""

    def __init__(
        self, *, first: TokenPair, store: TokenStore, exchange: Exchange, clock: Callable[[], float] = time.time
    ) -> None:
        self._pair = first
        self._store = store
        self._exchange = exchange
        self._clock = clock
        self._is_kept = False  # what the store holds is this pair, or a newer one
        self._refreshing = asyncio.Lock()

    async def get(self) -> str:
        if not self._is_fresh(self._pair) or not self._is_kept:
            await self._refresh()
        return self._pair.access_token

    async def replace(self, refused: str) -> bool:
        await self._refresh(refused=refused)
        return self._pair.access_token != refused

    async def _refresh(self, *, refused: str = "") -> None:
        """Another process may have done it: what it stored is looked at first, and again where Slack refuses ours."""
        async with self._refreshing:
            await self._load()
            if self._is_fresh(self._pair) and self._pair.access_token != refused:
                return
            self._is_kept = False
            try:
                self._pair = await self._exchange(self._pair.refresh_token)
            except ChatRefused:
                await self._load()
                if self._is_fresh(self._pair) and self._pair.access_token != refused:
                    return
                raise
            await self._keep()

    async def _load(self) -> None:
        """The newest pair: the stored one, unless ours came later and could not be stored."""
        stored = await self._store.load()
        if stored and stored.expires_at >= self._pair.expires_at:
            self._pair, self._is_kept = stored, True
        elif self._pair.expires_at:
            await self._keep()

    async def _keep(self) -> None:
        await self._store.save(self._pair)
        self._is_kept = True

    def _is_fresh(self, pair: TokenPair) -> bool:
        return pair.expires_at - self._clock() > EARLY_S
