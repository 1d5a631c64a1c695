"""A transport for clients that may go anywhere: by the way out, whatever the environment says."""

import ssl
from collections.abc import Mapping

import httpx

from connectors.http.trouble import NO_PROXY_REACHED, causes
from connectors.http.way_out import WayOut


class OutgoingTransport(httpx.AsyncBaseTransport):
    """Straight to a host, or by the proxy. Raises `ProxyError` where it is the proxy that is not reached."""

    def __init__(self, way_out: WayOut) -> None:
        self._way_out = way_out
        self._by_proxy: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self._way_out.proxy_for(str(request.url))
        try:
            response = await self._transport_by(proxy).handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            is_the_place = any(isinstance(below, ssl.SSLError) for below in causes(error))
            if proxy is None or is_the_place:
                raise
            raise httpx.ProxyError(NO_PROXY_REACHED, request=request) from error
        if proxy is not None and response.status_code == 407:  # to an http:// address: no tunnel fails
            await response.aclose()
            raise httpx.ProxyError("407", request=request)
        return response

    async def aclose(self) -> None:
        for transport in self._by_proxy.values():
            await transport.aclose()

    def _transport_by(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy not in self._by_proxy:
            tls = self._way_out.tls
            named = httpx.Proxy(proxy, ssl_context=tls if proxy.startswith("https:") else None) if proxy else None
            self._by_proxy[proxy] = httpx.AsyncHTTPTransport(verify=tls, proxy=named, trust_env=False)
        return self._by_proxy[proxy]


def client_by(
    way_out: WayOut, *, timeout_s: float, base_url: str = "", headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    """Follows no redirects, and reads nothing from the environment."""
    transport = OutgoingTransport(way_out)
    return httpx.AsyncClient(
        transport=transport, timeout=timeout_s, base_url=base_url, headers=headers, trust_env=False
    )
