"""Macros: what stands on the page in their place, as far as the page itself says it."""

from collections.abc import Callable

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markdown_it import MarkdownIt

from connectors.confluence.elements import attribute, child_named, contents, make, parameter, replace

_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip", "panel": ""}
_CODE = frozenset({"code", "noformat", "plantuml", "mermaid", "mermaid-macro", "sql", "latex"})
_NO_LANGUAGE = frozenset({"noformat", "code"})
_ONLY_FOR_NAVIGATION = frozenset(
    {
        *("toc", "anchor", "children", "pagetree", "pagetreesearch", "livesearch", "recently-updated", "blog-posts"),
        *(
            "contentbylabel",
            "content-by-label",
            "labels",
            "listlabels",
            "popular-labels",
            "related-labels",
            "attachments",
        ),
        *("contributors", "contributors-summary", "favpages", "gallery", "index", "search", "space-attachments"),
        *(
            "space-details",
            "spaces",
            "create-from-template",
            "create-space-button",
            "navmap",
            "change-history",
            "profile",
        ),
        *("profile-picture", "network", "userlister", "detailssummary", "tasks-report-macro", "excerpt-include-shared"),
    }
)
_FILES = frozenset({"view-file", "viewpdf", "viewdoc", "viewppt", "viewxls", "multimedia", "pdf", "drawio", "gliffy"})

Body = list[PageElement]


def convert_macro(macro: Tag, soup: BeautifulSoup) -> None:
    """Put in a macro's place what it stands for. One that isn't known is its rich text, or its plain text as code."""
    name = attribute(macro, "ac:name").casefold()
    replace(macro, *_find_converter(name)(macro, soup))


def _find_converter(name: str) -> Callable[[Tag, BeautifulSoup], Body]:
    if name in _PANELS:
        return _panel
    if name in _CODE:
        return _code
    if name in _ONLY_FOR_NAVIGATION:
        return _nothing
    return _file if name in _FILES else _BY_NAME.get(name, _unknown)


def _nothing(macro: Tag, soup: BeautifulSoup) -> Body:  # noqa: ARG001  a converter's signature
    return []


def _rich_text(macro: Tag) -> Body:
    return contents(child_named(macro, "ac:rich-text-body"))


def _unknown(macro: Tag, soup: BeautifulSoup) -> Body:
    """Under its title, as the tabs of many apps have one."""
    rich_text = _rich_text(macro)
    return (
        [*_titled(macro, soup), *rich_text]
        if rich_text
        else (_code(macro, soup) if child_named(macro, "ac:plain-text-body") else [])
    )


def _panel(macro: Tag, soup: BeautifulSoup) -> Body:
    kind, title = _PANELS[attribute(macro, "ac:name").casefold()], parameter(macro, "title")
    return [boxed(soup, kind, title, _rich_text(macro))]


def boxed(soup: BeautifulSoup, kind: str, title: str, body: Body) -> Tag:
    """A panel: a quote that begins with what kind it is, and its title, in bold."""
    heading = ": ".join(filter(None, (kind, title)))
    above = [make(soup, "p", make(soup, "strong", heading))] if heading else []
    return make(soup, "blockquote", *above, make(soup, "div", *body))


def _code(macro: Tag, soup: BeautifulSoup) -> Body:
    body = child_named(macro, "ac:plain-text-body")
    if body is None:
        return _rich_text(macro)
    name = attribute(macro, "ac:name").casefold()
    language = parameter(macro, "language") or ("" if name in _NO_LANGUAGE or name not in _CODE else name)
    kind = {"class": f"language-{language.casefold()}"} if language else None
    block = make(soup, "pre", make(soup, "code", body.get_text(), attributes=kind))
    return [*_titled(macro, soup), block]


def _markdown(macro: Tag, soup: BeautifulSoup) -> Body:  # noqa: ARG001  a converter's signature
    return _page(MarkdownIt("commonmark").enable("table").render(_plain_text(macro))) or _rich_text(macro)


def _html(macro: Tag, soup: BeautifulSoup) -> Body:  # noqa: ARG001  a converter's signature
    return _page(_plain_text(macro)) or _rich_text(macro)


def _plain_text(macro: Tag) -> str:
    body = child_named(macro, "ac:plain-text-body")
    return body.get_text() if body is not None else ""


def _page(html: str) -> Body:
    return contents(BeautifulSoup(f"<div>{html}</div>", "lxml").body) if html.strip() else []


def _titled(macro: Tag, soup: BeautifulSoup) -> Body:
    title = parameter(macro, "title")
    return [make(soup, "p", make(soup, "strong", title))] if title else []


def _expand(macro: Tag, soup: BeautifulSoup) -> Body:
    return [make(soup, "div", *_titled(macro, soup), *_rich_text(macro))]


def _details(macro: Tag, soup: BeautifulSoup) -> Body:
    """Page properties; those that are hidden on the page are no part of what people read there."""
    if parameter(macro, "hidden").casefold() == "true":
        return []
    return [make(soup, "div", *_rich_text(macro))]


def _status(macro: Tag, soup: BeautifulSoup) -> Body:
    return [soup.new_string(parameter(macro, "title"))]


def _include(macro: Tag, soup: BeautifulSoup) -> Body:
    """What is included has readers of its own, so it is named and stays where it is."""
    page = macro.find(("ri:page", "ri:blog-post"))
    title = attribute(page, "ri:content-title") if isinstance(page, Tag) else ""
    title = title or parameter(macro, "") or parameter(macro, "pageTitle") or parameter(macro, "page")
    return [make(soup, "p", f"(includes the page {title})" if title else "(includes another page)")]


def _jira(macro: Tag, soup: BeautifulSoup) -> Body:
    key, query = parameter(macro, "key"), parameter(macro, "jqlQuery") or parameter(macro, "jql")
    if key:
        return [soup.new_string(f"(the Jira issue {key})")]
    return [soup.new_string(f"(Jira issues: {query})" if query else "(Jira issues)")]


def _file(macro: Tag, soup: BeautifulSoup) -> Body:
    attachment = macro.find("ri:attachment")
    name = attribute(attachment, "ri:filename") if isinstance(attachment, Tag) else ""
    name = name or parameter(macro, "name") or parameter(macro, "diagramName")
    return [soup.new_string(f"(the file {name})")] if name else []


def _frame(macro: Tag, soup: BeautifulSoup) -> Body:
    """A page of another site, by its address."""
    url = macro.find("ri:url")
    address = attribute(url, "ri:value") if isinstance(url, Tag) else parameter(macro, "url") or parameter(macro, "src")
    return [make(soup, "a", address, attributes={"href": address})] if address else []


_BY_NAME: dict[str, Callable[[Tag, BeautifulSoup], Body]] = {
    "expand": _expand,
    "ui-expand": _expand,
    "details": _details,
    "status": _status,
    "include": _include,
    "excerpt-include": _include,
    "jira": _jira,
    "jiraissues": _jira,
    "markdown": _markdown,
    "html": _html,
    "iframe": _frame,
    "widget": _frame,
}
