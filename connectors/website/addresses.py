"""One spelling for each page's address."""

import re
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_TRACKING = re.compile(
    r"utm_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_ga|_gl|_hs\w+"
    r"|hsctatracking|mkt_tok|phpsessid|jsessionid|sid|sessionid",
    re.IGNORECASE,
)
"""Parameters that say who came from where, not what is shown."""
_SESSION_PATH = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_UNRESERVED = "-._~"
_PATH_SAFE = "/!$&'()*+,;=:@"
_MAX_CHARS = 2_000


def one_spelling(link: str, *, seen_on: str) -> str | None:
    """The address that a link on a page leads to, as every other link to the same page would be written.

    Without fragment, tracking parameters, session and default port, host in lower case, escapes only where they are
    needed. None for what is no address of a page (`mailto:`, `javascript:`, nonsense).
    """
    try:
        parts = urlsplit(urljoin(seen_on, "".join(link.split("\n")).strip()))
        port = parts.port
        host = (
            (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
        )
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
        return None
    shown_host = f"[{host}]" if ":" in host else host
    place = shown_host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{shown_host}:{port}"
    path = _escaped(_SESSION_PATH.sub("", parts.path), safe=_PATH_SAFE) or "/"
    address = urlunsplit((parts.scheme, place, path, _without_tracking(parts.query), ""))
    return address if len(address) <= _MAX_CHARS else None


def path_and_query(address: str) -> str:
    """What robots.txt has rules for."""
    parts = urlsplit(address)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _without_tracking(query: str) -> str:
    if not query:
        return ""
    kept = [part for part in query.split("&") if part and not _is_tracking(part)]
    return "&".join(_escaped(part, safe=_PATH_SAFE + "?/") for part in kept)


def _is_tracking(part: str) -> bool:
    pairs = parse_qsl(part, keep_blank_values=True)
    return bool(pairs) and _TRACKING.fullmatch(pairs[0][0]) is not None


def _escaped(text: str, *, safe: str) -> str:
    """With every escape that is needed, in capitals, and none that is not (RFC 3986, 6.2.2)."""
    return re.sub(
        r"%([0-9A-Fa-f]{2})|([^%]|%)",
        lambda match: _one_escape(match[1]) if match[1] else quote(match[2], safe=safe + _UNRESERVED),
        text,
    )


def _one_escape(digits: str) -> str:
    character = unquote(f"%{digits}", encoding="latin-1")
    return (
        character if character.isascii() and (character.isalnum() or character in _UNRESERVED) else f"%{digits.upper()}"
    )
