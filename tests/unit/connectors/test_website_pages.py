import gzip
import hashlib
import time
from datetime import UTC, datetime

import pytest

from connectors.text.refusals import Refusal
from connectors.website.memory import Memory, Visited, pack, unpack
from connectors.website.page import MAX_LINKS, NoPage, read_page
from connectors.website.sitemap import Entry, WrongSitemap, parse_sitemap

ADDRESS = "https://a.example/help/"
BOUND_S = 3.0
"""Of processor time."""


def page(body="", *, head="", **more):
    content = f"<html><head>{head}</head><body>{body}</body></html>".encode()
    return read_page(content, **{"charset": None, "address": ADDRESS, **more})


def test_links_are_whole_each_once_and_in_order():
    links = page(
        '<nav><a href="/b">b</a></nav><a href="a#x">a</a><a href="/b?utm_source=x">b</a><a href="mailto:x">m</a>'
    ).links

    assert links == ("https://a.example/b", "https://a.example/help/a")


def test_links_are_relative_to_the_base_that_a_page_states():
    assert page('<a href="x">x</a>', head='<base href="/other/">').links == ("https://a.example/other/x",)


def test_links_that_are_not_to_be_followed():
    assert page('<a href="a" rel="external nofollow">a</a><a href="b">b</a>').links == ("https://a.example/help/b",)
    assert page('<a href="a">a</a>', head='<meta name=ROBOTS content="noindex,NOFOLLOW">').links == ()
    assert page('<a href="a">a</a>', robots_header="none").links == ()


def test_a_page_of_very_many_links():
    assert len(page("".join(f'<a href="{n}">n</a>' for n in range(MAX_LINKS + 10))).links) == MAX_LINKS


@pytest.mark.parametrize(
    ("head", "header", "is_indexed"),
    [
        ("", "", True),
        ('<meta name="robots" content="index, follow, max-snippet:-1">', "", True),
        ('<meta name="robots" content="noindex">', "", False),
        ('<meta name="robots" content="none">', "", False),
        ('<meta name="googlebot" content="noindex">', "", True),
        ("", "noindex", False),
    ],
)
def test_a_page_says_whether_it_wants_to_be_indexed(head, header, is_indexed):
    assert page(head=head, robots_header=header).is_indexed is is_indexed


def test_the_address_that_a_page_says_is_its_own():
    assert page(head='<link rel="canonical" href="/vpn?utm_source=x">').canonical == "https://a.example/vpn"
    assert page().canonical is None


@pytest.mark.parametrize(
    "banner",
    [
        *('<div id="onetrust-consent-sdk">x</div>', '<div id="CybotCookiebotDialog">x</div>'),
        *('<div class="a cookie-banner">x</div>', '<section class="gdpr-consent-bar--bottom">x</section>'),
        *(
            '<div id="cookie-law-info-bar">x</div>',
            '<div class="cc-window">x</div>',
            '<aside class="cookie_notice">x</aside>',
        ),
        *('<div class="my-site-cookie-consent-wrapper">x</div>', '<div id="usercentrics-root">x</div>'),
    ],
)
def test_consent_banners_are_left_out(banner):
    assert b"kept" in page(f"<p>kept</p>{banner}").html
    assert b">x<" not in page(f"<p>kept</p>{banner}").html


@pytest.mark.parametrize(
    "body",
    [
        '<main class="cookie-banner">kept</main>',
        '<div class="has-cookie-banner">kept</div>',
        '<div class="cookie-banner"><main>kept</main></div>',
        '<p id="cookie-policy">kept</p>',
        '<div id="consent">kept</div>',
    ],
)
def test_what_only_sounds_like_a_banner_stays(body):
    assert b"kept" in page(body).html


def test_the_way_to_a_page_is_its_breadcrumb():
    body = (
        '<nav aria-label="Breadcrumb"><ol><li><a href="/">Home</a><li><a href="/it"> IT \n desk</a><li>VPN</ol></nav>'
    )

    assert page(body).trail == ("Home", "IT desk")
    assert page("<nav><a href=/>Home</a></nav>").trail == ()


def test_a_link_to_a_page_s_source_is_no_step_on_the_way_to_it():
    source = '<li class="aside"><a href="_sources/vpn.rst.txt" rel="nofollow"> View page source</a></li>'
    assert page(f'<ul class="wy-breadcrumbs"><li><a href="/it">IT desk</a></li>{source}</ul>').trail == ("IT desk",)


def test_a_field_for_a_password_is_seen():
    assert page('<form><input type="PASSWORD"></form>').has_password_field
    assert not page('<form><input type="text"></form>').has_password_field


def test_characters_in_any_encoding():
    content = '<html><head><meta charset="iso-8859-1"></head><body>Füchse</body></html>'.encode("latin-1")

    assert "Füchse" in read_page(content, charset=None, address=ADDRESS).html.decode()
    assert "Füchse" in read_page("<p>Füchse".encode("utf-16"), charset="utf-8", address=ADDRESS).html.decode()
    assert (
        b"kept" in read_page(b'<?xml version="1.0" encoding="utf-8"?><html><p>kept', charset=None, address=ADDRESS).html
    )


