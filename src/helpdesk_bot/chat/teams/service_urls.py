"""Where the bot may send what it says, and its token with it: Microsoft's services, and nobody else's.

The address comes with each activity. A signed activity can be trusted to name a service of Microsoft, but the row that
it is kept in, or a claim that nobody checked, can not: so it is checked again each time it is used.
"""

from urllib.parse import urlsplit

HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
        "smba.infra.gov.teams.microsoft.us",
        "smba.infra.dod.teams.microsoft.us",
    }
)
"""learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages, and its sections on
government clouds."""

SUFFIXES = (".botframework.com", ".botframework.us")
FILE_SUFFIXES = (".sharepoint.com", ".sharepoint.us", ".svc.ms")
"""Where Teams keeps the files that people send to a bot."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_service_url(url: str, *, with_loopback: bool = False) -> bool:
    """Whether it is Microsoft's connector, by https; in development a connector on this machine as well."""
    host = _host(url, with_loopback=with_loopback)
    return host is not None and (host in HOSTS or host.endswith(SUFFIXES) or host in LOOPBACK)


def is_file_url(url: str, *, with_loopback: bool = False) -> bool:
    """Whether it is a file's address that carries its own permission, and so gets no token of ours."""
    host = _host(url, with_loopback=with_loopback)
    return host is not None and (host.endswith(FILE_SUFFIXES) or host in LOOPBACK)


def _host(url: str, *, with_loopback: bool) -> str | None:
    """The host of a plain https address without a user name or an odd port; None for any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\") or "@" in parts.netloc:
        return None
    if host in LOOPBACK:
        return host if with_loopback and parts.scheme in {"http", "https"} else None
    return host if parts.scheme == "https" and port in {None, 443} and host else None
