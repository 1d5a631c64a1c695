"""What a site's robots.txt allows: the Robots Exclusion Protocol, RFC 9309, with Crawl-delay and Sitemap."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

MAX_BYTES = 500 * 1024
"""What a crawler must at least take (RFC 9309, 2.5)."""

_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:(.*)")
_TOKEN = re.compile(r"[A-Za-z_-]+|\*")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_PATH_SAFE = "/?:@!$&'()*+,;=-._~%[]"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A pattern for paths: `*` is any characters, `$` at the end is the end of the path."""

    allows: bool
    path: str

    def matches(self, path: str) -> bool:
        """In time that grows with the lengths alone: a pattern of many stars is somebody else's."""
        pattern, is_whole = (self.path[:-1], True) if self.path.endswith("$") else (self.path, False)
        first, *parts = pattern.split("*")
        if not path.startswith(first):
            return False
        if not parts:
            return not is_whole or path == first
        at = len(first)
        for part in parts[:-1]:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return path.endswith(parts[-1], at) if is_whole else parts[-1] in path[at:]


@dataclass(frozen=True, kw_only=True)
class Robots:
    """The rules for one crawler."""

    rules: tuple[Rule, ...] = ()
    crawl_delay_s: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allows(self, path: str) -> bool:
        """The longest rule that matches decides, and allows where two are equally long; without one all is allowed."""
        if path == "/robots.txt":
            return True
        escaped = _escaped(path)
        found = [(len(rule.path), rule.allows) for rule in self.rules if rule.matches(escaped)]
        return max(found, default=(0, True))[1]


def parse_robots(content: bytes, *, crawler: str) -> Robots:
    """The rules for a crawler by its product token: those of all groups that name it, else of all groups for `*`."""
    groups: dict[str, list[tuple[str, str]]] = {}
    sitemaps: list[str] = []
    names: list[str] = []
    is_naming = False
    for field, value in _fields(content):
        if field == "sitemap":
            sitemaps.append(value)
        elif field == "user-agent":
            names = [*names, _token(value)] if is_naming else [_token(value)]
            is_naming = True
            groups.setdefault(names[-1], [])
        else:
            is_naming = False
            for name in names:
                groups[name].append((field, value))
    ours = groups.get(crawler.casefold(), groups.get("*", []))
    return Robots(rules=tuple(_rules(ours)), crawl_delay_s=_delay_s(ours), sitemaps=tuple(sitemaps))


def _token(value: str) -> str:
    """The product token, without the version that some write behind it."""
    token = _TOKEN.match(value)
    return token[0].casefold() if token else ""


def _fields(content: bytes) -> Iterator[tuple[str, str]]:
    """Names, in lower case, and values, without comments; lines that are none are passed over."""
    for line in content[:MAX_BYTES].decode(errors="replace").removeprefix("\ufeff").splitlines():
        field = _LINE.match(line.partition("#")[0])
        if field:
            yield field[1].casefold(), field[2].strip()


def _rules(fields: Sequence[tuple[str, str]]) -> Iterator[Rule]:
    for field, value in fields:
        if field in {"allow", "disallow"} and value:
            yield Rule(allows=field == "allow", path=_escaped(value))


def _delay_s(fields: Sequence[tuple[str, str]]) -> float:
    """The longest that is stated."""
    stated = [value for field, value in fields if field == "crawl-delay"]
    return max((float(value) for value in stated if re.fullmatch(r"\d+(\.\d+)?", value)), default=0.0)


def _escaped(path: str) -> str:
    """The path with its escapes in capitals and with what is not ASCII escaped, so that octets compare."""
    return _ESCAPE.sub(lambda match: match[0].upper(), quote(path, safe=_PATH_SAFE))
