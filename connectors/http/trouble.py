"""What hindered a request, as far as somebody can mend it."""

import socket
import ssl
from collections.abc import Iterator

NO_PROXY_REACHED = "the proxy can't be reached"
_REFUSALS = {
    403: "the proxy does not let it through (HTTP 403)",
    407: "the proxy refuses the user name or password it is given (HTTP 407)",
}


def trouble_of(error: BaseException) -> str:
    """A proxy, a certificate, a name, an address; otherwise the kind of error."""
    for below in causes(error):
        if _is_of_proxy(below):
            status = _status(below)
            return refusal_of_proxy(status) if status else NO_PROXY_REACHED
        if isinstance(below, ssl.SSLCertVerificationError) and hasattr(below, "verify_message"):  # aiohttp's has none
            return f"its certificate is refused: {below.verify_message.rstrip('.')}"
        if isinstance(below, socket.gaierror):
            return "its name is not found"
        if isinstance(below, ConnectionRefusedError):
            return "nothing listens at its address"
        if type(below).__name__ == "ConnectTimeout":
            return "its address can't be reached in time"
    return type(error).__name__


def refusal_of_proxy(status: int) -> str:
    return _REFUSALS.get(status, f"the proxy does not reach it (HTTP {status})")


def is_refused_by_proxy(error: BaseException) -> bool:
    """Then it would be again, and a password that is tried too often is locked by many."""
    return _is_of_proxy(error) and _status(error) in _REFUSALS


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what lies below it."""
    below: BaseException | None = error
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__


def _is_of_proxy(error: BaseException) -> bool:
    """httpx's, or that of its successor httpx2, which Anthropic's client is made with."""
    return type(error).__name__ == "ProxyError"


def _status(error: BaseException) -> int:
    """As httpcore words it: `407 Proxy Authentication Required`. 0 where there was no answer."""
    number = str(error).partition(" ")[0]
    return int(number) if number.isascii() and number.isdecimal() else 0
