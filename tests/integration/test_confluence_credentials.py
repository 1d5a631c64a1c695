import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio

from connectors.confluence import OAuth, Tokens
from connectors.errors import NeedsLogin, SourceUnavailable
from connectors.text.reader import TextReader
from tests.fakes.confluence import CLIENT_ID, CLIENT_SECRET, Broken, ConfluenceServer, running_confluence
from tests.fakes.confluence_door import confluence_source
from tests.fakes.confluence_wiki import BOT, Wiki

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Shelf:
    """Keeps tokens, for all connections of a test."""

    def __init__(self, tokens: Tokens | None) -> None:
        self.tokens = tokens
        self.saved: list[Tokens] = []
        self.is_away = False
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        async with self._turn:
            yield

    async def load(self) -> Tokens | None:
        return self.tokens

    async def save(self, tokens: Tokens) -> None:
        if self.is_away:
            raise psycopg.OperationalError("the database is away")
        self.tokens = tokens
        self.saved.append(tokens)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader() as text_reader:
        yield text_reader


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[ConfluenceServer]:
    wiki = Wiki()
    wiki.add_group("users", [BOT])
    wiki.add_space("IT", viewers=["group:users"])
    wiki.add_page("IT", "A page")
    async with running_confluence(wiki) as running:
        yield running


def oauth(server: ConfluenceServer, shelf: Shelf, clock: Clock, **other: str) -> OAuth:
    stated = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **other}
    return OAuth("wiki", store=shelf, token_url=server.token_url, now=clock, **stated)


async def count(server: ConfluenceServer, reader: TextReader, auth: OAuth) -> int:
    async with confluence_source(server, reader, auth=auth) as source:
        return len([one async for one in source.present()])


async def test_the_first_token_comes_for_the_refresh_token(server: ConfluenceServer, reader: TextReader) -> None:
    shelf = Shelf(Tokens(refresh="refresh-0"))
    assert await count(server, reader, oauth(server, shelf, Clock())) == 1
    assert server.token_requests == 1
    assert shelf.tokens == Tokens(
        refresh=server.refresh_token,
        access=server.access_token,
        expires_at=datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
    )


async def test_a_token_that_is_good_is_used_on(server: ConfluenceServer, reader: TextReader) -> None:
    shelf, clock = Shelf(Tokens(refresh="refresh-0")), Clock()
    auth = oauth(server, shelf, clock)
    for _ in range(2):
        await count(server, reader, auth)
    await count(server, reader, oauth(server, shelf, clock))  # another process, with the same store
    assert server.token_requests == 1


async def test_a_token_is_renewed_before_it_ends(server: ConfluenceServer, reader: TextReader) -> None:
    shelf, clock = Shelf(Tokens(refresh="refresh-0")), Clock()
    auth = oauth(server, shelf, clock)
    await count(server, reader, auth)
    clock.now += timedelta(minutes=59)
    await count(server, reader, auth)
    assert server.token_requests == 2
    assert [tokens.refresh for tokens in shelf.saved][-1] == server.refresh_token


async def test_tokens_that_could_not_be_kept_are_gone_on_with(server: ConfluenceServer, reader: TextReader) -> None:
    """The one that is kept was used already: Atlassian takes it no more."""
    shelf, clock = Shelf(Tokens(refresh="refresh-0")), Clock()
    shelf.is_away = True
    auth = oauth(server, shelf, clock)
    with pytest.raises(psycopg.OperationalError):
        await count(server, reader, auth)
    shelf.is_away = False
    clock.now += timedelta(hours=2)
    assert await count(server, reader, auth) == 1
    assert shelf.tokens is not None
    assert shelf.tokens.refresh == server.refresh_token


async def test_a_token_that_is_refused_is_renewed_once(server: ConfluenceServer, reader: TextReader) -> None:
    shelf = Shelf(Tokens(refresh="refresh-0"))
    auth = oauth(server, shelf, Clock())
    await count(server, reader, auth)
    server.access_token = "another"
    assert await count(server, reader, auth) == 1
    assert server.token_requests == 2


async def test_a_refresh_token_that_was_used_by_others_needs_a_person(
    server: ConfluenceServer, reader: TextReader
) -> None:
    for shelf in (Shelf(Tokens(refresh="spent")), Shelf(None)):
        with pytest.raises(NeedsLogin, match="allow"):
            await count(server, reader, oauth(server, shelf, Clock()))


async def test_processes_that_renew_at_once_spend_one_refresh_token(
    server: ConfluenceServer, reader: TextReader
) -> None:
    shelf, clock = Shelf(Tokens(refresh="refresh-0")), Clock()
    found = await asyncio.gather(*(count(server, reader, oauth(server, shelf, clock)) for _ in range(5)))
    assert found == [1] * 5
    assert server.token_requests == 1


async def test_a_token_endpoint_that_is_down_for_a_moment_is_asked_again(
    server: ConfluenceServer, reader: TextReader
) -> None:
    server.plan("oauth/token", Broken(503), Broken(502))
    assert await count(server, reader, oauth(server, Shelf(Tokens(refresh="refresh-0")), Clock())) == 1
    server.always("oauth/token", Broken(503))
    server.access_token = "another"
    with pytest.raises(SourceUnavailable):
        await count(server, reader, oauth(server, Shelf(Tokens(refresh=server.refresh_token)), Clock()))


async def test_no_secret_is_in_an_error_or_a_repr(server: ConfluenceServer, reader: TextReader) -> None:
    auth = oauth(server, Shelf(Tokens(refresh="spent-and-secret")), Clock(), client_secret="very-secret")
    with pytest.raises(NeedsLogin) as raised:
        await count(server, reader, auth)
    said = f"{raised.value} {raised.value!r} {auth!r}"
    assert "secret" not in said
