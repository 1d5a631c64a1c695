"""Confluence's query language, as far as it is spoken. Whatever comes from outside becomes a quoted string."""

from collections.abc import Iterable

_KINDS = frozenset({"page", "blogpost", "comment", "attachment"})


def quoted(value: str) -> str:
    """A string literal. A backslash escapes the quote and itself; a line break or NUL has no business in one."""
    words = " ".join(value.replace("\0", " ").split())
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def one_of(field: str, values: Iterable[str]) -> str:
    return f"{field} in ({', '.join(map(quoted, values))})"


def contents_of(spaces: Iterable[str], kinds: Iterable[str]) -> str:
    """Everything of some kinds in some spaces, oldest first: an edit leaves a content its place in the listing."""
    wanted = [kind for kind in kinds if kind in _KINDS]
    return f"{one_of('space', spaces)} and type in ({', '.join(wanted)}) order by created asc"


def comments_on(pages: Iterable[str]) -> str:
    return f"{one_of('container', pages)} and type = comment order by created asc"
