"""Elements of the storage format: how they are told apart, taken to pieces and made."""

from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

_VOID = frozenset({"br", "hr", "img", "input", "col", "wbr"})


def name_of(element: Tag) -> str:
    """With its prefix: `ac:link`. The XML parser keeps the two apart, the HTML parser does not."""
    return f"{element.prefix}:{element.name}" if element.prefix and ":" not in element.name else element.name


def attribute(element: Tag, name: str) -> str:
    value = element.get(name)
    return " ".join(value if isinstance(value, list) else [value or ""]).strip()


def child_named(element: Tag, *names: str) -> Tag | None:
    return next((child for child in element.children if isinstance(child, Tag) and name_of(child) in names), None)


def parameter(macro: Tag, name: str) -> str:
    """The text of a macro's parameter; empty where it has none. The macro's own default parameter has no name."""
    for child in macro.children:
        if isinstance(child, Tag) and name_of(child) == "ac:parameter" and attribute(child, "ac:name") == name:
            return " ".join(child.get_text().split())
    return ""


def contents(element: Tag | None) -> list[PageElement]:
    """What is inside, taken out."""
    return [child.extract() for child in list(element.children)] if element is not None else []


def make(soup: BeautifulSoup, name: str, *inside: PageElement | str, attributes: dict[str, str] | None = None) -> Tag:
    element = soup.new_tag(name, attrs=dict(attributes or {}))
    for one in inside:
        element.append(NavigableString(one) if isinstance(one, str) else one)
    return element


def replace(element: Tag, *others: PageElement | str) -> None:
    """Put others in the place of an element, which is then no part of the page."""
    for other in others:
        element.insert_before(NavigableString(other) if isinstance(other, str) else other)
    element.extract()


def close_as_html(elements: Iterable[Tag]) -> None:
    """An empty element that XML ends with a slash is open to the end of the page in HTML."""
    for element in elements:
        element.can_be_empty_element = element.name in _VOID
