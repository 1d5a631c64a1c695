"""Components of MDX as Docusaurus, Mintlify, Nextra and Starlight have them: their titles, and what is inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent

_MAX_OPENING_LINES = 12
_MAX_LINES = 1_000
"""Of one component; a longer one loses its tags alone."""
_BEGINS = re.compile(r"(?P<indent>[ \t]*)<(?P<name>[A-Z][\w.]*)(?=[\s/>]|$)")
_OPENING = re.compile(
    r"[ \t]*<[A-Z][\w.]*(?P<fields>(?:\s[^<>]*)?)>(?P<text>[^<>]*)(?:</[A-Z][\w.]*>)?[ \t]*$", re.DOTALL
)
_FIELD = re.compile(r"\b(?P<name>[a-z]\w*)\s*=\s*\{?(?P<mark>[\"'])(?P<value>.*?)(?P=mark)", re.DOTALL)
_TITLES = ("title", "header", "heading", "summary", "question", "label")


@dataclass(frozen=True, kw_only=True)
class Component:
    name: str
    title: str
    """As its fields say it; empty where none does."""
    kind: str
    """Of a box: what its field `type` says."""
    indent: str
    lines: tuple[str, ...]
    """What it holds, as far to the left as its tag stands."""
    end: int
    """The line behind it."""


def find_component(lines: Sequence[str], at: int) -> Component | None:
    """The component that begins in this line, alone in its lines; None where none does, or where it does not end."""
    begins = _BEGINS.match(lines[at])
    if begins is None:
        return None
    name, indent = begins["name"], begins["indent"]
    within = _opening_end(lines, at)
    opening = _OPENING.match("\n".join(lines[at:within]))
    if opening is None:
        return None
    end, closing = within, f"</{name}>"
    is_whole = opening["fields"].rstrip().endswith("/") or lines[within - 1].rstrip().endswith(closing)
    body = [opening["text"].strip()] if opening["text"].strip() else []
    if not is_whole:
        end = _closing(lines, within, closing, indent)
        if end is None:
            return None
        body += dedent("\n".join(lines[within : end - 1])).split("\n")
    fields = {field["name"]: field["value"].strip() for field in _FIELD.finditer(opening["fields"])}
    title = next((fields[each] for each in _TITLES if fields.get(each)), "")
    held = tuple(f"{indent}{line}" if line else "" for line in body)
    return Component(name=name, title=title, kind=fields.get("type", ""), indent=indent, lines=held, end=end)


def _opening_end(lines: Sequence[str], at: int) -> int:
    """The line behind the one that ends the tag; formatters write each field in a line of its own."""
    for number in range(at, min(at + _MAX_OPENING_LINES, len(lines))):
        if ">" in lines[number]:
            return number + 1
    return at + 1


def _closing(lines: Sequence[str], start: int, closing: str, indent: str) -> int | None:
    for number in range(start, min(start + _MAX_LINES, len(lines))):
        if lines[number].rstrip() == indent + closing:
            return number + 1
    return None
