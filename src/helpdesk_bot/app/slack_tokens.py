"""Slack's token, fixed or rotating, kept in our own table."""

from pydantic import TypeAdapter

from helpdesk_bot.chat.slack import RotatingToken, TokenOffice, TokenPair
from helpdesk_bot.records.tokens import StoredTokens
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool

_PAIR = TypeAdapter(TokenPair)


class SlackTokens:
    """Fits `helpdesk_bot.chat.slack.TokenStore`."""

    def __init__(self, stored: StoredTokens) -> None:
        self._stored = stored

    async def load(self) -> TokenPair | None:
        body = await self._stored.load()
        return None if body is None else _PAIR.validate_python(body)

    async def save(self, pair: TokenPair) -> None:
        await self._stored.save(_PAIR.dump_python(pair, mode="json"))


def slack_token(settings: Settings, pool: Pool) -> RotatingToken | str:
    """What the bot signs in with: the configured token, or the newest of those that followed it."""
    bot_token, refresh = settings.slack_bot_token.get_secret_value(), settings.slack_refresh_token.get_secret_value()
    if not refresh:
        return bot_token
    office = TokenOffice(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        base_url=settings.slack_api_url,
        way_out=settings.way_out,
    )
    store = SlackTokens(StoredTokens(pool, name="slack", seed=refresh))
    first = TokenPair(access_token=bot_token, refresh_token=refresh)
    return RotatingToken(first=first, store=store, exchange=office.exchange)
