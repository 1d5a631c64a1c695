"""Where a client may go: the hosts it was given, by https, and never to an address of somebody's inner network."""

import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote

import httpx

from connectors.errors import OutOfBounds

_NAT64 = ip_network("64:ff9b::/96")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_NEVER_IN_AN_ADDRESS = frozenset([*map(chr, range(0x21)), "\x7f", "\\"])

Address = IPv4Address | IPv6Address


class Bounds:
    """The origins that a client may ask."""

    def __init__(self, base_url: str, *, hosts: Collection[str] = (), is_in_private_network: bool = False) -> None:
        """`hosts` are names, or names with a port as in `files.example.com:8443`, besides that of base_url.

        Raises ValueError for a base_url that no client may be given.
        """
        try:
            self.base = httpx.URL(base_url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise ValueError(f"{_open(base_url)} is no address") from error
        self._is_private = is_in_private_network
        self._allowed = {_place(self.base), *(_place(httpx.URL(f"https://{host}")) for host in hosts)}
        try:
            self.check(self.base)
        except OutOfBounds as error:
            raise ValueError(f"{_open(base_url)} can't be asked: {error.reason}") from error

    def is_home(self, url: httpx.URL) -> bool:
        """Whether an address is of base_url's own origin, the only one that gets credentials."""
        return (url.scheme, *_place(url)) == (self.base.scheme, *_place(self.base))

    def resolve(self, path_or_url: str, *, seen_from: httpx.URL | None = None) -> httpx.URL:
        """The address that a path under base_url, a whole address, or a link seen on a page stands for.

        Raises OutOfBounds for one that is not allowed, or that two readers could read differently.
        """
        if not _NEVER_IN_AN_ADDRESS.isdisjoint(path_or_url):
            raise OutOfBounds("the address holds a space, a backslash or a control character")
        try:
            url = seen_from.join(path_or_url) if seen_from is not None else self._under_base(path_or_url)
        except (httpx.InvalidURL, ValueError) as error:
            raise OutOfBounds("this is no address") from error
        self.check(url)
        return url.copy_with(fragment=None)

    def check(self, url: httpx.URL) -> None:
        if url.userinfo:
            raise OutOfBounds("the address holds a user name or a password")
        if url.scheme not in _DEFAULT_PORTS or not url.host:
            raise OutOfBounds("the address does not begin with https://")
        if _place(url) not in self._allowed:
            raise OutOfBounds(f"the host {_shown(url)} is not one of this source's")
        if url.scheme == "http" and not is_loopback(url.host):
            raise OutOfBounds("the address begins with http://, where https:// is needed")

    def check_addresses(self, url: httpx.URL, found: Sequence[str]) -> None:
        """Refuse what a name leads to if any of it lies where the admin did not send us.

        A host that was written as an address is not looked up; its own spelling is what was allowed.
        """
        may_be_inner = self.may_be_inner(url)
        for text in found:
            address = _unwrapped(ip_address(text.partition("%")[0]))
            is_meant = address.is_loopback if is_loopback(url.host) else _is_public(address)
            if not (is_meant or (may_be_inner and _is_inner(address))):
                hint = "; allow private addresses for this source if that is meant" if _is_inner(address) else ""
                raise OutOfBounds(f"the host {_shown(url)} leads to {address}, which is not a public address{hint}")

    def may_be_inner(self, url: httpx.URL) -> bool:
        """Whether an admin said that it is in a company's own network."""
        return self._is_private and self.is_home(url)

    def _under_base(self, path_or_url: str) -> httpx.URL:
        if path_or_url.casefold().startswith(("https:", "http:")):
            return httpx.URL(path_or_url)
        path, _, query = path_or_url.partition("?")
        if {".", ".."} & set(path.split("/")):
            raise OutOfBounds("the path climbs")
        return httpx.URL(f"{self.base}/{path.lstrip('/')}{'?' if query else ''}{query}")


def path_of(*parts: str | int) -> str:
    """A path of parts that came from anywhere: each stays one part, whatever characters it holds."""
    if {".", "..", ""} & set(map(str, parts)):
        raise OutOfBounds("a part of the path is empty, . or ..")
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def literal_address(host: str) -> Address | None:
    """The address that a host is written as; None for a name, and for spellings such as 127.1 or 0x7f000001."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def spelled_address(host: str) -> str | None:
    """The address that a host such as 127.1 or 0x7f000001 stands for, which is no name either; None for a name."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def is_inner_host(host: str) -> bool:
    """Whether a host is written as this machine, or as an address that is not public. Names are not looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = literal_address(host)
    return address is not None and not _is_public(_unwrapped(address))


def is_loopback(host: str) -> bool:
    address = literal_address(host)
    return host == "localhost" if address is None else address.is_loopback


def _place(url: httpx.URL) -> tuple[str, int]:
    """Host and port; a name in another script as it goes over the wire."""
    return url.raw_host.decode("ascii").casefold(), url.port or _DEFAULT_PORTS.get(url.scheme, 0)


def _open(base_url: str) -> str:
    """As it may be repeated: not where it holds a password."""
    return "the address" if "@" in base_url else repr(base_url)


def _shown(url: httpx.URL) -> str:
    host, port = _place(url)
    return host if port == _DEFAULT_PORTS.get(url.scheme) else f"{host}:{port}"


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_inner(address: Address) -> bool:
    """An address of a company's own network: not this machine, not the link (where clouds keep their metadata)."""
    shared = isinstance(address, IPv4Address) and address in ip_network("100.64.0.0/10")
    barred = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_reserved
    return (address.is_private or shared) and not barred and not address.is_multicast
