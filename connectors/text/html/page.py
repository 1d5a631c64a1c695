"""HTML: the main content of a page as Markdown, without what a reader doesn't see."""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from connectors.text.decoding import declared_in_html, decode
from connectors.text.html.panels import open_panels
from connectors.text.html.structure import show_structure
from connectors.text.html.writer import BLOCKS, HtmlWriter
from connectors.text.refusals import Refusal
from connectors.text.text import RawFile, Text

_NEVER_TEXT = frozenset(
    {
        *("head", "script", "style", "noscript", "template", "nav", "footer"),
        *("button", "select", "textarea", "datalist", "iframe", "object", "embed", "svg", "canvas"),
        *("audio", "video", "map", "rp"),
    }
)
_NEVER_TEXT_ROLES = frozenset({"navigation", "contentinfo", "search", "menu"})
_NEVER_TEXT_CLASSES = frozenset(
    [
        *("sr-only", "visually-hidden", "screen-reader-text", "headerlink"),
        *("linenos", "lineno", "line-numbers-rows"),
        *("docnav", "navheader", "navfooter"),  # of books made of DocBook
        *("bd-header-article", "bd-sidebar-secondary", "onlyprint"),  # of themes of Sphinx, inside the main content
        "page-metadata",  # of spaces that Confluence exports
    ]
)
_NAVIGATION_NAME = re.compile(
    r"(?:doc|site|main|sub|top|bottom|page|side|local)?[-_]?(?:nav|navbar|navigation|menu|header)"
    r"|nav[-_]?(?:header|footer|panel|links|list)|toc(?:-macro)?|table-?of-?contents|bread-?crumbs?|pagination|pager",
    re.IGNORECASE,
)
_HOLDS_NAVIGATION = frozenset({"div", "ul", "ol", "dl", "p", "section", "table", "span"})
_PAGE_SIGNS = frozenset({*"§¶#🔗⚓", *"↩↑^", "↩\ufe0e"})
"""What the link beside a heading shows that leads to that heading itself, and that below a footnote leads back."""
_MOSTLY = 0.6
_OUTSIDE_ARTICLES = (
    ":is(header, aside, [role=banner], [role=complementary], #footer, .footer, .page-footer, .site-footer)"
    ":not(article *)"
)
_SECTION_BUTTONS = ":is(h1, h2, h3, h4, h5, h6) button:is([aria-expanded], [aria-controls])"
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|opacity:0(?:\.0+)?(?:;|!|$)|font-size:0(?:[a-z%.0]*)(?:;|!|$)"
    r"|(?:left|top|text-indent|right):-\d{3,}"
)
_INLINE = ("a", "b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "small", "font", "code", "kbd", "q", "cite")
_WHITESPACE = re.compile(r"\s+")


def read(raw: RawFile) -> Text:
    return text_of(decode(raw.content, declared=raw.charset or declared_in_html(raw.content)))


def text_of(html: str) -> Text:
    """A page, or a part of one, as a text whose title is its first h1, else its `<title>`."""
    soup = BeautifulSoup(html if "<" in html else f"<p>{html}", "lxml")  # it warns of bare text that names a file
    page_title = soup.title.get_text() if soup.title else None
    main = _main_content(soup)
    _unwrap_inline_around_blocks(main)
    _unwrap_layout_tables(main)
    show_structure(main)
    heading = main.find("h1")
    title = heading.get_text() if heading and heading.get_text(strip=True) else page_title
    try:
        return Text.whole(HtmlWriter().write(main), title=title)
    except RecursionError as error:
        raise Refusal("its elements are nested more deeply than can be read") from error


def _main_content(soup: BeautifulSoup) -> Tag:
    _open_sections(soup)
    open_panels(soup)
    _drop_unseen(soup)
    root = soup.body or soup
    marked: list[Tag] = list(root.select("main, [role=main]"))
    articles: list[Tag] = list(root.select("article"))
    if len(articles) == 1:
        marked += articles
    main = next((element for element in marked if element.get_text(strip=True)), None)
    if main is None:
        for element in root.select(_OUTSIDE_ARTICLES):
            element.extract()
    return main or root


def _open_sections(soup: BeautifulSoup) -> None:
    """Headings that open what is below them by a button become plain ones, and what they open is shown.

    The pattern is W3C's (ARIA Authoring Practices, "Accordion"): questions and answers are often written so.
    """
    buttons = list(soup.select(_SECTION_BUTTONS))
    opened = {name for button in buttons for name in button.get_attribute_list("aria-controls") if name}
    for section in soup.find_all(id=list(opened)) if opened else []:
        for mark in ("hidden", "aria-hidden", "style"):
            del section[mark]
    for button in buttons:
        button.unwrap()


def _drop_unseen(soup: BeautifulSoup) -> None:
    """Take out comments, declarations and every element that is not content or is not shown."""
    for string in soup.find_all(string=lambda string: isinstance(string, PreformattedString)):
        string.extract()
    for element in soup.find_all(_is_unseen):
        element.extract()
    for element in soup.find_all(_is_navigation):
        element.extract()


def _is_unseen(element: Tag) -> bool:
    if element.name in _NEVER_TEXT or element.get("hidden", "until-found") != "until-found":
        return True
    if element.name == "input":
        return element.get("type") != "checkbox"
    if element.name == "dialog":
        return not element.has_attr("open")
    is_page_link = element.name == "a" and str(element.get("href", "")).startswith("#")
    return bool(
        element.get("aria-hidden") == "true"
        or (is_page_link and element.get_text(strip=True) in _PAGE_SIGNS)
        or element.get("role") in _NEVER_TEXT_ROLES
        or (element.name == "span" and "lang" in element.get_attribute_list("class") and _is_beside_code(element))
        or not _NEVER_TEXT_CLASSES.isdisjoint(element.get_attribute_list("class"))
        or (element.has_attr("style") and _HIDDEN_STYLE.search(_WHITESPACE.sub("", str(element["style"])).casefold()))
    )


def _is_beside_code(element: Tag) -> bool:
    """As the language stands on pages of VitePress, where it is the code's own, too."""
    beside = element.find_next_sibling()
    return beside is not None and beside.name == "pre"


def _is_navigation(element: Tag) -> bool:
    """Whether it is called navigation and holds little but links. Older sites have no element for it."""
    names = [*element.get_attribute_list("class"), str(element.get("id", ""))]
    if element.name not in _HOLDS_NAVIGATION or not any(map(_NAVIGATION_NAME.fullmatch, names)):
        return False
    linked = sum(len(_WHITESPACE.sub("", link.get_text())) for link in element.find_all("a"))
    is_mostly_links = linked > _MOSTLY * len(_WHITESPACE.sub("", element.get_text()))
    return is_mostly_links and element.find(("h1", "h2", "h3", "pre", "main", "article")) is None


def _unwrap_inline_around_blocks(root: Tag) -> None:
    """Emphasis and links can't span paragraphs in Markdown; what Google Docs exports is one bold element."""
    for element in root.find_all(_INLINE):
        if any(isinstance(inner, Tag) and inner.name in BLOCKS for inner in element.descendants):
            element.unwrap()


def _unwrap_layout_tables(root: Tag) -> None:
    """Tables that only arrange what they hold become a sequence of blocks."""
    for table in root.find_all("table"):
        if _is_layout(table):
            for part in table.find_all(("caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th")):
                if part.find_parent("table") is table:
                    part.name = "div"
            table.name = "div"


def _is_layout(table: Tag) -> bool:
    if table.get("role") in {"presentation", "none"} or table.find(("table", "h1", "h2", "h3", "h4")) is not None:
        return True
    if table.find("th") is None and table.find("pre") is not None:
        return True
    return all(len(row.find_all(("td", "th"))) <= 1 for row in table.find_all("tr"))
