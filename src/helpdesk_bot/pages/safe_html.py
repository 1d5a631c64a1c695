"""Markdown as HTML that can't do anything: no raw HTML, no link, no image, no style, no script.

What is left is a closed list of elements. The only interactive one is the citation button, whose number and title
come from our own rows.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

CITATION = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
LOWEST_HEADING = 6
CODE = re.compile(r"(?=.{1,16}$)[\w.]+(?:[-/][\w.]+)+")
UNBREAKABLE_SPACE = "\u202f"
"""Before a citation, so that it never starts a line."""


def render_answer(markdown: str, *, titles: Mapping[int, str]) -> str:
    """An answer as HTML; `[n]` becomes a button for each n in `titles` (number -> title of the document)."""
    return _answer_parser().render(markdown, {"titles": titles})


def render_passage(markdown: str) -> str:
    """A passage as HTML; brackets with numbers in it are its own and stay text."""
    return _passage_parser().render(markdown)


class _Renderer(RendererHTML):
    def citation(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        number = tokens[idx].meta["number"]
        label = escapeHtml(f"Source {number}: {tokens[idx].meta['title']}")
        return f'<button type="button" class="citation" data-number="{number}" aria-label="{label}">{number}</button>'

    def table_open(self, *_: object) -> str:
        return '<div class="table" role="region" aria-label="Table" tabindex="0"><table>\n'

    def table_close(self, *_: object) -> str:
        return "</table></div>\n"


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}, renderer_cls=_Renderer)
    markdown.enable(["table", "strikethrough"])
    markdown.validateLink = _any_link  # a link with a bad address is recognised too, so that its address goes as well
    markdown.core.ruler.push("keep_harmless", _keep_harmless)
    return markdown


@cache
def _passage_parser() -> MarkdownIt:
    return _parser()


@cache
def _answer_parser() -> MarkdownIt:
    markdown = _parser().disable("reference")  # `[1]: ...` is a citation with a colon behind it
    markdown.inline.ruler.before("link", "citation", _read_citation)
    return markdown


def _any_link(url: str) -> bool:  # noqa: ARG001 - the signature is markdown-it's
    return True


def _read_citation(state: StateInline, silent: bool) -> bool:
    """An inline rule: `[1]` or `[1, 2]`, where every number is a citation of this answer."""
    match = CITATION.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    titles: Mapping[int, str] = state.env["titles"]
    numbers = [int(number) for number in match[1].split(",")]
    if not all(number in titles for number in numbers):
        return False
    if not silent:
        state.pending = re.sub(r" +$", UNBREAKABLE_SPACE, state.pending)
        for number in numbers:
            state.push("citation", "", 0).meta = {"number": number, "title": titles[number]}
    state.pos = match.end()
    return True


def _keep_harmless(state: StateCore) -> None:
    """A core rule: links and images become their text, headings step below the page's own, attributes go."""
    for place, token in enumerate(state.tokens):
        if token.type == "inline":
            token.children = [kept for child in token.children or [] if (kept := _as_text(child))]
        elif token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, LOWEST_HEADING)}"
        elif token.type in {"th_open", "td_open"}:
            token.attrs = _class_of_cell(token, state.tokens[place + 1].content)
        elif token.type == "fence":
            token.info = ""


def _class_of_cell(cell: Token, content: str) -> dict[str, str | int | float]:
    """A code is read as one: `N-0031` is not broken at its hyphen."""
    if "right" in str(cell.attrGet("style")):
        return {"class": "number"}
    return {"class": "code"} if CODE.fullmatch(content) else {}


def _as_text(token: Token) -> Token | None:
    if token.type in {"link_open", "link_close"}:
        return None
    if token.type == "image":
        return Token("text", "", 0, content=token.content)
    return token
