"""SmartArt: the words of a diagram as the list that its makers type (ECMA-376 part 1, 21.4)."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MAX_LEVELS = 20


def entries(model: bytes) -> Iterator[tuple[int, str]]:
    """The level of each entry, from 0, and its text, in their order."""
    root = etree.fromstring(model, etree.XMLParser(resolve_entities=False, no_network=True))
    texts = {point.get("modelId"): _text(point) for point in root.iter(f"{DIAGRAM}pt")}
    below: defaultdict[str | None, list[tuple[int, str | None]]] = defaultdict(list)
    for link in root.iter(f"{DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "")
            below[link.get("srcId")].append((int(order) if order.isdecimal() else 0, link.get("destId")))
    for point in root.iter(f"{DIAGRAM}pt"):
        if point.get("type") == "doc":
            yield from _entries_below(point.get("modelId"), below, texts, level=0)


def _entries_below(
    point: str | None,
    below: dict[str | None, list[tuple[int, str | None]]],
    texts: dict[str | None, str],
    *,
    level: int,
) -> Iterator[tuple[int, str]]:
    for _, inner in sorted(below.pop(point, []), key=lambda link: link[0]):
        text = texts.get(inner, "")
        if text:
            yield level, text
        yield from _entries_below(inner, below, texts, level=min(level + bool(text), _MAX_LEVELS))


def _text(point: etree._Element) -> str:
    return " ".join("".join(words.text or "" for words in point.iter(f"{_DRAWING}t")).split())
