import pytest

from connectors.website.addresses import one_spelling
from connectors.website.robots import Robots, parse_robots
from connectors.website.scope import Scope, is_file, title_of

PAGE = "https://www.example.com/help/vpn/start"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("#top", PAGE),
        ("", PAGE),
        ("wifi", "https://www.example.com/help/vpn/wifi"),
        ("../wifi/", "https://www.example.com/help/wifi/"),
        ("/", "https://www.example.com/"),
        ("https://www.example.com", "https://www.example.com/"),
        ("HTTPS://WWW.Example.COM:443/A?b=C#d", "https://www.example.com/A?b=C"),
        ("http://www.example.com:80/", "http://www.example.com/"),
        ("https://www.example.com:8443/", "https://www.example.com:8443/"),
        ("//other.example/x", "https://other.example/x"),
        ("/a?utm_source=mail&id=7&UTM_Campaign=x&fbclid=1&gclid=2", "https://www.example.com/a?id=7"),
        ("/a?utm_source=mail", "https://www.example.com/a"),
        ("/a;jsessionid=1A2B?b=c", "https://www.example.com/a?b=c"),
        ("/%7Eada/%c3%bc%2fx", "https://www.example.com/~ada/%C3%BC%2Fx"),
        ("/ü/日本 x", "https://www.example.com/%C3%BC/%E6%97%A5%E6%9C%AC%20x"),
        ("/100%", "https://www.example.com/100%25"),
        ("  /spaces\n", "https://www.example.com/spaces"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_a_page_has_one_spelling(link, address):
    assert one_spelling(link, seen_on=PAGE) == address
    assert one_spelling(address, seen_on=PAGE) == address


@pytest.mark.parametrize(
    "link",
    [
        *("mailto:it@example.com", "tel:+49", "javascript:void(0)", "data:text/html,x", "ftp://example.com/x"),
        *(
            "https://[::1/",
            "https://www.example.com:99999/",
            "https://ada@www.example.com/",
            "/" + "x" * 3_000,
        ),
        "https://www.exa\ud800mple.com/",
    ],
)
def test_what_is_no_address_of_a_page(link):
    assert one_spelling(link, seen_on=PAGE) is None


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/a", "https://www.example.com/a"),
        ("http://www.example.com/a", "https://www.example.com/a"),
        ("https://www.example.com/a#b", "https://www.example.com/a"),
        ("https://example.com/a", None),
        ("https://www.example.com.evil.example/a", None),
        ("https://www.example.com:8443/a", None),
        ("http://www.example.com:8080/a", None),
    ],
)
def test_only_addresses_of_the_same_host_are_in_scope(link, address):
    assert Scope(base_url="https://www.example.com/help").address_of(link) == address


def test_patterns_say_what_is_meant():
    scope = Scope(base_url="https://a.example", only=["/help/", "/faq$"], leave_out=["/help/old/*", "*print=1"])

    def holds(path):
        return scope.holds(f"https://a.example{path}", Robots())

    assert all(map(holds, ("/help/vpn", "/help/", "/faq")))
    assert not any(map(holds, ("/", "/faq/more", "/help/old/vpn", "/help/vpn?print=1")))


def test_robots_and_suffixes_keep_addresses_out():
    scope, robots = Scope(base_url="https://a.example"), parse_robots(b"user-agent: *\ndisallow: /private", crawler="x")
    out = ["/private/a", "/a.png", "/a.JPG", "/a.css", "/a.zip", "/feed.xml", "/data.json", "/setup.exe"]
    out += ["/docs/_sources/vpn.rst.txt", "/_sources/vpn.md"]  # what Sphinx made /docs/vpn.html of

    assert [path for path in out if scope.holds(f"https://a.example{path}", robots)] == []
    for path in ("/a", "/a.pdf", "/a.docx", "/a.php?x=y.png", "/v1.2", "/a.html"):
        assert scope.holds(f"https://a.example{path}", robots)


def test_files_that_are_followed_from_any_page():
    assert all(map(is_file, ("https://a.example/a.pdf", "https://a.example/b.DOCX?v=1")))
    assert not any(map(is_file, ("https://a.example/a", "https://a.example/a.html", "https://a.example/a.json")))


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://a.example/help/reset-your_password.html", "Reset your password"),
        ("https://a.example/", "a.example"),
        ("https://a.example/%C3%BCber-uns/", "Über uns"),
    ],
)
def test_an_address_as_a_title(address, title):
    assert title_of(address) == title
