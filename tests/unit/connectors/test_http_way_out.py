"""Which address is asked by the proxy, and whose certificates are trusted."""

from pathlib import Path

import pytest

from connectors.http import DIRECT, WayOut
from connectors.http.way_out import _tls, without_credentials
from tests.fakes.company_network import CompanyNetwork

PROXY = "http://ada:canary@proxy.example.com:3128"


def way_out(*no_proxy: str) -> WayOut:
    return WayOut(https_proxy=PROXY, http_proxy="http://plain.example.com", no_proxy=no_proxy)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://slack.com/api/", PROXY),
        ("wss://wss-primary.slack.com/link", PROXY),
        ("https://93.184.216.34/", PROXY),
        ("http://models.example.com/v1", "http://plain.example.com"),
    ],
)
def test_what_is_far_away_is_asked_by_the_proxy_of_its_scheme(url: str, proxy: str) -> None:
    assert way_out().proxy_for(url) == proxy
    assert DIRECT.proxy_for(url) is None


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.255.255.254", "[::1]", "0.0.0.0"),
        *("10.0.0.1", "192.168.0.1", "169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "[::ffff:127.0.0.1]"),
        *("[64:ff9b::a9fe:a9fe]", "[fe80::1]"),
    ],
)
def test_this_machine_and_inner_addresses_are_never_asked_by_a_proxy(host: str) -> None:
    for scheme in ("https", "http", "wss"):
        assert way_out().proxy_for(f"{scheme}://{host}:8443/") is None


@pytest.mark.parametrize(
    ("entry", "meant", "others"),
    [
        ("corp.example.com", ["corp.example.com", "wiki.corp.example.com"], ["xcorp.example.com", "example.com"]),
        (".corp.example.com", ["corp.example.com", "wiki.corp.example.com"], ["xcorp.example.com"]),
        ("*.corp.example.com", ["wiki.corp.example.com"], ["slack.com"]),
        ("jira.example.com:8443", ["jira.example.com:8443"], ["jira.example.com", "jira.example.com:443"]),
        ("slack.com:443", ["slack.com"], ["slack.com:8443"]),
        ("93.184.216.34", ["93.184.216.34"], ["93.184.216.35"]),
        ("93.184.216.0/24", ["93.184.216.34"], ["93.184.217.1", "slack.com"]),
        ("2606:2800::/32", ["[2606:2800::1]"], ["[2606:2801::1]"]),
        ("*", ["slack.com", "93.184.216.34"], []),
        (".", [], ["slack.com"]),
    ],
)
def test_no_proxy_is_read_as_curl_and_go_read_it(entry: str, meant: list[str], others: list[str]) -> None:
    assert [host for host in meant if way_out(entry).proxy_for(f"https://{host}/")] == []
    assert [host for host in others if not way_out(entry).proxy_for(f"https://{host}/")] == []


def test_a_name_is_not_taken_for_its_ending_without_a_dot() -> None:
    assert way_out("slack.com").proxy_for("https://slack.com./") is None
    assert way_out("ack.com").proxy_for("https://slack.com/") == PROXY


def test_the_password_is_not_shown() -> None:
    assert "canary" not in repr(way_out())
    assert without_credentials(PROXY) == "http://proxy.example.com:3128"


def test_whom_the_machine_trusts_is_trusted_besides_the_public_authorities(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """OpenSSL takes the machine's store to be where this says."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CompanyNetwork(tmp_path, {}).authorities))
    trusted = str(_tls.__wrapped__(None).get_ca_certs())
    assert "Quillmoor's own authority" in trusted
    assert "DigiCert" in trusted
