"""The page and its files, read once, and the headers that fence them in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE = "index.html"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """`version` changes with any file, so a file at an address with the version in it never changes."""

    page: SiteFile
    files: dict[str, SiteFile]
    version: str


def read_site() -> Site:
    files = {path.name: _read(path) for path in sorted((Path(__file__).parent / "pages").iterdir())}
    version = hashlib.sha256(b"".join(file.content for file in files.values())).hexdigest()[:16]
    page = files.pop(PAGE)
    page = SiteFile(content=page.content.replace(b"%VERSION%", version.encode()), media_type=page.media_type)
    return Site(page=page, files=files, version=version)


def _read(path: Path) -> SiteFile:
    return SiteFile(content=path.read_bytes(), media_type=MEDIA_TYPES[path.suffix])


class SecurityHeaders:
    """ASGI middleware around each of the chat's routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
