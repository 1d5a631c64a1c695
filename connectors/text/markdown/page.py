"""Markdown, without what its readers don't see: front matter, comments, pictures' addresses, raw HTML."""

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from connectors.text.decoding import decode
from connectors.text.html.page import text_of
from connectors.text.markdown.dialects import plain_lines
from connectors.text.markdown.inline_html import without_elements
from connectors.text.pictures import told_by
from connectors.text.text import RawFile, Text

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?\n|)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_UNSEEN = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`))"
    r"|<!--.*?-->|\{/\*.*?\*/\}"
    r"|!\[(?P<alt>[^\[\]]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])"
    r"|!\[\[[^\[\]\n]*\]\]"
    r"|\[\[(?:[^\[\]\n|]*\|)?(?P<page>[^\[\]\n|]+)\]\]",  # links of a wiki
    re.DOTALL,
)
_TABLE_RULE = re.compile(r"[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?(?:\n|$)")
_MARKUP = re.compile(r"(?<![\\\w])[*_~`]+|[*_~`]+(?!\w)|\\(?=[!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")


def read(raw: RawFile) -> Text:
    text = decode(raw.content, declared=raw.charset).replace("\r\n", "\n").replace("\r", "\n")
    stated_title, body = _without_front_matter(text)
    lines = list(plain_lines(body.split("\n")))
    tokens = MarkdownIt("commonmark").disable("inline").parse("\n".join(lines))
    markdown = "\n".join(_lines(lines, tokens))
    return Text.whole(markdown, title=stated_title or _first_heading(tokens))


def _without_front_matter(text: str) -> tuple[str | None, str]:
    """The title that the front matter states, and the text behind it."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return None, text
    fields = _fields(found.group(2), is_toml=found.group(1) == "+++")
    if fields is None:
        return None, text
    title = fields.get("title")
    return title if isinstance(title, str) else None, text[found.end() :]


def _fields(front_matter: str, *, is_toml: bool) -> dict[str, Any] | None:
    """None when this is no front matter but, say, a rule at the top of the page."""
    try:
        fields: Any = tomllib.loads(front_matter) if is_toml else yaml.safe_load(front_matter)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError):
        return None
    return cast("dict[str, Any]", fields) if isinstance(fields, dict) else None


def _first_heading(tokens: list[Token]) -> str | None:
    """The first heading of the highest level that the page uses, as plain words."""
    headings = [(token.tag, inline.content) for token, inline in pairwise(tokens) if token.type == "heading_open"]
    if not headings:
        return None
    highest = min(tag for tag, _ in headings)
    source = next(content for tag, content in headings if tag == highest)
    return _MARKUP.sub("", _LINK.sub(r"\1", _UNSEEN.sub(_seen, source)))


def _lines(lines: list[str], tokens: list[Token]) -> Iterator[str]:
    """The lines, with blocks of raw HTML converted and running text freed of what isn't shown; code untouched."""
    done = 0
    for before, token in pairwise([None, *tokens]):
        if token is None or token.map is None or token.map[0] < done:
            continue
        start, end = token.map
        is_html = token.type == "html_block" and not token.content.lstrip().startswith("<!--")
        if is_html and token.level == 0:
            yield from lines[done:start]
            html = "\n".join(["<main>", *lines[start:end], "</main>"])  # an aside is a box here, as Notion writes it
            yield from _apart(lines[:start][-1:], text_of(html).markdown, lines[end : end + 1])
            done = end
        elif token.type in {"inline", "html_block"}:
            yield from lines[done:start]
            source = _UNSEEN.sub(_seen, "\n".join(lines[start:end]))
            is_heading = before is not None and before.type == "heading_open"
            is_one_line = is_heading or _TABLE_RULE.match(source) is not None
            yield without_elements(source, breaks=" " if is_one_line else "  \n")
            done = end
    yield from lines[done:]


def _apart(before: list[str], markdown: str, after: list[str]) -> Iterator[str]:
    """The Markdown with a blank line to each side where there is none yet."""
    if any(before):
        yield ""
    if markdown:
        yield markdown
    if any(after):
        yield ""


def _seen(found: re.Match[str]) -> str:
    """Code as it is, a picture's alternative text, the name of a wiki's page, nothing of a comment."""
    is_label = found.string[max(found.start() - 1, 0) : found.start()] == "["
    alt = found.group("alt") or ""
    return found.group("code") or (alt if is_label else told_by(alt)) or found.group("page") or ""
