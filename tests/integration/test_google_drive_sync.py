"""Google Drive through the sync engine, where things go wrong: nothing is embedded again, nothing is forgotten."""

import pytest

from connectors.text.reader import TextReader
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.google_drive import Refuse
from tests.fakes.google_drive_site import open_site


@pytest.fixture
async def store(database_url):
    async with open_pool(database_url, max_size=8) as pool:
        yield Store(pool)


@pytest.fixture
async def site(tmp_path):
    async with TextReader() as reader, open_site(tmp_path, reader) as drive_site:
        for number in range(3):
            await drive_site.add(f"Guide {number}", [f"All about matter {number}."])
        yield drive_site


async def sync_site(site, store):
    async with site.open() as source:
        return await sync(source, store=store, embedder=HashedEmbedder())


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_an_invalid_page_token_lists_everything_and_embeds_nothing(site, store, status):
    assert (await sync_site(site, store)).added == 3

    site.google.fail("changes.list", Refuse(status, "invalid"))
    receipt = await sync_site(site, store)

    assert (receipt.state, receipt.unchanged, receipt.chunks_embedded) == (RunState.COMPLETE, 3, 0)


async def test_a_source_that_needs_a_login_says_so_and_keeps_what_it_has(site, store):
    await sync_site(site, store)

    site.google.tokens.revoke()
    receipt = await sync_site(site, store)

    assert receipt.state is RunState.FAILED
    assert "sign-in" in receipt.reason
    assert receipt.removed == 0

    site.google.tokens.is_revoked = False
    receipt = await sync_site(site, store)
    assert (receipt.state, receipt.unchanged, receipt.chunks_embedded) == (RunState.COMPLETE, 3, 0)
