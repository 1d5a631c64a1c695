"""The last gate before the network: every request is checked and counted, and goes to an address that was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from connectors.http.bounds import Bounds, literal_address, spelled_address
from connectors.http.outgoing import OutgoingTransport
from connectors.http.way_out import DIRECT, WayOut

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses, best first. Raises OSError when there are none."""

LOCATION = "location"
"""The extension of an answer that holds its Location header, as bytes.

httpx looks at the header even where it is not to follow it, and raises InvalidURL for some (0.28.1).
"""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends what is in bounds.

    A name is looked up once, its addresses are checked, and the connection goes to what was checked: a name that leads
    elsewhere a moment later leads nowhere. Each host has connections of its own, so that none is shared by two names.
    Redirects and token requests of an `httpx.Auth` pass here too. Where the way out has a proxy for a host, the proxy
    looks its name up and decides where that leads; which hosts may be asked is decided here all the same.
    """

    def __init__(
        self,
        bounds: Bounds,
        *,
        resolver: Resolver | None = None,
        way_out: WayOut = DIRECT,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """With `inner` the requests go there and no name is looked up."""
        self.requests = 0
        self._bounds = bounds
        self._resolver = resolver or look_up
        self._way_out = way_out
        self._by_proxy = OutgoingTransport(way_out)
        self._inner = inner
        self._by_host: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._bounds.check(request.url)
        response = await self._answer(request)
        if "location" in response.headers:
            response.extensions[LOCATION] = next(v for k, v in response.headers.raw if k.lower() == b"location")
            del response.headers["location"]
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._inner is not None:
            self.requests += 1
            return await self._inner.handle_async_request(request)
        if self._goes_by_proxy(request.url):
            self.requests += 1
            return await self._by_proxy.handle_async_request(request)
        addresses = await self._find_addresses(request)
        self.requests += 1
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except httpx.ConnectError:
                continue
        return await self._send(request, addresses[-1])

    async def aclose(self) -> None:
        for transport in (*self._by_host.values(), self._by_proxy, *([self._inner] if self._inner else [])):
            await transport.aclose()

    def _goes_by_proxy(self, url: httpx.URL) -> bool:
        """What an admin said is in their own network is asked directly. A proxy is never asked for an inner address."""
        if self._bounds.may_be_inner(url) or self._way_out.proxy_for(str(url)) is None:
            return False
        if (spelled := spelled_address(url.host)) is not None:
            self._bounds.check_addresses(url, [spelled])
        return True

    async def _find_addresses(self, request: httpx.Request) -> Sequence[str]:
        url = request.url
        if literal_address(url.host) is not None:
            return [url.host]
        try:
            found = await self._resolver(url.raw_host.decode("ascii"), url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"no address is known for {url.host}", request=request) from error
        if not found:
            raise httpx.ConnectError(f"no address is known for {url.host}", request=request)
        self._bounds.check_addresses(url, found)
        return found

    async def _send(self, request: httpx.Request, address: str) -> httpx.Response:
        """The request to one address; its Host header and the certificate's name stay those of the host."""
        host = request.url.raw_host.decode("ascii")
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._transport_of(host).handle_async_request(pinned)

    def _transport_of(self, host: str) -> httpx.AsyncHTTPTransport:
        if host not in self._by_host:
            self._by_host[host] = httpx.AsyncHTTPTransport(verify=self._way_out.tls, trust_env=False)
        return self._by_host[host]


async def look_up(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
