"""Presentations: a slide is a page, its title a heading, its text a list as the slide shows it."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# python-pptx leaves most of its types open.

import re
from collections.abc import Iterable, Iterator

from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.shapes.picture import Picture
from pptx.slide import Slide
from pptx.text.text import _Paragraph  # pyright: ignore[reportPrivateUsage]

from connectors.text.archives import open_office_file
from connectors.text.cleaning import clean_line
from connectors.text.escaping import escape, escape_line
from connectors.text.html_writer import link
from connectors.text.refusals import TooMuch
from connectors.text.tables import table
from connectors.text.text import MAX_TITLE_CHARS, RawFile, Text

_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")

_WEB = re.compile(r"https?://|mailto:", re.IGNORECASE)


def read(raw: RawFile) -> Text:
    deck = Presentation(open_office_file(raw.content, main_part="ppt/presentation.xml", limits=raw.limits))
    slides = list(deck.slides)
    if len(slides) > raw.limits.pages:
        raise TooMuch(f"the presentation has {len(slides):,} slides, more than {raw.limits.pages:,}")
    titles = (_title(slide) for slide in slides if not _is_left_out(slide))
    return Text.paged(map(_slide, slides), title=next(filter(None, titles), None))


def _slide(slide: Slide) -> str:
    """A page; one that is left out when the presentation is shown keeps its number alone."""
    if _is_left_out(slide):
        return ""
    title = _title(slide)
    blocks = [f"## {escape(title)}"] if title else []
    blocks += [block for shape in _shapes(slide.shapes) if not _is_title(slide, shape) for block in _blocks(shape)]
    return "\n\n".join([*blocks, *_notes(slide)])


def _is_left_out(slide: Slide) -> bool:
    return slide.element.get("show") in {"0", "false"}


def _title(slide: Slide) -> str:
    shape = slide.shapes.title
    return clean_line(shape.text_frame.text, max_chars=MAX_TITLE_CHARS) if shape is not None else ""


def _is_title(slide: Slide, shape: BaseShape) -> bool:
    title = slide.shapes.title
    return title is not None and shape.shape_id == title.shape_id


def _shapes(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    """The shapes that are shown in reading order, those of groups in the place of their group."""
    for shape in shapes:
        if _is_hidden(shape):
            continue
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _is_hidden(shape: BaseShape) -> bool:
    named = shape.element.find(f".//{qn('p:cNvPr')}")
    return named is not None and named.get("hidden") in {"1", "true"}


def _blocks(shape: BaseShape) -> Iterator[str]:
    if isinstance(shape, GraphicFrame) and shape.has_table:
        head, *rows = [[escape(cell.text_frame.text) for cell in row.cells] for row in shape.table.rows] or [[]]
        yield table(head, rows)
    elif isinstance(shape, Shape):
        yield from _text(shape)
    elif isinstance(shape, Picture):
        yield escape_line(_alternative_text(shape))


def _text(shape: Shape) -> Iterator[str]:
    """The paragraphs of a placeholder as a list, which is how slides show them; of a text box as they are."""
    paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
    if shape.is_placeholder and len(paragraphs) > 1:
        yield "\n".join(f"{'    ' * level}{_entry(paragraph)}" for level, paragraph in _without_leaps(paragraphs))
    else:
        yield from (_linked(" ".join(paragraph.text.split()), paragraph) for paragraph in paragraphs)


def _entry(paragraph: _Paragraph) -> str:
    """A list entry; people type numbers in front of their steps."""
    text = " ".join(paragraph.text.split())
    number = _NUMBER.match(text)
    if number is None:
        return f"- {_linked(text, paragraph)}"
    return f"{number.group(1)}. {_linked(text[number.end() :], paragraph)}"


def _linked(text: str, paragraph: _Paragraph) -> str:
    """A paragraph's text as Markdown, with the addresses that its words lead to."""
    before, rest = "", escape_line(text)
    for run in paragraph.runs:
        label, address = escape(" ".join(run.text.split())), run.hyperlink.address or ""
        start = rest.find(label) if label and _WEB.match(address) else -1
        if start >= 0:
            before += rest[:start] + link(label, address)
            rest = rest[start + len(label) :]
    return before + rest


def _without_leaps(paragraphs: list[_Paragraph]) -> Iterator[tuple[int, _Paragraph]]:
    """Levels that go down one at a time, as Markdown needs them."""
    deepest = -1
    for paragraph in paragraphs:
        deepest = min(paragraph.level, deepest + 1)
        yield deepest, paragraph


def _alternative_text(picture: Picture) -> str:
    """What the picture shows; a file name, which programs put there, says nothing."""
    text = clean_line(picture.element.find(f".//{qn('p:cNvPr')}").get("descr", ""), max_chars=MAX_TITLE_CHARS)
    return "" if text.casefold().endswith((".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".svg")) else text


def _notes(slide: Slide) -> Iterator[str]:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    lines = [" ".join(line.split()) for line in frame.text.splitlines()] if frame else []
    lines = [escape_line(line) for line in lines if line]
    if lines:
        yield "\n\n".join([f"Notes: {lines[0]}", *lines[1:]])
