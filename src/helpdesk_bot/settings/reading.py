"""How settings are written: lists, pairs, schedules and time zones as text."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from helpdesk_bot.cron import check_cron

NO_SECRET = SecretStr("")
OFF = "off"


def _parts(text: str, separator: str = ",") -> list[str]:
    return [part for part in (each.strip() for each in text.split(separator)) if part]


def _pairs(separator: str, *, is_secret: bool = False) -> Callable[[object], object]:
    """`a=x, b=y` as a mapping; spaces around names and values don't count. What is secret is not repeated."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs: dict[str, str] = {}
        for number, pair in enumerate(_parts(value, separator), start=1):
            name, equals, rest = (part.strip() for part in pair.partition("="))
            if not (name and equals and rest):
                raise ValueError(f"{f'part {number}' if is_secret else repr(pair)} is not NAME=VALUE")
            pairs[name] = rest
        return pairs

    return read


def _list(value: object) -> object:
    return _parts(value) if isinstance(value, str) else value


def _folded(values: frozenset[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values)


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; use a name such as Europe/Berlin") from error
    return value


def _cron(value: str) -> str:
    if value == OFF or not value:
        return ""
    try:
        check_cron(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no schedule: {error}; five fields such as 0 2 * * *, or off") from error
    return value


def _crons(values: dict[str, str]) -> dict[str, str]:
    return {name: _cron(value) for name, value in values.items()}


def _proxy(secret: SecretStr) -> SecretStr:
    """With its scheme, which many leave out. What is refused is not repeated: it may hold a password."""
    text = secret.get_secret_value().strip()
    if not text:
        return secret
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable()
    if not is_whole or parts.netloc.count("@") > 1 or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "it is written http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with %40 for an @ in the password"
        )
    return SecretStr(url.rstrip("/"))


def _url(text: str) -> str:
    """What is refused is not repeated where it may hold a password."""
    url = text.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not url.isprintable() or " " in url or "\\" in url:
        shown = "it" if "@" in text else repr(text)
        raise ValueError(f"{shown} is no address: it is written https://HOST/PATH")
    return url


Ids = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list)]
"""Separated by commas, as they are written."""

Words = Annotated[frozenset[str], NoDecode, BeforeValidator(_list), AfterValidator(_folded)]
"""Separated by commas, without regard to case."""

Pairs = Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs(","))]
"""NAME=VALUE, separated by commas."""

Cron = Annotated[str, AfterValidator(_cron)]
"""Five fields; `off` reads as empty."""

Crons = Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs(";")), AfterValidator(_crons)]
"""NAME=CRON, separated by semicolons, since a cron expression may hold commas."""

Url = Annotated[str, AfterValidator(_url)]
"""Whole, with http:// or https://; who asks there may want https:// alone."""

ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy)]

TimeZone = Annotated[str, AfterValidator(_time_zone)]

PAIRS = BeforeValidator(_pairs(","))
SECRET_PAIRS = BeforeValidator(_pairs(",", is_secret=True))

UrlPairs = Annotated[dict[str, Url], NoDecode, PAIRS]
