"""A website through a sync: what visitors find, and what it costs."""

import asyncio

import pytest
import pytest_asyncio

from connectors.documents import STAFF
from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from connectors.website import Scope, open_website
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.website import Website, html

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader():
    async with TextReader(ReadLimits(input_bytes=100_000)) as text_reader:
        yield text_reader


@pytest_asyncio.fixture(loop_scope="module")
async def help_site(database_url, reader):
    async with open_pool(database_url, max_size=8) as pool, Website() as website:
        yield HelpSite(website, Store(pool), reader)


class HelpSite:
    """A site of six pages that is synced as often as it takes."""

    def __init__(self, website, store, reader):
        self.website = website
        self.store = store
        self.reader = reader
        self.embedder = HashedEmbedder()
        for name in ("vpn", "wifi", "printer", "mail", "phone", "badge"):
            website.put(f"/{name}", html(name, f"<p>How to get a {name} and what for.</p>"))

    async def sync(self, **scope):
        async def sleep(seconds):
            await asyncio.sleep(0)

        self.website.requests.clear()
        scope = Scope(base_url=self.website.base_url, **scope)
        async with open_website("site", scope, reader=self.reader, sleep=sleep) as source:
            return await sync(source, store=self.store, embedder=self.embedder)

    async def found(self, audience=None):
        search = Search(self.store, self.embedder, Access(self.store))
        passages = await search.find("how to get it", audience or Audience.public(), limit=100)
        return {passage.key.rsplit("/", 1)[-1] for passage in passages}


NAMES = {"vpn", "wifi", "printer", "mail", "phone", "badge"}


async def test_visitors_find_every_page_by_its_address(help_site):
    receipt = await help_site.sync()

    assert (receipt.state, receipt.added, receipt.found) == (RunState.COMPLETE, 6, 6)
    assert await help_site.found() == NAMES
    assert len(help_site.website.requests) == 6 + 3  # each page once; robots.txt, the sitemap, a page that is not there


async def test_a_run_without_changes_asks_for_each_page_once_and_is_sent_none(help_site):
    await help_site.sync()
    help_site.embedder.embedded.clear()

    receipt = await help_site.sync()

    assert (receipt.state, receipt.unchanged, help_site.embedder.embedded) == (RunState.COMPLETE, 6, [])
    assert len(help_site.website.requests) == 6 + 3
    assert sum("if-none-match" in headers for _, headers in help_site.website.requests) == 6


async def test_a_sitemap_that_is_suddenly_empty_removes_nothing(help_site):
    await help_site.sync()
    help_site.website.sitemap = b"<urlset/>"

    receipt = await help_site.sync()

    assert (receipt.state, "its sitemap lists none" in receipt.reason) == (RunState.FAILED, True)
    assert await help_site.found() == NAMES

    help_site.website.sitemap = None
    assert (await help_site.sync()).unchanged == 6


async def test_a_site_that_is_no_longer_where_it_was_is_a_failed_run_that_removes_nothing(help_site):
    help_site.website.has_sitemap = False
    help_site.website.put("/", html("Home", "".join(f'<a href="/{name}">{name}</a>' for name in NAMES)))
    await help_site.sync()
    help_site.website.pages.clear()

    receipt = await help_site.sync()

    assert receipt.state is RunState.FAILED
    assert receipt.reason.endswith("/: there is no such page); correct its address in the settings")
    assert await help_site.found() >= NAMES


async def test_a_page_behind_a_login_is_found_by_nobody_until_it_is_open_again(help_site):
    await help_site.sync()
    page = help_site.website.pages["/vpn"]
    help_site.website.put("/vpn", b"", status=403)

    receipt = await help_site.sync()

    assert receipt.skipped == {"it asks for a login (HTTP 403)": 1}
    assert await help_site.found() == NAMES - {"vpn"}
    assert await help_site.found(Audience.person([STAFF])) == NAMES - {"vpn"}

    help_site.website.pages["/vpn"] = page
    await help_site.sync()
    assert await help_site.found() == NAMES


async def test_a_page_that_fails_is_found_as_it_was(help_site):
    await help_site.sync()
    help_site.website.put("/vpn", b"oops", status=500)

    receipt = await help_site.sync()

    assert (receipt.state, receipt.unchanged) == (RunState.COMPLETE, 6)
    assert await help_site.found() == NAMES


async def test_a_receipt_names_what_is_beyond_the_limit(help_site):
    receipt = await help_site.sync(max_pages=4)

    assert (receipt.added, receipt.found) == (4, 6)
    assert receipt.skipped == {"the site has more than 4 pages; raise the limit": 2}


async def test_a_site_that_is_down_is_a_failed_run_that_removes_nothing(help_site):
    await help_site.sync()
    help_site.website.robots = 503

    receipt = await help_site.sync()

    assert (receipt.state, "HTTP 503" in receipt.reason) == (RunState.FAILED, True)
    assert await help_site.found() == NAMES
