"""The headers that fence a page in."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Mapping[str, str] = MappingProxyType(
    {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
)
"""A page that shows something, with our own styles and pictures, and can do nothing else."""

SECURITY_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """ASGI middleware around a page's routes. `policy` says what it may beyond `POLICY`; so do `more` headers."""

    def __init__(self, app: ASGIApp, *, policy: Mapping[str, str], more: Mapping[str, str] | None = None) -> None:
        self._app = app
        written = "; ".join(f"{name} {allowed}" for name, allowed in {**POLICY, **policy}.items())
        self._headers = {**SECURITY_HEADERS, "Content-Security-Policy": written, **(more or {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)
