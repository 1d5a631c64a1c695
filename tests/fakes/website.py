"""A website on loopback that knows the rules of robots and keeps account of who breaks them.

async with Website() as site:
    site.put("/vpn", html("VPN", "<p>Dial in.</p>"))
    site.robots = "User-agent: *\\nDisallow: /private/"
    site.requests       # path and headers of all that was asked
    site.violations     # what no crawler may do: leaving the context with one fails the test
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Self

from aiohttp import web
from multidict import CIMultiDict

from tests.fakes.loopback import Loopback

MAX_PARALLEL = 4


@dataclass(kw_only=True)
class WebPage:
    content: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    has_etag: bool = True
    in_sitemap: bool = True
    modified: str = ""

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


def html(title: str, main: str, *, head: str = "", around: bool = True) -> bytes:
    """A page as they are made: with navigation, a banner and a footer around what matters."""
    navigation = '<header><nav><a href="/">Home</a></nav></header>' if around else ""
    banner = '<div id="cookie-banner" class="x">We value your privacy kookiezq</div>' if around else ""
    footer = "<footer>Imprint footerzq</footer>" if around else ""
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{escape(title)}</title>{head}</head><body>"
        f"{navigation}{banner}<main>{main}</main>{footer}</body></html>"
    ).encode()


class Website:
    """`pages` by path and query. Everything else is a 404, or what `missing` says."""

    def __init__(self) -> None:
        self.pages: dict[str, WebPage] = {}
        self.robots: str | int = 404
        """Its text, or the status it is answered with."""
        self.sitemap: bytes | None = None
        """None: that of all pages that want to be in it."""
        self.has_sitemap = True
        self.missing: Callable[[str], WebPage] = lambda path: WebPage(content=b"no such page", status=404)
        self.not_to_be_asked: set[str] = set()
        self.is_down = False
        """Every page is a 503; robots.txt and the sitemap still answer."""
        self.requests: list[tuple[str, CIMultiDict[str]]] = []
        self.violations: list[str] = []
        self._inside = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._server = Loopback(app)
        self.base_url = await self._server.open()
        return self

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        await self._server.close()
        if error is None:
            assert self.violations == []

    @property
    def asked(self) -> list[str]:
        return [path for path, _ in self.requests]

    def url(self, path: str) -> str:
        return self.base_url + path

    def put(self, path: str, content: bytes, **more: object) -> None:
        self.pages[path] = WebPage(content=content, **more)  # type: ignore[arg-type]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        self.requests.append((path, CIMultiDict(request.headers)))
        self._check(request, path)
        self._inside += 1
        try:
            await asyncio.sleep(0)
            return self._page(request, path)
        finally:
            self._inside -= 1

    def _check(self, request: web.Request, path: str) -> None:
        rules = [
            (request.method != "GET", "only GET is asked for"),
            (not request.headers.get("user-agent", "").startswith("helpdesk-bot/"), "a crawler says who it is"),
            (path in self.not_to_be_asked, "robots.txt forbids it"),
            ("#" in path, "fragments are not sent"),
            ("cookie" in request.headers or "authorization" in request.headers, "a crawler has no credentials"),
            (self._inside >= MAX_PARALLEL, "too many at once"),
        ]
        self.violations += [f"{path}: {rule}" for is_broken, rule in rules if is_broken]

    def _page(self, request: web.Request, path: str) -> web.StreamResponse:
        if path == "/robots.txt":
            return web.Response(status=self.robots) if isinstance(self.robots, int) else web.Response(text=self.robots)
        if path == "/sitemap.xml" and self.has_sitemap:
            return web.Response(body=self._sitemap(), content_type="application/xml")
        if self.is_down:
            return web.Response(status=503)
        page = self.pages.get(path) or self.missing(path)
        headers = {"content-type": page.media_type, **page.headers}
        if page.has_etag and page.status == 200:
            headers["etag"] = page.etag
            if request.headers.get("if-none-match") == page.etag:
                return web.Response(status=304, headers={"etag": page.etag})
        return web.Response(status=page.status, body=page.content, headers=headers)

    def _sitemap(self) -> bytes:
        if self.sitemap is not None:
            return self.sitemap
        entries = "".join(
            f"<url><loc>{escape(self.url(path))}</loc>"
            + (f"<lastmod>{page.modified}</lastmod>" if page.modified else "")
            + "</url>"
            for path, page in self.pages.items()
            if page.in_sitemap
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
