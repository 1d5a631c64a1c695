"""Confluence's storage format as plain HTML: what a reader of the page sees, in words.

It is XML with elements of Confluence's own (`ac:`, `ri:`) for macros, links, pictures, tasks and people. What is not
well-formed is read as well as it goes; nothing raises.
"""

import re
from collections.abc import Mapping
from html import escape
from html.entities import html5
from xml.parsers import expat

from bs4 import BeautifulSoup, Comment, Tag

from connectors.confluence.elements import attribute, child_named, close_as_html, contents, make, name_of, replace
from connectors.confluence.macros import boxed, convert_macro

_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31};)")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_NAME = re.compile(r"[\w:.-]+")
_INSTRUCTION = re.compile(r"<[?!][^>]*>?")
_CLOSED_AT_ONCE = re.compile(r"<((?:ac|ri):[\w-]+)(?![\w-])((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)/>")
_MENTION = re.compile(r"ri:(?:account-id|userkey)\s*=\s*[\"']([^\"'<>&]{1,200})[\"']")
_ROOT = '<page xmlns:ac="http://atlassian.com/content" xmlns:ri="http://atlassian.com/resource/identifier">'
_SOMEONE = "someone"
_NEVER_SHOWN = (
    *("ac:parameter", "ac:placeholder", "ac:task-id", "ac:task-uuid", "ac:task-status", "ac:adf-attribute"),
    *("script", "style"),
)
_TARGETS = {
    "ri:page": "ri:content-title",
    "ri:blog-post": "ri:content-title",
    "ri:attachment": "ri:filename",
    "ri:space": "ri:space-key",
    "ri:shortcut": "ri:parameter",
    "ri:url": "ri:value",
}
"""What a link can lead to, and the attribute that says it in words."""
_EMOTICONS = {
    "smile": "🙂",
    "sad": "🙁",
    "cheeky": "😛",
    "laugh": "😀",
    "wink": "😉",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "tick": "✅",
    "cross": "❌",
    "warning": "⚠️",
    "plus": "+",
    "minus": "-",
    "question": "❓",
    "light-on": "💡",
    "heart": "❤️",
}


def to_html(storage: str, *, names: Mapping[str, str] | None = None) -> str:
    """The page as HTML without elements of Confluence's own. `names` are people's, by account id or user key."""
    soup = _parse(storage)
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    _convert_links(soup, names or {})
    _convert_pictures(soup)
    _convert_tasks(soup)
    for macro in reversed(soup.find_all(("ac:structured-macro", "ac:macro"))):
        convert_macro(macro, soup)
    _convert_extensions(soup)
    for element in soup.find_all(_NEVER_SHOWN):
        element.extract()
    for element in soup.find_all(_is_of_confluence):
        element.unwrap()
    close_as_html(soup.find_all(True))
    page = soup.find("page") if soup.is_xml else soup.body
    return page.decode_contents() if isinstance(page, Tag) else ""


def mentioned_people(*storages: str) -> frozenset[str]:
    """Account ids or user keys of everyone whom the texts mention."""
    return frozenset(found for storage in storages for found in _MENTION.findall(storage))


def _parse(storage: str) -> BeautifulSoup:
    clean = _NOT_XML.sub("", storage)
    xml = f"{_ROOT}{_with_known_entities(clean)}</page>"
    if _is_well_formed(xml):
        return BeautifulSoup(xml, "xml")
    html = _CLOSED_AT_ONCE.sub(r"<\1\2></\1>", _CDATA.sub(lambda found: escape(found[1]), clean))
    return _without_odd_names(BeautifulSoup(f"<page>{_INSTRUCTION.sub('', html)}</page>", "lxml"))


def _without_odd_names(soup: BeautifulSoup) -> BeautifulSoup:
    """Without what lxml makes of a tag that ends in the next one: to it `<a <ac:link>` has an attribute `<ac:link`."""
    for element in soup.find_all(True):
        for name in [name for name in element.attrs if not _NAME.fullmatch(name)]:
            del element[name]
        if not _NAME.fullmatch(element.name):
            element.unwrap()
    return soup


