import httpx
import pytest

from connectors.errors import OutOfBounds
from connectors.http import path_of
from connectors.http.bounds import Bounds

WIKI = "https://wiki.example.com/wiki"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("rest/api", "https://wiki.example.com/wiki/rest/api"),
        ("/rest/api?start=5", "https://wiki.example.com/wiki/rest/api?start=5"),
        ("//evil.example/x", "https://wiki.example.com/wiki/evil.example/x"),
        ("https://wiki.example.com/other#part", "https://wiki.example.com/other"),
        ("HTTPS://WIKI.example.com:443/x", "https://wiki.example.com/x"),
        ("https://files.example.com/a", "https://files.example.com/a"),
        ("https://media.example.com:8443/a", "https://media.example.com:8443/a"),
    ],
)
def test_an_address_in_bounds(given, asked):
    bounds = Bounds(WIKI, hosts=["files.example.com", "media.example.com:8443"])

    assert str(bounds.resolve(given)) == asked


@pytest.mark.parametrize(
    "given",
    [
        "https://evil.example/",
        "https://wiki.example.com.evil.example/",
        "https://wiki.example.com./",
        "https://wiki.example.com:8443/",
        "http://wiki.example.com/",
        "https://ada:secret@wiki.example.com/",
        "https://wiki.example.com@evil.example/",
        "https://wiki.example.com\\@evil.example/",
        "https://wiki.example.com/\r\nHost: evil.example",
        "https://wiki.example.com/a b",
        "https://wiki.example.com:70000/",
        "https://[::1/",
        "https:///x",
        "rest/../../admin",
        "https://wikі.example.com/",  # noqa: RUF001  a Cyrillic letter
    ],
)
def test_an_address_out_of_bounds(given):
    with pytest.raises(OutOfBounds) as refusal:
        Bounds(WIKI).resolve(given)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "gopher://x/", "//evil.example/", "javascript:alert(1)", "data:,x"]
)
def test_a_link_seen_on_a_page_leads_nowhere_else(link):
    bounds = Bounds(WIKI)

    with pytest.raises(OutOfBounds):
        bounds.resolve(link, seen_from=httpx.URL("https://wiki.example.com/wiki/a"))


def test_a_link_seen_on_a_page_is_relative_to_the_page():
    seen_from = httpx.URL("https://wiki.example.com/wiki/a/b")

    assert str(Bounds(WIKI).resolve("../c?d=e#f", seen_from=seen_from)) == "https://wiki.example.com/wiki/c?d=e"


@pytest.mark.parametrize(
    "base_url", ["http://wiki.example.com", "ftp://wiki.example.com", "https://a:b@wiki.example.com", ""]
)
def test_a_base_that_can_not_be_asked(base_url):
    with pytest.raises(ValueError, match=r"can't be asked|no address"):
        Bounds(base_url)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_plain_http_on_this_machine_alone(base_url):
    assert str(Bounds(base_url).resolve("/x")) == f"{base_url}/x"


PUBLIC_ADDRESSES = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
INNER_ADDRESSES = ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.1.2.3"]
NEVER_ADDRESSES = [
    *("127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0"),
    *("224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::"),
]


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_name_may_lead_to_a_public_address(address):
    bounds = Bounds(WIKI)

    bounds.check_addresses(bounds.base, [address])


@pytest.mark.parametrize("address", [*INNER_ADDRESSES, *NEVER_ADDRESSES])
def test_a_name_may_not_lead_elsewhere(address):
    bounds = Bounds(WIKI)

    for found in ([address], [*PUBLIC_ADDRESSES, address]):
        with pytest.raises(OutOfBounds):
            bounds.check_addresses(bounds.base, found)


def test_a_base_in_a_private_network_may_lead_there_and_no_further_host_may():
    bounds = Bounds(WIKI, hosts=["files.example.com"], is_in_private_network=True)

    bounds.check_addresses(bounds.base, INNER_ADDRESSES)
    for address in NEVER_ADDRESSES:
        with pytest.raises(OutOfBounds):
            bounds.check_addresses(bounds.base, [address])
    for address in INNER_ADDRESSES:
        with pytest.raises(OutOfBounds):
            bounds.check_addresses(httpx.URL("https://files.example.com/"), [address])


def test_the_refusal_of_a_private_address_says_what_to_do():
    bounds = Bounds(WIKI)

    with pytest.raises(OutOfBounds, match=r"leads to 10\.1\.2\.3.*allow private addresses for this source"):
        bounds.check_addresses(bounds.base, ["10.1.2.3"])


def test_localhost_is_this_machine_or_nothing():
    bounds = Bounds("http://localhost:8000")

    bounds.check_addresses(bounds.base, ["127.0.0.1", "::1"])
    with pytest.raises(OutOfBounds):
        bounds.check_addresses(bounds.base, ["93.184.216.34"])


def test_a_part_of_a_path_stays_one_part():
    assert path_of("content", 17, "a/../b?c#d\r\n é") == "/content/17/a%2F..%2Fb%3Fc%23d%0D%0A%20%C3%A9"
    for part in ("", ".", ".."):
        with pytest.raises(OutOfBounds):
            path_of("content", part)
