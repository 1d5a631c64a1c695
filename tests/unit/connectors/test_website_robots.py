"""RFC 9309; the examples of its sections 2.2.2, 2.2.3 and 5, and what real files hold."""

import time

import pytest

from connectors.website.robots import MAX_BYTES, parse_robots


def robots(text, crawler="helpdesk-bot"):
    return parse_robots(text.encode(), crawler=crawler)


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("", "/", True),
        ("disallow:", "/a", True),
        ("disallow: /", "/a", False),
        ("disallow: /", "/robots.txt", True),
        ("disallow: /a", "/ab", False),
        ("disallow: /a/", "/a", True),
        ("disallow: /a$", "/a", False),
        ("disallow: /a$", "/ab", True),
        ("disallow: /*.gif$", "/x/y.gif", False),
        ("disallow: /*.gif$", "/x/y.gif?z", True),
        ("disallow: *.gif$", "/y.gif", False),
        ("disallow: /a*b*c", "/a1b2c3", False),
        ("disallow: /a*b*c", "/acb", True),
        ("disallow: /ab*b$", "/ab", True),
        ("disallow: /example/page/\nallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", True),
        ("allow: /example/page/\ndisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", False),
        ("allow: /p\ndisallow: /", "/page", True),
        ("allow: /folder\ndisallow: /folder", "/folder/page", True),
        ("allow: /page\ndisallow: /*.htm", "/page.htm", False),
        ("allow: /$\ndisallow: /", "/", True),
        ("allow: /$\ndisallow: /", "/page", False),
        ("disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz&x", False),
        ("disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("disallow: /foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", False),
        ("disallow: /a # with a comment", "/a", False),
        ("DISALLOW : /a", "/a", False),
        ("no such rule: /a\nnonsense", "/a", True),
        ("disallow: " + "/*" * 50 + "x", "/" + "/a" * 2_000, True),
    ],
)
def test_the_longest_rule_that_fits_a_path_holds(rules, path, is_allowed):
    assert robots(f"user-agent: *\n{rules}").allows(path) is is_allowed


GROUPS = """\
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot/2.1
Disallow: /example/page.html

User-agent: FooBot
Allow: /second

User-Agent: quxbot
"""


@pytest.mark.parametrize(
    ("crawler", "path", "is_allowed"),
    [
        ("foobot", "/other", False),
        ("FOOBOT", "/example/page.html", True),
        ("foobot", "/second", True),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("barbot", "/a.gif", True),
        ("quxbot", "/example/page.html", True),
        ("somebot", "/a.gif", False),
        ("somebot", "/publications/a", True),
        ("foo", "/other", True),
    ],
)
def test_the_group_that_names_the_crawler_holds_or_else_the_one_for_all(crawler, path, is_allowed):
    assert robots(GROUPS, crawler).allows(path) is is_allowed


def test_sitemaps_are_named_anywhere_and_part_no_group_from_its_rules():
    found = robots("Sitemap: https://a.example/1.xml\nuser-agent: *\ncrawl-delay: 2.5\nSitemap: /2.xml\nDisallow: /x\n")

    assert found.sitemaps == ("https://a.example/1.xml", "/2.xml")
    assert found.crawl_delay_s == 2.5
    assert not found.allows("/x")


@pytest.mark.parametrize("delay", ["", "soon", "-1", "1e9", "nan"])
def test_a_delay_that_is_none(delay):
    assert robots(f"user-agent: *\ncrawl-delay: {delay}").crawl_delay_s == 0


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_marks(line_end):
    assert not robots(f"\ufeffuser-agent: *{line_end}disallow: /a{line_end}").allows("/a")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"<html><body>404</body></html>", b"\0" * 1_000])
def test_what_is_no_such_file_allows_everything(content):
    assert parse_robots(content, crawler="x").allows("/a")


def test_what_is_beyond_the_size_that_must_be_read_is_not():
    content = b"user-agent: *\ndisallow: /a\n" + b"#" * MAX_BYTES + b"\ndisallow: /b\n"

    assert not parse_robots(content, crawler="x").allows("/a")
    assert parse_robots(content, crawler="x").allows("/b")


def test_a_line_of_blanks_is_read_at_once() -> None:
    """As long as a whole robots.txt may be: what time grows with its square for takes hours."""
    began = time.monotonic()
    found = robots("User-agent: *\nDisallow: /a" + " \t" * 20_000 + "/b\nDisallow: /c")
    assert time.monotonic() - began < 2
    assert not found.allows("/c")
