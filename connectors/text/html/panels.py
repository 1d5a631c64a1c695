"""Tabs and boxes: what a script shows one at a time stands one below the other, each under its name in bold."""

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, Tag

_HIDING = ("hidden", "aria-hidden", "style")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOX_TITLE = re.compile(
    r"(?:admonition|custom-block|callout|markdown-alert|starlight-aside|theme-admonition)[-_]{1,2}(?:title|heading)"
    r"|admonitionHeading_\w+"
)
"""Of MkDocs and Sphinx, VitePress, Quarto, GitHub, Starlight, and Docusaurus, whose names end in a checksum."""
_ENDS = ".?!:"


def open_panels(soup: BeautifulSoup) -> None:
    """Tabs as W3C has them (ARIA Authoring Practices, "Tabs"), those that work by radio buttons, titles of boxes."""
    _open_tabs(soup)
    for labels in _radio_groups(soup):
        for label, panel in _labelled_by_radio(labels):
            _put_name_above(panel, label)
    for title in soup.find_all(("p", "div", "span"), class_=_BOX_TITLE):
        if name := _words(title):
            del title["aria-hidden"]
            title.name = "p"
            title.clear()
            title.extend(_name(name[:1].upper() + name[1:] if name.islower() else name))


def _open_tabs(soup: BeautifulSoup) -> None:
    """Panels find their tab by its id, or by their order where neither names the other."""
    by_id: dict[str, Tag] = {}
    waiting: list[list[Tag]] = []
    for part in soup.find_all(role=("tablist", "tab", "tabpanel")):
        match part["role"]:
            case "tablist":
                waiting.append([])
            case "tab" if waiting:
                waiting[-1].append(part)
                by_id.update(dict.fromkeys(_names(part), part))
            case "tabpanel":
                _open_panel(part, by_id, waiting)
            case _:
                pass


def _names(tab: Tag) -> Iterator[str]:
    """What a panel may call it by: its own id, and the panel's as the tab has it."""
    for attribute in ("id", "aria-controls", "href", "data-bs-target"):
        if name := str(tab.get(attribute) or "").removeprefix("#"):
            yield name


def _open_panel(panel: Tag, by_id: dict[str, Tag], waiting: list[list[Tag]]) -> None:
    named = (by_id.get(str(panel.get(attribute) or "")) for attribute in ("aria-labelledby", "id"))
    tab = next(filter(None, named), None)
    while tab is None and waiting and not waiting[-1]:
        waiting.pop()
    if tab is None and waiting:
        tab = waiting[-1][0]
    for tabs in waiting[-1:]:
        tabs[:] = [other for other in tabs if other is not tab]
    if tab is None:
        return
    for mark in _HIDING:
        del panel[mark]
    if tab.find(_HEADINGS) is None:
        _put_name_above(panel, tab)


def _radio_groups(soup: BeautifulSoup) -> Iterable[list[Tag]]:
    """The labels of each group of radio buttons that is no part of a form."""
    labels = {str(label["for"]): label for label in soup.find_all("label", attrs={"for": True})}
    groups: dict[str, list[Tag]] = {}
    for button in soup.find_all("input", type="radio"):
        label = labels.get(str(button.get("id")))
        if label is not None and button.find_parent("form") is None:
            groups.setdefault(str(button.get("name")), []).append(label)
    return groups.values()


def _labelled_by_radio(labels: list[Tag]) -> Iterable[tuple[Tag, Tag]]:
    """Each label with the block behind it, or where labels stand together, with its block of those behind them all."""
    behind = [panel for label in labels if (panel := label.find_next_sibling()) and panel.name in {"div", "section"}]
    if len(behind) == len(labels):
        return zip(labels, behind, strict=True)
    around = labels[0].parent
    beside = around.find_next_sibling() if around and all(label.parent is around for label in labels) else None
    panels = beside.find_all(True, recursive=False) if beside else []
    return zip(labels, panels, strict=True) if len(panels) == len(labels) else ()


def _put_name_above(panel: Tag, tab: Tag) -> None:
    """The tab goes, with the entry of a list that it leaves empty."""
    if name := _words(tab):
        above = Tag(name="p")
        above.extend(_name(name))
        panel.insert(0, above)
    left = tab.parent
    tab.extract()
    while left is not None and left.name in {"li", "ul", "div"} and next(left.stripped_strings, None) is None:
        emptied, left = left, left.parent
        emptied.extract()


def _words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def _name(words: str) -> list[Tag | str]:
    """In bold, with a colon where nothing else ends it: what it stands above goes with it."""
    bold = Tag(name="strong")
    bold.string = words
    return [bold] if words[-1] in _ENDS else [bold, ":"]
