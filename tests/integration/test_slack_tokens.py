"""Tokens that last for twelve hours, with the real SDK against a Slack that uses each refresh token once."""

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from helpdesk_bot.chat.slack import RotatingToken, SlackChat, TokenOffice, TokenPair
from helpdesk_bot.errors import ChatRefused, ChatUnavailable
from tests.fakes.slack import HttpError, SlackServer

HOUR_S = 3_600


class MemoryStore:
    def __init__(self) -> None:
        self.pair: TokenPair | None = None
        self.saved = 0
        self.is_away = False

    async def load(self) -> TokenPair | None:
        return self.pair

    async def save(self, pair: TokenPair) -> None:
        if self.is_away:
            raise psycopg.OperationalError("the database is away")
        self.pair = pair
        self.saved += 1


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        server.add_user("UADA", email="ada@example.com")
        yield server


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def rotating(slack: SlackServer, store: MemoryStore, *, ahead_s: float = 0.0, secret: str = "") -> RotatingToken:
    """`ahead_s`: how far this process's clock is ahead of the time when the tokens were made."""
    office = TokenOffice(
        client_id=slack.client_id, client_secret=secret or slack.client_secret, base_url=slack.base_url
    )
    first = TokenPair(access_token="xoxb-fake-bot", refresh_token="xoxe-1-fake")
    return RotatingToken(first=first, store=store, exchange=office.exchange, clock=lambda: time.time() + ahead_s)


async def test_the_first_refresh_token_is_exchanged_and_the_new_pair_kept(
    slack: SlackServer, store: MemoryStore
) -> None:
    async with SlackChat(token=rotating(slack, store), base_url=slack.base_url) as chat:
        await chat.get_person("UADA")

    assert store.pair is not None
    assert (store.pair.access_token, store.pair.refresh_token) == (slack.bot_token, slack.refresh_token)
    assert store.saved == len(slack.calls_of("oauth.v2.access")) == 1


async def test_after_a_restart_the_kept_pair_goes_on(slack: SlackServer, store: MemoryStore) -> None:
    for _ in range(2):
        async with SlackChat(token=rotating(slack, store), base_url=slack.base_url):
            pass

    assert len(slack.calls_of("oauth.v2.access")) == 1


@pytest.mark.parametrize(("ahead_s", "exchanges"), [(9 * HOUR_S, 1), (11 * HOUR_S, 2), (13 * HOUR_S, 2)])
async def test_a_token_is_exchanged_before_it_ends(
    slack: SlackServer, store: MemoryStore, ahead_s: float, exchanges: int
) -> None:
    async with SlackChat(token=rotating(slack, store), base_url=slack.base_url):
        pass

    await rotating(slack, store, ahead_s=ahead_s).get()

    assert len(slack.calls_of("oauth.v2.access")) == exchanges


async def test_a_token_that_slack_ended_early_is_exchanged_and_the_call_made_again(
    slack: SlackServer, store: MemoryStore
) -> None:
    async with SlackChat(token=rotating(slack, store), base_url=slack.base_url) as chat:
        slack.bot_token = "xoxe.xoxb-1-fake-somewhere-else"
        await asyncio.gather(*(chat.get_person("UADA") for _ in range(5)))

    assert len(slack.calls_of("oauth.v2.access")) == 2


async def test_two_processes_exchange_one_after_the_other(slack: SlackServer, store: MemoryStore) -> None:
    """The second one's refresh token was used already: it takes the pair that the first one kept."""
    first, second = rotating(slack, store), rotating(slack, store)
    tokens = await asyncio.gather(first.get(), second.get(), first.get(), second.get())

    assert set(tokens) <= {slack.bot_token, store.pair and store.pair.access_token}
    assert store.pair is not None
    assert await second.get() == store.pair.access_token == slack.bot_token


async def test_a_wrong_secret_is_refused_by_name(slack: SlackServer, store: MemoryStore) -> None:
    with pytest.raises(ChatRefused, match="bad_client_secret"):
        await rotating(slack, store, secret="wrong").get()


async def test_a_used_refresh_token_without_a_newer_pair_is_refused(slack: SlackServer, store: MemoryStore) -> None:
    slack.refresh_token = "xoxe-1-another"

    with pytest.raises(ChatRefused, match="invalid_refresh_token"):
        await rotating(slack, store).get()


async def test_slack_in_trouble_leaves_the_pair_as_it_is(slack: SlackServer, store: MemoryStore) -> None:
    slack.fail("oauth.v2.access", HttpError(503))
    token = rotating(slack, store)

    with pytest.raises(ChatUnavailable):
        await token.get()
    assert store.pair is None
    assert await token.get() == slack.bot_token


async def test_a_pair_that_could_not_be_kept_is_kept_with_the_next_look(slack: SlackServer, store: MemoryStore) -> None:
    """Its refresh token is the only one that Slack still takes."""
    store.is_away = True
    token = rotating(slack, store)
    with pytest.raises(psycopg.OperationalError):
        await token.get()
    store.is_away = False

    assert await token.get() == slack.bot_token
    assert store.pair is not None
    assert store.pair.refresh_token == slack.refresh_token
    assert len(slack.calls_of("oauth.v2.access")) == 1


async def test_a_token_that_lasts_is_not_exchanged(slack: SlackServer) -> None:
    with pytest.raises(ChatRefused, match="invalid_auth"):
        async with SlackChat(token="xoxb-wrong", base_url=slack.base_url):
            pass

    assert len(slack.calls_of("auth.test")) == 1
