"""How requests leave this machine: by which proxy, and whose word counts for a certificate."""

import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from connectors.http.bounds import is_inner_host, literal_address

_DEFAULT_PORTS = {"http": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """Handed to every client that asks something over HTTP; by default it leads straight there.

    A proxy looks up names itself, and decides what can be reached. It is not used for this machine, for an address
    that is written as one of an inner network, and for what `no_proxy` names.
    """

    https_proxy: str = field(default="", repr=False)
    http_proxy: str = field(default="", repr=False)
    """`http://USER:PASSWORD@HOST:PORT`, for addresses that begin with https:// and wss://, and with http://."""
    no_proxy: Collection[str] = ()
    """Names, which stand for all that end in them too, addresses and networks (10.0.0.0/8); or `*`."""
    authorities: Path | None = None
    """A PEM file of those that are trusted besides the public ones and the machine's own."""

    def proxy_for(self, url: str) -> str | None:
        """None where it is asked directly."""
        parts = urlsplit(url)
        proxy = self.http_proxy if parts.scheme == "http" else self.https_proxy
        host, port = (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        if not proxy or is_inner_host(host) or any(_means(entry, host, port) for entry in self.no_proxy):
            return None
        return proxy

    @property
    def tls(self) -> ssl.SSLContext:
        """Raises OSError where the file can't be read, or holds no certificate."""
        return _tls(self.authorities)


DIRECT = WayOut()


def without_credentials(proxy: str) -> str:
    """As it may be shown."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _means(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means this host, as curl and Go read it. No name is looked up."""
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        name, _, only_port = entry.partition(":")
        name = name.removeprefix("*").strip(".")
        is_ending = bool(name) and f".{host}".endswith(f".{name}")
        return entry == "*" or (is_ending and only_port in {"", str(port)})
    address = literal_address(host)
    return address is not None and address in network


@cache
def _tls(authorities: Path | None) -> ssl.SSLContext:
    """Made once: reading the certificates takes some 100 ms."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context
