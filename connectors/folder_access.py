"""Who may read which file of a folder: its `.access.yaml`."""

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal, group, user

FILE_NAME = ".access.yaml"
MAX_BYTES = 1024 * 1024

_EMAIL = re.compile(r"[^@\s:]+@[^@\s:]+")
_GROUP_PREFIX = "grp:"
_WILDCARDS = frozenset("*?[")
_MAX_ERRORS_SHOWN = 3


class WrongAccessFile(ValueError):
    """The access file can't be taken at its word; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class FolderAccess:
    """The rules of a folder. Without an access file all staff may read everything."""

    default: frozenset[Principal] = frozenset({STAFF})
    rules: tuple[tuple[str, frozenset[Principal]], ...] = ()
    """Glob patterns, in composed Unicode, with who may read what they match."""
    memberships: Mapping[Principal, frozenset[Principal]] = field(default_factory=dict[Principal, frozenset[Principal]])
    """The members of each group: people and other groups."""

    def rule_for(self, *paths: str) -> AccessRule:
        """The rule of a file that is known under these paths: every matching rule of every path must admit."""
        return AccessRule(all_of=frozenset(readers for path in paths for readers in self._readers(path)))

    def _readers(self, path: str) -> list[frozenset[Principal]]:
        parts = unicodedata.normalize("NFC", path).split("/")
        found = [readers for pattern, readers in self.rules if _matches(pattern.split("/"), parts)]
        return found or [self.default]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str
    readers: list[str]


class _AccessFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: list[str] = [STAFF]
    groups: dict[str, list[str]] = {}
    rules: list[_Rule] = []


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML would silently forget what the first one restricts."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise WrongAccessFile(f"line {node.start_mark.line + 1}: {key!r} stands there twice")
        return super().construct_mapping(node, deep=deep)


def parse_access(text: str, *, source: str) -> FolderAccess:
    """The access file of a source. Raises WrongAccessFile for whatever leaves room for a guess."""
    if len(text.encode()) > MAX_BYTES:
        raise WrongAccessFile(f"it is longer than {MAX_BYTES:,} bytes")
    try:
        stated = _AccessFile.model_validate(yaml.load(text, _Loader))  # noqa: S506  a SafeLoader, only stricter
    except ValidationError as error:
        raise WrongAccessFile(_in_words(error)) from error
    except WrongAccessFile:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that is none
        mark = getattr(error, "problem_mark", None)
        raise WrongAccessFile(f"line {mark.line + 1 if mark else 1}: this is not YAML") from error
    words = _Words(source=source, groups=frozenset(stated.groups))
    return FolderAccess(
        default=words.readers(stated.default, where="default"),
        rules=tuple((_pattern(rule.match), words.readers(rule.readers, where=rule.match)) for rule in stated.rules),
        memberships={
            group(source, name): words.members(members, where=f"group {name}")
            for name, members in stated.groups.items()
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Words:
    """The words for people in an access file: e-mail addresses, grp:NAME and, for readers only, staff and public."""

    source: str
    groups: frozenset[str]

    def readers(self, words: Sequence[str], *, where: str) -> frozenset[Principal]:
        classes = {"staff": STAFF, "public": PUBLIC}
        return frozenset(classes.get(word) or self._principal(word, where, "staff, public, ") for word in words)

    def members(self, words: Sequence[str], *, where: str) -> frozenset[Principal]:
        return frozenset(self._principal(word, where) for word in words)

    def _principal(self, word: str, where: str, further_words: str = "") -> Principal:
        if _EMAIL.fullmatch(word):
            return user(word)
        if not word.startswith(_GROUP_PREFIX):
            raise WrongAccessFile(f"{where}: {word!r} is none of {further_words}an e-mail address or grp:NAME")
        name = word.removeprefix(_GROUP_PREFIX)
        if name not in self.groups:
            raise WrongAccessFile(f"{where}: there is no group {name!r} under groups")
        return group(self.source, name)


def _pattern(match: str) -> str:
    """A glob that means what it seems to; a name without wildcards at its end stands for all that is under it, too."""
    parts = unicodedata.normalize("NFC", match).removesuffix("/").split("/")
    if not all(parts) or {".", ".."} & set(parts) or "\\" in match:
        raise WrongAccessFile(
            f"{match!r} can't match: a path begins in the folder itself and has no empty part, . or \\"
        )
    if any("**" in part and part != "**" for part in parts):
        raise WrongAccessFile(f"{match!r}: ** stands alone between slashes, as in docs/**/*.md")
    return "/".join(parts if _WILDCARDS & set(parts[-1]) else [*parts, "**"])


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a glob matches a path, both cut at the slashes: * within a part, ** over any number of parts."""
    if not pattern:
        return not parts
    first, *rest = pattern
    if first == "**":
        return any(_matches(rest, parts[start:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], first) and _matches(rest, parts[1:])


def _in_words(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[:_MAX_ERRORS_SHOWN]
    if not found[0]["loc"]:  # it is empty, or no mapping
        return "it says nothing of who may read; `default: [staff]` is the least"
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