def _with_known_entities(storage: str) -> str:
    """HTML's named characters as what they are, outside of CDATA: XML knows only five of them."""
    parts: list[str] = []
    end = 0
    for quoted in _CDATA.finditer(storage):
        parts += [_ENTITY.sub(_character, storage[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, _ENTITY.sub(_character, storage[end:])])


def _character(entity: re.Match[str]) -> str:
    return escape(html5.get(entity[1], f"&{entity[1]}"))


def _is_well_formed(xml: str) -> bool:
    try:
        expat.ParserCreate().Parse(xml.encode(), True)
    except expat.ExpatError:
        return False
    return True


def _is_of_confluence(element: Tag) -> bool:
    return name_of(element).startswith(("ac:", "ri:"))


def _convert_links(soup: BeautifulSoup, names: Mapping[str, str]) -> None:
    for link in reversed(soup.find_all("ac:link")):
        body = child_named(link, "ac:link-body", "ac:plain-text-link-body")
        if body is not None and body.get_text(strip=True):
            replace(link, *contents(body))
        else:
            replace(link, _link_target(link, names))
    for mention in soup.find_all("ri:user"):
        replace(mention, _person(mention, names))


def _link_target(link: Tag, names: Mapping[str, str]) -> str:
    """What a link without words of its own is called by: its target's title, else the place on the same page."""
    for target in link.find_all(True):
        if name_of(target) == "ri:user":
            return _person(target, names)
        if name_of(target) in _TARGETS:
            return attribute(target, _TARGETS[name_of(target)])
    return attribute(link, "ac:anchor")


def _person(mention: Tag, names: Mapping[str, str]) -> str:
    ids = (attribute(mention, "ri:account-id"), attribute(mention, "ri:userkey"))
    return next((names[each] for each in ids if names.get(each)), _SOMEONE)


def _convert_pictures(soup: BeautifulSoup) -> None:
    """Pictures by their alternative text and caption; emoticons and dates as characters."""
    for image in reversed(soup.find_all("ac:image")):
        alt = attribute(image, "ac:alt") or attribute(image, "ac:title")
        caption = child_named(image, "ac:caption")
        replace(image, make(soup, "img", attributes={"alt": alt}), *contents(caption))
    for emoticon in soup.find_all("ac:emoticon"):
        drawn = _EMOTICONS.get(attribute(emoticon, "ac:name"), "")
        replace(emoticon, attribute(emoticon, "ac:emoji-fallback") or drawn)
    for date in soup.find_all("time"):
        replace(date, date.get_text(strip=True) or attribute(date, "datetime"))


def _convert_tasks(soup: BeautifulSoup) -> None:
    for task in reversed(soup.find_all("ac:task")):
        status = child_named(task, "ac:task-status")
        is_done = status is not None and status.get_text(strip=True) == "complete"
        box = make(soup, "input", attributes={"type": "checkbox", **({"checked": "checked"} if is_done else {})})
        replace(task, make(soup, "li", box, *contents(child_named(task, "ac:task-body"))))
    for tasks in soup.find_all("ac:task-list"):
        replace(tasks, make(soup, "ul", *contents(tasks)))


def _convert_extensions(soup: BeautifulSoup) -> None:
    """What Cloud's editor has no storage format for: its own tree, and mostly a second time as ordinary elements."""
    for extension in reversed(soup.find_all("ac:adf-extension")):
        fallback, node = child_named(extension, "ac:adf-fallback"), child_named(extension, "ac:adf-node")
        content = node.find("ac:adf-content") if node is not None else None
        if node is not None and attribute(node, "type") == "panel" and isinstance(content, Tag):
            replace(extension, boxed(soup, _panel_kind(node), "", contents(content)))
        else:
            replace(extension, *contents(fallback or node))


def _panel_kind(node: Tag) -> str:
    for each in node.find_all("ac:adf-attribute"):
        if attribute(each, "key") == "panel-type":
            kind = each.get_text(strip=True)
            return kind.capitalize() if kind in {"info", "note", "warning", "tip", "success", "error"} else ""
    return ""
