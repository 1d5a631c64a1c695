"""What many of these tests begin with; each may have its own."""

from collections.abc import AsyncIterator

import pytest

from helpdesk_bot.chat.slack import SlackChat
from knowledge.postgres import Pool
from knowledge.store import Store
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.slack import SlackServer


@pytest.fixture
def store(pool: Pool) -> Store:
    return Store(pool)


@pytest.fixture
def embedder() -> HashedEmbedder:
    return HashedEmbedder()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as slack:
        slack.add_user("UADA", email="ada@example.com", name="Ada")
        slack.add_user("UBO", email="bo@example.com", name="Bo")
        slack.add_user("UGUEST", email="guest@elsewhere.example", is_guest=True)
        slack.add_channel("CIT", members=["UADA", "UBO"])
        yield slack


@pytest.fixture
async def chat(slack: SlackServer) -> AsyncIterator[SlackChat]:
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url, timeout_s=2) as chat:
        yield chat
