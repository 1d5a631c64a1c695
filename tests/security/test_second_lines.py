"""Controls behind other controls: the first line holds on most days, so each second one is tried by itself."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents import STAFF, AccessRule
from connectors.errors import OutOfBounds
from connectors.google_drive.listing import quoted
from connectors.http.bounds import Bounds
from connectors.http.transport import GuardedTransport
from helpdesk_bot.records.presses import take_press
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.postgres import Pool
from knowledge.search import Search
from knowledge.store import Store
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.world import World


async def test_candidates_that_no_ranking_should_have_found_are_not_read(pool: Pool) -> None:
    world, store, embedder = World(3), Store(pool), HashedEmbedder(dimension=32)
    world.documents = {"wiki-0": ("wiki", AccessRule.any_of([STAFF]), "printer")}
    await world.store(store, embedder)
    access = Access(store)
    [found] = await Search(store, embedder, access).find("printer", Audience.person([STAFF]))
    async with store.snapshot() as snapshot:
        space = snapshot.moment.space
        assert space is not None
        for audience, is_read in ((Audience.person([STAFF]), True), (Audience.public(), False)):
            candidates = await snapshot.list_candidates(
                [found.chunk_id],
                access_ids=await access.list_ids(snapshot, audience),
                space=space,
                vector=None,
                weights={},
                lexemes=[],
            )
            assert (found.chunk_id in candidates) is is_read


async def test_a_press_that_had_its_effect_has_none_again(pool: Pool) -> None:
    async with pool.connection() as connection:
        assert [await take_press(connection, "slack:1") for _ in range(3)] == [True, False, False]


class Recording(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return httpx.Response(200, request=request)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "http://wiki.example.com/", "https://u@wiki.example.com/", "https://wiki.example.com:8/"],
)
async def test_a_request_that_nobody_resolved_is_stopped_at_the_last_gate(address: str) -> None:
    inner = Recording()
    transport = GuardedTransport(Bounds("https://wiki.example.com"), inner=inner)
    await transport.handle_async_request(httpx.Request("GET", "https://wiki.example.com/a"))
    with pytest.raises(OutOfBounds):
        await transport.handle_async_request(httpx.Request("GET", address))
    assert inner.asked == ["https://wiki.example.com/a"]


@given(st.text(alphabet=st.sampled_from("ab'\\ =()\"\n"), max_size=12))
def test_whatever_is_asked_of_drive_stays_one_string(text: str) -> None:
    """Read as Drive reads it: a backslash takes the next sign for itself, and the first plain quote ends the string."""
    said, read, at = quoted(text), "", 1
    while said[at] != "'":
        at += said[at] == "\\"
        read += said[at]
        at += 1
    assert (read, at) == (text, len(said) - 1)
