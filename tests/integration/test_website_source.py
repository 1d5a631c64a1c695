"""A website as a source, against a site on loopback that keeps account of what a crawler may not do."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Listed, Spent
from connectors.errors import NeedsLogin, SourceUnavailable, Unreadable, WantsRest
from connectors.http import Politeness, Visit
from connectors.source import Source
from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from connectors.website import Scope, WebsiteSource
from connectors.website.looker import classify
from tests.fakes.documents import pdf_file
from tests.fakes.website import WebPage, Website, html

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC_RULE = AccessRule.any_of([PUBLIC])
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader(ReadLimits(input_bytes=100_000)) as text_reader:
        yield text_reader


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Website]:
    async with Website() as website:
        yield website


class Crawler:
    """Lists a site again and again, as a sync does, each time with a fresh source and the last cursor."""

    def __init__(self, site, reader, *, readers=PUBLIC, **scope):
        self.site = site
        self.reader = reader
        self.readers = readers
        self.scope = scope
        self.cursor = None
        self.present = {}
        self.spent = Spent()
        self.slept = []
        self.now = NOW

    @asynccontextmanager
    async def open(self):
        async def sleep(seconds):
            self.slept.append(seconds)
            await asyncio.sleep(0)

        scope = Scope(**{"base_url": self.site.base_url, **self.scope})
        politeness = Politeness(max_attempts=2, parallel=4)
        async with Visit(
            "site",
            base_url=self.site.base_url,
            politeness=politeness,
            classify=classify,
            user_agent="helpdesk-bot/1",
            sleep=sleep,
        ) as visit:
            yield WebsiteSource(
                visit, scope, name="site", reader=self.reader, readers=self.readers, now=lambda: self.now
            )

    async def list(self):
        """What changed, by path."""
        self.site.requests.clear()
        async with self.open() as source:
            *listed, self.cursor = [one async for one in source.changes(self.cursor)]
            assert isinstance(self.cursor, Cursor)
            self.present = {self.path(one.key): one.access async for one in source.present()}
            self.spent = source.spent
        assert {one.key: one.access for one in listed}.items() <= {
            self.site.url(path): access for path, access in self.present.items()
        }.items()
        return {self.path(one.key): one for one in listed}

    async def read(self, listed):
        async with self.open() as source:
            return await source.read(listed)

    def path(self, key):
        return key.removeprefix(self.site.base_url)


@pytest.fixture
def crawler(site, reader):
    return Crawler(site, reader)


@pytest.fixture
def follower(site, reader):
    """Goes by links, from the home page."""
    site.has_sitemap = False
    return Crawler(site, reader, start_pages=["/"])


def links(*paths):
    return "".join(f'<p><a href="{path}">to {path}</a></p>' for path in paths)


# What is read


async def test_the_pages_of_a_sitemap_are_documents(site, crawler):
    site.put(
        "/vpn",
        html("VPN access", "<h1>The VPN</h1><p>Dial in.</p>"),
        headers={"last-modified": "Sat, 01 Nov 2025 08:00:00 GMT"},
    )
    site.put("/not-listed", html("x", "x"), in_sitemap=False)

    async with crawler.open() as source:
        checked: Source = source
        listed, cursor = [one async for one in checked.changes(None)]
        document = await checked.read(listed)

    assert isinstance(cursor, Cursor)
    assert isinstance(listed, Listed)
    assert listed == Listed(
        key=site.url("/vpn"),
        version=listed.version,
        title="The VPN",
        url=site.url("/vpn"),
        access=PUBLIC_RULE,
        media_type="text/html",
        modified_at=datetime(2025, 11, 1, 8, tzinfo=UTC),
    )
    assert (document.markdown, document.title, document.version) == ("# The VPN\n\nDial in.", "The VPN", listed.version)
    assert await source.memberships() == {}


@pytest.mark.parametrize("said", ["Fri, 31 Dec 9999 23:59:59 -0100", "Mon, 01 Jan 0100 00:00:00 GMT", "soon"])
async def test_a_time_that_is_none_is_now(site, crawler, said):
    site.put("/vpn", html("VPN access", "<p>Dial in.</p>"), headers={"last-modified": said})
    before = datetime.now(UTC)

    assert (await crawler.list())["/vpn"].modified_at >= before


async def test_what_is_around_the_main_content_is_not_read(site, crawler):
    banner = "<div id=onetrust-banner-sdk>cookies</div>"
    around = f"<header>top</header><nav>menu</nav>{banner}<p>kept</p><aside>ads</aside><footer>imprint</footer>"
    site.put("/a", f"<body>{around}".encode())
    site.put("/b", f"<body><div>around</div><main>kept, too</main>{banner}".encode())
    site.put("/c", b"<body><div>around</div><article><header>By Ada</header>and kept</article>")

    texts = [(await crawler.read(listed)).markdown for listed in (await crawler.list()).values()]

    assert texts == ["kept", "kept, too", "By Ada\n\nand kept"]


async def test_only_what_stands_in_the_main_content_makes_a_version(site, crawler):
    site.put("/a", html("A", "<p>kept</p>"))
    first = (await crawler.list())["/a"]

    site.put("/a", html("A", "<p>kept</p>", around=False))
    assert await crawler.list() == {}
    site.put("/a", html("Another title", "<p>kept</p>"))
    renamed = (await crawler.list())["/a"]

    assert (renamed.version, renamed.title) == (first.version, "Another title")


async def test_files_that_are_linked_are_documents(site, crawler):
    site.put("/a", html("A", links("/manual.pdf", "/photo.png", "/b", "/setup.exe")))
    site.put("/manual.pdf", pdf_file(), media_type="application/pdf", in_sitemap=False)
    site.not_to_be_asked = {"/b", "/photo.png", "/setup.exe"}

    listed = await crawler.list()
    document = await crawler.read(listed["/manual.pdf"])

    assert set(listed) == {"/a", "/manual.pdf"}
    assert document.markdown
    assert document.page_starts
    assert await crawler.list() == {}
    assert set(crawler.present) == {"/a", "/manual.pdf"}


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (WebPage(content=b"x" * 100_001), "the answer is larger than 100,000 bytes"),
        (WebPage(content=b"x", media_type="application/msword"), "files of type application/msword can't be read"),
        (WebPage(content=b"no", status=451), "HTTP 451"),
        (WebPage(content=b"", media_type="text/html"), "it holds no HTML"),
        (WebPage(content=b"", status=304, has_etag=False), "HTTP 304, which was not asked for"),
    ],
)
async def test_what_can_not_be_read_is_listed_with_its_reason(site, crawler, page, reason):
    site.pages["/a"] = page
    site.put("/b", html("B", "b"))

    listed = await crawler.list()
    with pytest.raises(Unreadable) as refusal:
        await crawler.read(listed["/a"])

    assert refusal.value.reason == reason
    assert crawler.present == {"/a": PUBLIC_RULE, "/b": PUBLIC_RULE}


async def test_pictures_and_data_are_no_documents(site, crawler):
    site.put("/a", b"\x89PNG", media_type="image/png")
    site.put("/b", b"{}", media_type="application/json")
    site.put("/c", b"x", media_type="application/octet-stream")
    site.put("/d", html("D", "d"))

    assert set(await crawler.list()) == {"/d"}
    assert set(crawler.present) == {"/d"}


async def test_a_file_without_a_stated_type_is_what_its_name_says(site, crawler):
    site.put("/notes.md", b"# Notes", media_type="application/octet-stream")

    assert (await crawler.list())["/notes.md"].media_type == "text/markdown"


async def test_a_document_that_is_read_long_after_it_was_listed_is_read_anew(site, crawler):
    site.put("/a", html("A", "first"))
    listed = (await crawler.list())["/a"]
    assert (await crawler.read(listed)).markdown == "first"

    site.put("/a", html("A", "second"))
    document = await crawler.read(listed)
    assert (document.markdown, document.version == listed.version) == ("second", False)

    del site.pages["/a"]
    with pytest.raises(Unreadable, match="gone"):
        await crawler.read(listed)


async def test_readers_are_as_set(site, reader):
    site.put("/a", html("A", "a"))

    listed = await Crawler(site, reader, readers=STAFF).list()

    assert listed["/a"].access == AccessRule.any_of([STAFF])


# What changed


async def test_a_page_that_did_not_change_is_asked_for_once_and_not_sent(site, crawler):
    for number in range(5):
        site.put(f"/{number}", html(f"Page {number}", f"text {number}"))
    await crawler.list()
    first = crawler.cursor

    assert await crawler.list() == {}
    assert len(crawler.present) == 5
    assert crawler.cursor == first
    assert sum("if-none-match" in headers for _, headers in site.requests) == 5
    assert len(site.requests) == 5 + 3  # robots.txt, the sitemap, a page that is not there


async def test_a_page_without_validators_is_compared(site, crawler):
    site.put("/a", html("A", "a"), has_etag=False)
    await crawler.list()

    assert await crawler.list() == {}
    site.put("/a", html("A", "another"), has_etag=False)
    assert set(await crawler.list()) == {"/a"}


async def test_a_page_that_changed_is_listed_and_read_without_asking_again(site, crawler):
    site.put("/a", html("A", "a"))
    site.put("/b", html("B", "b"))
    await crawler.list()
    site.put("/b", html("B", "changed"))

    async with crawler.open() as source:
        listed, _ = [one async for one in source.changes(crawler.cursor)]
        asked = len(site.requests)
        assert (await source.read(listed)).markdown == "changed"
        assert len(site.requests) == asked


async def test_a_page_whose_date_stands_still_is_asked_once_a_week(site, crawler):
    site.put("/a", html("A", "a"), modified="2026-01-01")
    await crawler.list()
    asked = 0
    for day in range(1, 22):
        crawler.now = NOW + timedelta(days=day)
        assert await crawler.list() == {}
        asked += "/a" in site.asked

    assert asked == 3
    site.put("/a", html("A", "b"), modified="2026-11-21")
    assert set(await crawler.list()) == {"/a"}


async def test_a_page_of_today_is_asked_although_its_date_stands_still(site, crawler):
    site.put("/a", html("A", "a"), modified="2026-11-22")
    await crawler.list()
    site.put("/a", html("A", "b"), modified="2026-11-22")

    assert set(await crawler.list()) == {"/a"}


async def test_a_cursor_that_is_not_ours_leads_to_a_listing_of_everything(site, crawler):
    site.put("/a", html("A", "a"))
    crawler.cursor = Cursor(value="from another version")

    assert set(await crawler.list()) == {"/a"}


# What is gone, and what is only away


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_gone_is_present_no_more(site, crawler, status):
    site.put("/a", html("A", "a"))
    site.put("/b", html("B", "b"))
    await crawler.list()
    site.put("/a", b"gone", status=status)

    assert await crawler.list() == {}
    assert set(crawler.present) == {"/b"}


async def test_a_page_that_does_not_answer_stays_as_it_is(site, crawler):
    site.put("/a", html("A", "a"))
    site.put("/b", html("B", "b"))
    await crawler.list()
    site.put("/a", b"oops", status=500)
    site.put("/new", b"oops", status=500)

    listed = await crawler.list()
    assert set(listed) == {"/new"}
    assert set(crawler.present) == {"/a", "/b", "/new"}
    with pytest.raises(Unreadable, match="HTTP 500"):
        await crawler.read(listed["/new"])

    site.put("/a", html("A", "a"))
    site.put("/new", html("New", "new"))
    assert set(await crawler.list()) == {"/new"}


async def test_a_site_that_falls_silent_is_unavailable(site, crawler):
    for number in range(40):
        site.put(f"/{number}", html(f"{number}", f"{number}"))
    await crawler.list()
    site.is_down = True

    with pytest.raises(SourceUnavailable, match="5 pages in a row did not answer: HTTP 503"):
        assert len(await crawler.list()) > 20
    assert len(site.requests) < 30


async def test_a_site_that_wants_a_rest_is_left_alone(site, crawler):
    for number in range(20):
        site.put(f"/{number}", b"", status=503, headers={"retry-after": "3600"})

    with pytest.raises(WantsRest, match="HTTP 503: it asks to be left alone until"):
        await crawler.list()
    assert len(site.requests) <= 3 + 4


async def test_an_error_page_that_says_ok_is_no_document(site, crawler):
    def missing(path):
        return WebPage(content=html("Oops", f"<p>We could not find {path}, sorry.</p>"))

    site.missing = missing
    site.put("/a", html("A", "a"))
    site.sitemap = f"{site.url('/a')}\n{site.url('/long-gone')}\n".encode()

    assert set(await crawler.list()) == {"/a"}


@pytest.mark.parametrize("title", ["404", "Page not found", "404 - Not Found | Example", "Seite nicht gefunden"])
async def test_an_error_page_that_says_so_is_no_document(site, crawler, title):
    site.put("/a", html(title, "<p>Try the search.</p>"))
    site.put("/b", html("Printer not found", "<p>Turn it on.</p>"))
    site.put("/c", html("404 errors in SharePoint", "<p>Sign in again.</p>"))

    assert set(await crawler.list()) == {"/b", "/c"}


async def test_a_page_that_comes_to_ask_for_a_login_is_nobodys(site, crawler):
    form = "<form>Who are you? <input name=u><input type=password name=p></form>"
    pages = {"/401": WebPage(content=b"", status=401), "/403": WebPage(content=b"", status=403)}
    pages |= {"/form": WebPage(content=html("Welcome", form))}
    pages |= {"/sso": WebPage(content=b"", status=302, headers={"location": "https://login.example/?next=x"})}
    for path in pages:
        site.put(path, html(path, f"text of {path}"))
    site.put("/about", html("About passwords", f"<p>{'All about passwords. ' * 50}</p>{form}"))
    assert len(await crawler.list()) == 5

    site.pages |= pages
    listed = await crawler.list()

    assert {path: one.access for path, one in listed.items()} == dict.fromkeys(pages, AccessRule.nobody())
    assert crawler.present == {**dict.fromkeys(pages, AccessRule.nobody()), "/about": PUBLIC_RULE}
    for one in listed.values():
        with pytest.raises(Unreadable, match=r"login|leads to another host, login\.example"):
            await crawler.read(one)

    for path in pages:
        site.put(path, html(path, f"text of {path}"))
    assert set(await crawler.list()) == set(pages)


# One page, one address


async def test_redirects_are_followed_to_where_the_page_is(site, crawler):
    for path, to in (("/old", "/older"), ("/older", "/new#part"), ("/loop", "/pool"), ("/pool", "/loop")):
        site.put(path, b"", status=301, headers={"location": to})
    site.put("/new", html("New", "new"), in_sitemap=False)

    assert set(await crawler.list()) == {"/new"}
    assert set(await crawler.list()) == set()
    assert set(crawler.present) == {"/new"}


async def test_a_page_with_many_addresses_is_one_document(site, follower):
    site.put("/", html("Home", links("/a?utm_source=x#y", "/a", "/print/a", "/a?session=2")))
    for path in ("/a", "/print/a", "/a?session=2"):
        site.put(path, html("A", f"text of {path}", head='<link rel="canonical" href="/a">'))

    assert set(await follower.list()) == {"/", "/a"}
    assert await follower.list() == {}
    assert set(follower.present) == {"/", "/a"}


async def test_a_page_whose_own_address_does_not_exist_is_taken_where_it_is(site, follower):
    site.put("/", html("Home", links("/a", "/b")))
    site.put("/a", html("A", "text a", head='<link rel="canonical" href="/not-there">'))
    site.put("/b", html("B", "text b", head='<link rel="canonical" href="/">'))

    for expected in ({"/", "/a", "/b"}, set()):
        assert set(await follower.list()) == expected
        assert set(follower.present) == {"/", "/a", "/b"}


async def test_pages_of_one_text_are_one_document_as_long_as_they_are(site, crawler):
    site.put("/a", html("A", "the same"))
    site.put("/b", html("B", "the same"))
    assert set(await crawler.list()) == {"/a"}
    assert await crawler.list() == {}

    site.put("/a", html("A", "another"))
    assert set(await crawler.list()) == {"/a", "/b"}
    assert set(crawler.present) == {"/a", "/b"}

    site.put("/a", html("A", "the same"))
    await crawler.list()
    del site.pages["/a"]
    assert set(await crawler.list()) == {"/b"}


# By links


async def test_links_are_followed_on_the_same_host_to_a_depth(site, reader):
    site.has_sitemap = False
    for depth in range(6):
        away = ["https://elsewhere.example/", f"http://localhost:1/{depth}", "mailto:it@example.com"]
        site.put(f"/{depth}", html(f"Page {depth}", f"text {depth}{links(f'/{depth + 1}', '/0', *away)}"))

    crawler = Crawler(site, reader, start_pages=["/0"], max_depth=3)

    assert set(await crawler.list()) == {"/0", "/1", "/2", "/3"}
    assert await crawler.list() == {}
    assert set(crawler.present) == {"/0", "/1", "/2", "/3"}


async def test_a_sitemap_and_start_pages_make_one_listing(site, reader):
    site.put("/", html("Home", f"home {links('/a')}"))
    site.put("/a", html("A", "a"), in_sitemap=False)
    site.put("/b", html("B", f"b {links('/c')}"))
    site.put("/c", html("C", "c"), in_sitemap=False)

    crawler = Crawler(site, reader, start_pages=["/"], sitemaps=["/sitemap.xml"])

    assert set(await crawler.list()) == {"/", "/a", "/b"}
    assert await crawler.list() == {}
    assert set(crawler.present) == {"/", "/a", "/b"}


async def test_what_nothing_links_to_any_more_is_present_no_more(site, follower):
    site.put("/", html("Home", links("/a", "/b")))
    for path in ("/a", "/b"):
        site.put(path, html(path, f"text of {path}"))
    await follower.list()
    site.put("/", html("Home", links("/a")))

    assert set(await follower.list()) == {"/"}
    assert set(follower.present) == {"/", "/a"}


async def test_without_a_sitemap_links_are_followed_from_the_base(site, crawler):
    site.has_sitemap = False
    site.put("/", html("Home", links("/a")))
    site.put("/a", html("A", "a"))

    assert set(await crawler.list()) == {"/", "/a"}


async def test_what_is_beyond_the_limit_is_named(site, reader):
    for number in range(7):
        site.put(f"/{number}", html(f"{number}", f"{number}"))
    crawler = Crawler(site, reader, max_pages=4)

    listed = await crawler.list()

    assert len(listed) == 7
    beyond = [one for one in listed.values() if one.version.startswith("unread")]
    assert len(beyond) == 3
    with pytest.raises(Unreadable, match="the site has more than 4 pages"):
        await crawler.read(beyond[0])


async def test_a_trap_of_endless_links_ends(site, reader):
    def missing(path):
        number = int(path.rsplit("/", 1)[-1]) if path.rsplit("/", 1)[-1].isdigit() else 0
        return WebPage(
            content=html(
                f"Day {number}", f"Nothing on {number}. {links(f'/d/{2 * number + 1}', f'/d/{2 * number + 2}')}"
            )
        )

    site.has_sitemap, site.missing = False, missing
    site.put("/d/0", html("Calendar", links("/d/1", "/d/2")))
    crawler = Crawler(site, reader, start_pages=["/d/0"], max_depth=1_000, max_pages=20)

    assert len(await crawler.list()) > 20
    assert len(site.requests) < 30


@pytest.mark.parametrize("scope", [{"only": ["/help/"]}, {"leave_out": ["/"]}, {"start_pages": ["https://b.example/"]}])
async def test_a_site_with_no_page_to_start_from_says_so(site, reader, scope):
    site.has_sitemap = False
    site.put("/", html("Home", "home"))

    with pytest.raises(SourceUnavailable, match="leave out every page to start from"):
        await Crawler(site, reader, **scope).list()


@pytest.mark.parametrize("page", [None, html("Home", "home", head='<meta name="robots" content="noindex">')])
async def test_a_site_whose_first_page_gives_nothing_is_not_taken_for_an_empty_one(site, reader, page):
    site.has_sitemap = False
    if page:
        site.put("/docz/", page)

    with pytest.raises(SourceUnavailable, match=r"/docz/: (there is no such page\); correct|it is no page to read)"):
        await Crawler(site, reader, start_pages=["/docz/"]).list()


async def test_a_breadcrumb_is_a_trail(site, crawler):
    way = '<ol class="breadcrumb"><li><a href="/">Home</a><li><a href="/it">IT desk</a></ol>'
    site.put("/a", html("A", f"{way}<h1>VPN</h1>text"))

    assert (await crawler.list())["/a"].trail == ("Home", "IT desk")


# What a site asks of crawlers


async def test_what_robots_txt_forbids_is_not_asked_for(site, follower):
    site.robots = "User-agent: *\nDisallow: /\n\nUser-agent: Helpdesk-Bot\nDisallow: /private/\nDisallow: /*?sort=\n"
    site.put("/", html("Home", links("/private/a", "/a?sort=up", "/a", "/moved")))
    site.put("/a", html("A", "a"))
    site.put("/moved", b"", status=302, headers={"location": "/private/b"})
    site.put("/private/a", html("P", "p"))
    site.not_to_be_asked = {"/private/a", "/private/b", "/a?sort=up"}

    assert set(await follower.list()) == {"/", "/a"}


async def test_a_page_that_comes_to_be_forbidden_is_present_no_more(site, crawler):
    site.put("/a", html("A", "a"))
    site.put("/b", html("B", "b"))
    await crawler.list()
    site.robots = "User-agent: *\nDisallow: /a"

    await crawler.list()
    assert set(crawler.present) == {"/b"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_site_without_robots_txt_allows_everything(site, crawler, status):
    site.robots = status
    site.put("/a", html("A", "a"))

    assert set(await crawler.list()) == {"/a"}


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_site_that_fails_to_send_robots_txt_allows_nothing_now(site, crawler, status):
    site.robots = status
    site.put("/a", html("A", "a"))

    with pytest.raises(SourceUnavailable):
        await crawler.list()
    assert set(site.asked) == {"/robots.txt"}


async def test_the_pause_that_robots_txt_asks_for_is_kept(site, crawler):
    site.robots = "User-agent: *\nCrawl-delay: 7\nDisallow:"
    for number in range(3):
        site.put(f"/{number}", html(f"{number}", f"{number}"))

    await crawler.list()

    waits = sorted(seconds for seconds in crawler.slept if seconds > 1)
    assert len(waits) == len(site.requests) - 2  # all but robots.txt and what comes first after it
    assert all(seconds > 6 for seconds in waits)


async def test_pages_that_do_not_want_to_be_indexed_are_not(site, follower):
    site.put("/", html("Home", links("/a", "/b", "/c"), head='<meta name="robots" content="noindex">'))
    site.put("/a", html("A", links("/d"), head='<meta name="robots" content="nofollow">'))
    site.put("/b", html("B", "b"), headers={"x-robots-tag": "noindex, nofollow"})
    site.put("/c", html("C", "c"))
    site.put("/d", html("D", "d"))

    assert set(await follower.list()) == {"/a", "/c"}


# Sitemaps


async def test_sitemaps_are_those_that_robots_txt_names_with_all_that_they_name(site, crawler):
    def sitemap(*paths, of="url", around="urlset"):
        return f"<{around}>{''.join(f'<{of}><loc>{site.url(p)}</loc></{of}>' for p in paths)}</{around}>".encode()

    site.robots = f"Sitemap: {site.url('/index.xml')}\nSitemap: /more.txt"
    site.has_sitemap = False
    index = sitemap("/one.xml.gz", "/two.xml", "/index.xml", of="sitemap", around="sitemapindex")
    site.put("/index.xml", index, media_type="application/xml")
    site.put("/one.xml.gz", gzip.compress(sitemap("/a")), media_type="application/gzip")
    site.put("/two.xml", sitemap("/b", "/a"), media_type="text/xml")
    site.put("/more.txt", site.url("/c").encode(), media_type="text/plain")
    for path in ("/a", "/b", "/c"):
        site.put(path, html(path, f"text of {path}"))

    assert set(await crawler.list()) == {"/a", "/b", "/c"}


@pytest.mark.parametrize(
    ("sitemap", "reason"),
    [
        (WebPage(content=b"<urlset><url>"), "it is not whole, or no XML"),
        (WebPage(content=b"<html><body>Not found"), "no XML"),
        (WebPage(content=b"", status=404), "HTTP 404"),
        (WebPage(content=b"", status=503), "HTTP 503"),
        (WebPage(content=b"", status=302, headers={"location": "https://cdn.example/sitemap.xml"}), "cdn.example"),
        (WebPage(content=b"https://other.example/a"), "lists pages of another host: https://other.example/a"),
    ],
)
async def test_a_sitemap_that_can_not_be_read_makes_the_site_unavailable(site, reader, sitemap, reason):
    site.pages["/map.xml"] = sitemap
    crawler = Crawler(site, reader, sitemaps=["/map.xml"])

    with pytest.raises(SourceUnavailable, match=reason):
        await crawler.list()


async def test_a_sitemap_that_asks_for_a_login_says_so(site, reader):
    site.put("/map.xml", b"", status=403)

    with pytest.raises(NeedsLogin):
        await Crawler(site, reader, sitemaps=["/map.xml"]).list()


async def test_a_sitemap_that_disappears_does_not_turn_the_listing_into_another_one(site, crawler):
    site.put("/", html("Home", "home"))
    await crawler.list()
    site.has_sitemap = False

    with pytest.raises(SourceUnavailable, match="its sitemap is no longer there"):
        await crawler.list()


async def test_an_empty_sitemap_says_nothing_of_what_is_there(site, crawler):
    site.put("/a", html("A", "a"))
    await crawler.list()
    site.sitemap = b"<urlset/>"

    with pytest.raises(SourceUnavailable, match="its sitemap lists none"):
        await crawler.list()
    async with crawler.open() as source:
        assert (await source.examine()).gaps == ("its sitemap lists no page",)


async def test_what_is_present_is_what_was_just_listed_and_not_what_was_listed_long_ago(site, crawler):
    site.put("/a", html("A", "a"))
    async with crawler.open() as source:
        async for _ in source.changes(None):
            pass
        site.put("/b", html("B", "b"))
        site.requests.clear()
        assert [one.key async for one in source.present()] == [site.url("/a")]
        assert site.requests == []

        crawler.now += timedelta(hours=1)
        assert [one.key async for one in source.present()] == [site.url("/a"), site.url("/b")]


async def test_what_is_present_is_listed_where_nothing_was_listed_yet(site, crawler):
    site.put("/a", html("A", "a"))

    async with crawler.open() as source:
        assert [one.key async for one in source.present()] == [site.url("/a")]
