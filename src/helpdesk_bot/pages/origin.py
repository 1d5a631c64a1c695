"""Where a request is from."""

from starlette.requests import Request


def is_from_our_page(request: Request) -> bool:
    """Whether a script of this very origin sent the request; a request that doesn't say where it is from is not.

    Compares the host only: behind a proxy that ends TLS the scheme seen here is not the browser's.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    host = request.headers.get("host", "")
    if site is None and origin is None:
        return False
    return site in {None, "same-origin"} and origin in {None, f"http://{host}", f"https://{host}"}
