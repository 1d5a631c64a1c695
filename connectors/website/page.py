"""What an HTML page says about itself, and what of it is worth reading."""
# pyright: reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

import re
from collections.abc import Iterator
from dataclasses import dataclass

import lxml.html
from lxml import etree

from connectors.text.decoding import declared_in_html, decode
from connectors.website.addresses import one_spelling

MAX_BYTES = 10 * 2**20
"""Of HTML, which is looked through in this process."""
MAX_LINKS = 5_000
"""Of one page."""
_MAX_TRAIL = 10
_CONSENT = re.compile(
    r"onetrust-.*|cybotcookiebot.*|cookiebot.*|cookie-?law-info.*|cookieconsent.*|cc-(window|banner|revoke)|cmplz-.*"
    r"|usercentrics.*|didomi-.*|truste-consent.*|cky-consent.*|iubenda-cs.*|qc-cmp2.*|sp_message_container.*|borlabs.*"
    r"|moove_gdpr.*|tarteaucitron.*|klaro|osano-cm.*|(?!has-|with-|no-)(.+[-_])?(cookies?|gdpr|consent)[-_]?(banner|bar|consent|notice"
    r"|notification|popup|pop-up|modal|overlay|message|dialog|wall|layer|manager)([-_].+)?",
    re.IGNORECASE,
)
_HOLDS_THE_PAGE = frozenset({"html", "body", "main", "article"})


class NoPage(ValueError):
    """No HTML was found, or far too much."""


@dataclass(frozen=True, kw_only=True)
class Page:
    links: tuple[str, ...]
    """Addresses in one spelling, each once, in the page's order; none where the page asks not to follow them."""
    canonical: str | None
    is_indexed: bool
    has_password_field: bool
    trail: tuple[str, ...]
    html: bytes
    """The page without consent banners, in UTF-8."""


def read_page(content: bytes, *, charset: str | None, address: str, robots_header: str = "") -> Page:
    """Raises NoPage, and `connectors.text.refusals.Refusal` for binary data."""
    if len(content) > MAX_BYTES:
        raise NoPage(f"the page has more than {MAX_BYTES:,} bytes")
    text = decode(content, declared=charset or declared_in_html(content))
    try:
        root = lxml.html.document_fromstring(text.encode(errors="replace"), lxml.html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError) as error:
        raise NoPage("it holds no HTML") from error
    base = one_spelling(_first(root, "//base/@href") or "", seen_on=address) or address
    asks = _robots_words(root, robots_header)
    canonical = _first(root, "//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href")
    return Page(
        links=() if asks & {"nofollow", "none"} else tuple(_links(root, base)),
        canonical=one_spelling(canonical, seen_on=base) if canonical else None,
        is_indexed=not asks & {"noindex", "none"},
        has_password_field=bool(root.xpath("//input[translate(@type, 'PASWORD', 'pasword') = 'password']")),
        trail=tuple(_trail(root)),
        html=_without_banners(root),
    )


def _first(root: lxml.html.HtmlElement, path: str) -> str | None:
    return next((str(found).strip() for found in root.xpath(path)), None)


def _robots_words(root: lxml.html.HtmlElement, header: str) -> frozenset[str]:
    """What the page asks of all robots, in `<meta name=robots>` or in `X-Robots-Tag`."""
    tags = [meta.get("content", "") for meta in root.iter("meta") if meta.get("name", "").casefold() == "robots"]
    return frozenset(re.split(r"[\s,]+", " ".join([*tags, header]).casefold()))


def _links(root: lxml.html.HtmlElement, base: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in root.iter("a", "area"):
        href = element.get("href")
        if not href or "nofollow" in element.get("rel", "").casefold().split():
            continue
        link = one_spelling(href, seen_on=base)
        if link and link not in seen:
            seen.add(link)
            yield link
            if len(seen) == MAX_LINKS:
                return


def _trail(root: lxml.html.HtmlElement) -> list[str]:
    """The titles of a breadcrumb navigation's links, but not of those to the page's source."""
    for element in root.iter("nav", "ol", "ul", "div"):
        marks = f"{element.get('aria-label', '')} {element.get('class', '')} {element.get('id', '')}".casefold()
        if re.search(r"\bbread-?crumbs?\b", marks):
            links = [link for link in element.iter("a") if "nofollow" not in link.get("rel", "")]  # of Read the Docs
            titles = [" ".join(link.text_content().split()) for link in links]
            return [title for title in titles if title][:_MAX_TRAIL]
    return []


def _without_banners(root: lxml.html.HtmlElement) -> bytes:
    for element in [one for one in root.iter(etree.Element) if _is_banner(one)]:
        if element.getparent() is not None:
            element.drop_tree()
    return etree.tostring(root, method="html", encoding="utf-8")


def _is_banner(element: lxml.html.HtmlElement) -> bool:
    if element.tag in _HOLDS_THE_PAGE:
        return False
    names = f"{element.get('id', '')} {element.get('class', '')}".split()
    return any(map(_CONSENT.fullmatch, names)) and element.find(".//main") is None and element.find(".//h1") is None