def test_what_is_no_page():
    with pytest.raises(NoPage):
        read_page(b"", charset=None, address=ADDRESS)
    with pytest.raises(Refusal):
        read_page(b"\x81\x01\x02\x03" * 500, charset=None, address=ADDRESS)


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 5_000,
        "<a href=x>" * 5_000,
        "<table><tr><td>" * 2_000,
        "<" * 100_000,
        f"<p id='{'cookie-banner-' * 10_000}\n'>",
    ],
)
def test_a_hostile_page_ends_in_time(hostile):
    began = time.thread_time()
    read_page(hostile.encode() + b"x", charset=None, address=ADDRESS)
    assert time.thread_time() - began < BOUND_S


# Sitemaps

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
URLSET = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand --><urlset {NAMESPACE}>
<url><loc> https://a.example/?a=b&amp;c </loc><lastmod>2026-11-01</lastmod><priority>1</priority></url>
<url><loc><![CDATA[https://a.example/b]]></loc></url><url><lastmod>2026</lastmod></url>
</urlset>"""


def test_a_sitemap_of_pages():
    found = parse_sitemap(URLSET.encode())

    assert [entry.location for entry in found.pages] == ["https://a.example/?a=b&c", "https://a.example/b"]
    assert found.pages[0].modified_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert found.pages[1].modified_at is None
    assert parse_sitemap(gzip.compress(URLSET.encode())) == found
    assert parse_sitemap(URLSET.replace(NAMESPACE, "").encode()) == found


def test_a_sitemap_of_sitemaps():
    text = f"<sitemapindex {NAMESPACE}><sitemap><loc>https://a.example/1.xml.gz</loc></sitemap></sitemapindex>"

    assert parse_sitemap(text.encode()).children == ("https://a.example/1.xml.gz",)


def test_a_sitemap_of_lines():
    found = parse_sitemap("\ufeffhttps://a.example/a\r\nhttps://a.example/b\n".encode())

    assert [entry.location for entry in found.pages] == ["https://a.example/a", "https://a.example/b"]


def test_an_empty_sitemap_lists_nothing():
    assert parse_sitemap(f"<urlset {NAMESPACE}/>".encode()).pages == ()


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    "content",
    [
        URLSET.encode()[:-10],
        b"<html><body>Not found</body></html>",
        b"<urlset><url></urlset>",
        b"Not found",
        b"\xff\xfe",
        gzip.compress(URLSET.encode())[:-20],
        gzip.compress(b"\0" * 60_000_000),
        f"{BOMB}]><urlset><url><loc>&j;</loc></url></urlset>".encode(),
    ],
    ids=["cut", "page", "broken", "text", "binary", "cut gzip", "gzip bomb", "entity bomb"],
)
def test_what_is_no_sitemap_is_not_taken_for_a_short_one(content):
    with pytest.raises(WrongSitemap):
        parse_sitemap(content)


def test_a_sitemap_reads_no_files(tmp_path):
    (tmp_path / "secret").write_text("https://a.example/secret")
    text = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]><urlset><url><loc>&a;</loc></url></urlset>'

    assert parse_sitemap(text.encode()).pages == ()


@pytest.mark.parametrize(
    ("modified", "at"),
    [
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00.123Z", datetime(2026, 11, 1, 10, 0, 0, 123_000, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_the_date_in_a_sitemap_is_a_moment_or_none(modified, at):
    assert Entry(location="x", modified=modified).modified_at == at


# What is remembered


def visited(address, **more):
    return Visited(**{"address": address, "key": address, "version": "v", "digest": "d", **more})


def test_what_is_remembered_is_remembered():
    pages = [
        visited("https://a.example/a", validator='"tag"', links=("https://a.example/b", "https://a.example/c")),
        visited("https://a.example/b", key="https://a.example/a", modified="2026-11-01", digest=""),
    ]
    memory = Memory(by_sitemap=True, visited={one.address: one for one in pages})

    assert unpack(pack(memory)) == memory
    assert pack(memory) == pack(memory)


def test_what_is_not_ours_is_not_remembered():
    packed = pack(Memory(visited={}))

    for text in ("", "2026-11-22T00:00:00+00:00", "ü", packed[:-3], packed[5:]):
        assert unpack(text) is None


def test_a_thousand_pages_are_remembered_in_little():
    """Random tags and versions, and sixty links on every page, which are mostly those of the navigation."""
    addresses = [f"https://www.example.com/help/topic-{n}/how-to-do-thing-{n}" for n in range(1_000)]

    def digest(text, length):
        return hashlib.sha256(text.encode()).hexdigest()[:length]

    pages = {
        one: visited(
            one,
            version=digest(one, 64),
            digest=digest(one + "d", 16),
            validator=f'"{digest(one + "e", 32)}"',
            links=(*addresses[:50], *(addresses[(number * 7 + step) % 1_000] for step in range(10))),
        )
        for number, one in enumerate(addresses)
    }

    assert len(pack(Memory(visited=pages))) < 150_000


@pytest.mark.parametrize(
    ("validator", "header"),
    [('"tag"', "if-none-match"), ('W/"tag"', "if-none-match"), ("Wed, 21 Oct 2015 07:28:00 GMT", "if-modified-since")],
)
def test_a_page_is_asked_for_only_if_it_changed(validator, header):
    assert visited("https://a.example/", validator=validator).conditions == {header: validator}
    assert visited("https://a.example/").conditions == {}
