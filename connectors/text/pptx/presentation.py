"""Presentations: a slide is a page, its title a heading, its text a list as the slide shows it."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
# python-pptx leaves most of its types open.

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import BaseOxmlElement
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.shapes.picture import Picture
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import _Paragraph

from connectors.text.archives import open_office_file
from connectors.text.cleaning import clean_line
from connectors.text.escaping import begin_line, escape, escape_line
from connectors.text.html.writer import link
from connectors.text.pictures import told_by
from connectors.text.pptx.chart import chart_rows, chart_title
from connectors.text.pptx.smart_art import DIAGRAM, entries
from connectors.text.refusals import TooMuch
from connectors.text.sheets import COVERED, sheet_blocks
from connectors.text.text import MAX_TITLE_CHARS, RawFile, Text
from connectors.text.typed_lists import as_blocks, find_entry

_RUNNING = {PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER}
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_HOLDS_SHAPES = {qn("p:spTree"), qn("p:grpSp")}
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
    _choose(slide)
    title = _title(slide)
    blocks = [f"## {escape(title)}"] if title else []
    blocks += [block for shape in _shapes(slide.shapes) if not _is_title(slide, shape) for block in _blocks(shape)]
    return "\n\n".join([*blocks, *_notes(slide)])


def _choose(slide: Slide) -> None:
    """Put what newer programs show in the place of alternatives, of which python-pptx sees none."""
    for alternatives in slide.element.findall(f".//{_MARKUP}AlternateContent"):
        choice = alternatives.find(f"{_MARKUP}Choice")
        for shape in list(choice) if choice is not None and alternatives.getparent().tag in _HOLDS_SHAPES else []:
            alternatives.addprevious(shape)


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
        if _is_hidden(shape) or _is_running(shape):
            continue
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _is_running(shape: BaseShape) -> bool:
    """Whether the master shows it on every slide: the date, the footer, the number."""
    return shape.is_placeholder and shape.placeholder_format.type in _RUNNING


def _is_hidden(shape: BaseShape) -> bool:
    named = shape.element.find(f".//{qn('p:cNvPr')}")
    return named is not None and named.get("hidden") in {"1", "true"}


def _blocks(shape: BaseShape) -> Iterator[str]:
    if isinstance(shape, GraphicFrame) and shape.has_table:
        yield from sheet_blocks(_rows(shape.table))
    elif isinstance(shape, GraphicFrame) and shape.has_chart:
        yield from _chart(shape.chart_part.chart.element)
    elif isinstance(shape, GraphicFrame):
        yield from _diagram(shape)
    elif isinstance(shape, Shape):
        yield from _text(shape)
    elif isinstance(shape, Picture):
        yield escape_line(_alternative_text(shape))


def _rows(table: Table) -> Iterator[list[str]]:
    """A cell over several rows is in each."""
    cells = [list(row.cells) for row in table.rows]
    texts = [[escape(cell.text_frame.text) for cell in row] for row in cells]
    for at, row in enumerate(cells):
        for column, cell in enumerate(row):
            if cell.is_merge_origin:
                for below in texts[at : at + cell.span_height]:
                    beside = [COVERED] * (cell.span_width - 1)
                    below[column : column + cell.span_width] = [texts[at][column], *beside]
    yield from texts


def _chart(chart: BaseOxmlElement) -> Iterator[str]:
    if title := chart_title(chart):
        yield escape_line(title)
    yield from sheet_blocks([escape(cell) for cell in row] for row in chart_rows(chart))


def _diagram(frame: GraphicFrame) -> Iterator[str]:
    """The words of SmartArt as a list."""
    named = frame.element.find(f".//{DIAGRAM}relIds")
    relation = None if named is None else frame.part.rels.get(named.get(qn("r:dm"), ""))
    if relation is not None and not relation.is_external:
        told = entries(relation.target_part.blob)
        yield "\n".join(f"{'    ' * level}- {escape_line(text)}" for level, text in told)


def _text(shape: Shape) -> Iterator[str]:
    """The paragraphs of a placeholder as a list, which is how slides show them; of a text box where it shows marks."""
    paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
    is_list = shape.is_placeholder and len(paragraphs) > 1
    for listed, group in groupby(paragraphs, key=lambda paragraph: is_list or _is_marked(paragraph)):
        if listed:
            yield "\n".join(_entries(group))
        else:
            yield from as_blocks(map(_linked, group))


def _is_marked(paragraph: _Paragraph) -> bool:
    return paragraph._p.find(f"{qn('a:pPr')}/{qn('a:buChar')}") is not None or _numbering(paragraph) is not None  # noqa: SLF001


def _numbering(paragraph: _Paragraph) -> BaseOxmlElement | None:
    return paragraph._p.find(f"{qn('a:pPr')}/{qn('a:buAutoNum')}")  # noqa: SLF001


def _entries(paragraphs: Iterable[_Paragraph]) -> Iterator[str]:
    """Entries of a list; its numbers are counted, or typed in front of the steps."""
    counts: dict[int, int] = {}
    for level, paragraph in _without_leaps(paragraphs):
        text, numbering = _linked(paragraph), _numbering(paragraph)
        counts = {at: count for at, count in counts.items() if at < level + (numbering is not None)}
        if numbering is not None:
            counts[level] = counts.get(level, int(numbering.get("startAt", "1")) - 1) + 1
            entry = f"{counts[level]}. {begin_line(text)}"
        else:
            entry = find_entry(text) or f"- {begin_line(text)}"
        yield f"{'    ' * level}{entry}"


def _linked(paragraph: _Paragraph) -> str:
    """A paragraph's text as Markdown inside a line, with the addresses that its words lead to."""
    before, rest = "", escape(" ".join(paragraph.text.split()))
    for run in paragraph.runs:
        label, address = escape(" ".join(run.text.split())), run.hyperlink.address or ""
        start = rest.find(label) if label and _WEB.match(address) else -1
        if start >= 0:
            before += rest[:start] + link(label, address)
            rest = rest[start + len(label) :]
    return before + rest


def _without_leaps(paragraphs: Iterable[_Paragraph]) -> Iterator[tuple[int, _Paragraph]]:
    """Levels that go down one at a time, as Markdown needs them."""
    deepest = -1
    for paragraph in paragraphs:
        deepest = min(paragraph.level, deepest + 1)
        yield deepest, paragraph


def _alternative_text(picture: Picture) -> str:
    text = picture.element.find(f".//{qn('p:cNvPr')}").get("descr", "")
    return clean_line(told_by(text), max_chars=MAX_TITLE_CHARS)


def _notes(slide: Slide) -> Iterator[str]:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    lines = [" ".join(line.split()) for line in frame.text.splitlines()] if frame else []
    lines = [escape_line(line) for line in lines if line]
    if lines:
        yield "\n\n".join([f"Notes: {lines[0]}", *lines[1:]])
