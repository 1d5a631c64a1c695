"""Confluence's tokens, kept in our own table."""

from contextlib import AbstractAsyncContextManager

from pydantic import TypeAdapter

from connectors.confluence import Tokens
from helpdesk_bot.records.tokens import StoredTokens

_TOKENS = TypeAdapter(Tokens)


class ConfluenceTokens:
    """Fits `connectors.confluence.TokenStore`. Before the first renewal there is only the configured refresh token."""

    def __init__(self, stored: StoredTokens, *, first_refresh_token: str) -> None:
        self._stored = stored
        self._first = first_refresh_token

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._stored.turn()

    async def load(self) -> Tokens | None:
        body = await self._stored.load()
        if body is not None:
            return _TOKENS.validate_python(body)
        return Tokens(refresh=self._first) if self._first else None

    async def save(self, tokens: Tokens) -> None:
        await self._stored.save(_TOKENS.dump_python(tokens, mode="json"))
