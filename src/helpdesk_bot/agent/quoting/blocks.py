"""The text of a passage as blocks that are quoted whole: sentences, lists, tables, code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from markdown_it import MarkdownIt

from helpdesk_bot.guard import specifics
from helpdesk_bot.guard.words import sentences


class Kind(StrEnum):
    SENTENCE = "sentence"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, kw_only=True)
class Block:
    """Something that can be quoted by itself, as it stands in the passage's Markdown."""

    kind: Kind
    text: str
    """A sentence on one line; the rest with its lines, and above it the sentence that leads up to it, if any."""
    under: str
    """The nearest heading above it inside the passage; empty where there is none."""
    is_first: bool
    """Whether it opens the passage or a section."""
    paragraph: int
    """Equal for sentences of one paragraph, and for the list, table or code that its last one leads up to."""

    @property
    def is_label(self) -> bool:
        """Whether it only says whose the page is and of when: `Owner: Service Desk · Reviewed: 2026-10-01`."""
        return self.kind is Kind.SENTENCE and _LABEL.fullmatch(self.text) is not None

    @property
    def is_about_the_page(self) -> bool:
        """Whether it only says what the page holds: `This page outlines how to sign up for the transit benefit.`"""
        is_said = self.kind in {Kind.SENTENCE, Kind.LIST} and _ABOUT_THE_PAGE.match(self.text)
        return bool(is_said) and not specifics.numbers(self.text) and not specifics.addresses(self.text)

    @property
    def is_caption(self) -> bool:
        """Whether it is no sentence and tells no number, name or address: `Meeting rooms: seats, who may book`."""
        told = (specifics.numbers, specifics.names, specifics.addresses)
        is_line = self.kind is Kind.SENTENCE and not _ENDED.search(self.text)
        return is_line and not any(find(self.text) for find in told)

    @property
    def entries(self) -> list[str]:
        """Those of a list, each with the sentence that leads up to them; the whole text where it is no list."""
        lead, *entries = _ENTRY.split(self.text) if self.kind is Kind.LIST else [self.text]
        return [f"{lead}{entry}" for entry in entries] or [self.text]


_ENTRY = re.compile(r"^(?=(?:[-*+]|\d{1,3}[.)])[ \t])", re.MULTILINE)
_ENDED = re.compile(r"[.!?:;\u2026][\"'\u201d\u2019)*_`]*$")
_LABEL = re.compile(r"[^\W\d_][\w -]{0,30}: [^:.!?]+(?: [·|•] ?[^\W\d_][\w -]{0,30}: [^:.!?]+)+")

_ABOUT_THE_PAGE = re.compile(
    r"\W*(?:(?:in )?this (?:page|guide|document|documentation|article|section|handbook|chapter|runbook|post|faq)\b,? "
    r"(?:(?:will|also|only|briefly|we|you|you'll|we'll|you will|we will) ){0,2}"
    r"(?:outlines?|describes?|explains?|covers?|provides?|contains?|lists?|shows?|gives?|details|documents|discusses|"
    r"summari[sz]es|introduces|is (?:about|intended|meant|for)|find|learn|explore|walk)\b|"
    r"(?:on this page|(?:table of )?contents|jump to):|(?:please )?click (?:on )?(?:the|a|one of the) links? below\b|"
    r"(?:below (?:is|are|you(?:'ll| will| can)? find)|here(?:'s| is| are)) "
    r"(?:all|everything|an overview|the details)\b)",
    re.IGNORECASE,
)

FEWEST_LINES = 3
_NUMBERED_LINE = re.compile(r"\s*\+?\d[\d ./:()-]*\s\S.*[^.!?]\s*")

_KINDS = {
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "table_open": Kind.TABLE,
    "fence": Kind.CODE,
    "code_block": Kind.CODE,
}


def blocks(markdown: str) -> list[Block]:
    """The blocks of a passage in order; headings only say what stands under them.

    A sentence that ends with a colon goes with the list, table or code after it.
    """
    found: list[Block] = []
    heading, is_first = "", True
    for paragraph, (kind, text) in enumerate(_top_level(markdown)):
        if kind == "heading":
            heading, is_first = text, True
            continue
        for block in _quotable(kind, text, heading, paragraph, is_first=is_first):
            is_first = False
            led_up = bool(found) and block.kind is not Kind.SENTENCE and _leads_up(found[-1], heading)
            found.append(_together(found.pop(), block) if led_up else block)
    return found


def _leads_up(sentence: Block, heading: str) -> bool:
    return sentence.kind is Kind.SENTENCE and sentence.text.endswith(":") and sentence.under == heading


def _together(lead: Block, block: Block) -> Block:
    return replace(block, text=f"{lead.text}\n\n{block.text}", is_first=lead.is_first, paragraph=lead.paragraph)


def _quotable(kind: str, text: str, heading: str, paragraph: int, *, is_first: bool) -> Iterator[Block]:
    if kind in _KINDS:
        yield Block(kind=_KINDS[kind], text=text, under=heading, is_first=is_first, paragraph=paragraph)
        return
    if _is_in_lines(text):
        listed = "\n".join(f"- {line.strip()}" for line in text.split("\n"))
        yield Block(kind=Kind.LIST, text=listed, under=heading, is_first=is_first, paragraph=paragraph)
        return
    for number, sentence in enumerate(sentences(text)):
        yield Block(
            kind=Kind.SENTENCE, text=sentence, under=heading, is_first=is_first and not number, paragraph=paragraph
        )


def _is_in_lines(text: str) -> bool:
    """Whether a paragraph is a list without marks, as in a plain text: lines that all begin with a number and are no
    sentences.
    """
    lines = text.split("\n")
    return len(lines) >= FEWEST_LINES and all(_NUMBERED_LINE.fullmatch(line) for line in lines)


def _top_level(markdown: str) -> Iterator[tuple[str, str]]:
    """Each block at the outermost level as its kind and its source; quotations are opened up."""
    lines = markdown.split("\n")
    for token in _parser().parse(markdown):
        if token.map is None or token.level != 0 or token.type in {"hr", "html_block"}:
            continue
        source = "\n".join(lines[token.map[0] : token.map[1]]).rstrip()
        if token.type == "heading_open":
            yield "heading", source.strip("#=- \n")
        elif token.type == "blockquote_open":
            yield from _top_level(
                "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in source.split("\n"))
            )
        else:
            yield token.type, source


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
