"""Make the Word, PDF, PowerPoint and Excel articles of the starter knowledge from the Markdown beside this file.

`purchasing/order-equipment.docx.md` here becomes `knowledge/seed/purchasing/order-equipment.docx`. The Markdown is a
subset: one H1, an "Owner: ... · Reviewed: YYYY-MM-DD" line, H2 sections with paragraphs, lists and tables. On slides a
block quote is a speaker's note, and in a workbook every H2 is a sheet. A second run changes nothing: dates come from
the text, and archives are packed anew without the clock.

    python infra/seed/make_binaries.py [--to DIRECTORY]
"""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
import openpyxl
import pptx
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph as WordParagraph
from fpdf import FPDF, FontFace
from fpdf.enums import TableCellFillMode, XPos, YPos
from lxml.etree import SubElement
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pptx.oxml.ns import qn
from pptx.presentation import Presentation
from pptx.shapes.placeholder import SlidePlaceholder
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Inches, Pt

SOURCES = Path(__file__).parent
SEED = SOURCES.parents[1] / "knowledge" / "seed"
TITLE_SLIDE, TITLE_AND_CONTENT, TITLE_ONLY = 0, 1, 5
"""Layouts of python-pptx's default template."""


@dataclass(frozen=True, kw_only=True)
class Run:
    text: str
    bold: bool


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, kw_only=True)
class Listing:
    numbered: bool
    entries: tuple[Paragraph, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """The first row is the header; all rows are equally long."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str


Block = Paragraph | Listing | Table | Note


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands below one heading. The first section of an article has the title as its heading."""

    heading: str
    blocks: tuple[Block, ...]

    @property
    def notes(self) -> str:
        return "\n".join(block.text for block in self.blocks if isinstance(block, Note))


@dataclass(frozen=True, kw_only=True)
class Article:
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        return self.sections[0].heading

    @property
    def owner_line(self) -> str:
        return next(block.text for block in self.sections[0].blocks if isinstance(block, Paragraph))

    @property
    def reviewed_at(self) -> datetime:
        day = re.search(r"Reviewed: (\d{4}-\d{2}-\d{2})", self.owner_line)
        if day is None:
            raise ValueError(f"{self.title!r} has no line 'Owner: ... · Reviewed: YYYY-MM-DD'")
        return datetime.fromisoformat(day[1]).replace(tzinfo=UTC)


# --- reading ---------------------------------------------------------------------------------------------------------


def parse(markdown: str) -> Article:
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    headings: list[str] = []
    blocks: list[list[Block]] = []
    for node in tree.children:
        if node.type == "heading":
            headings.append(read_paragraph(node).text)
            blocks.append([])
        else:
            blocks[-1].append(read_block(node))
    return Article(
        sections=tuple(
            Section(heading=heading, blocks=tuple(below)) for heading, below in zip(headings, blocks, strict=True)
        )
    )


def read_block(node: SyntaxTreeNode) -> Block:
    match node.type:
        case "paragraph":
            return read_paragraph(node)
        case "bullet_list" | "ordered_list":
            entries = tuple(read_paragraph(entry.children[0]) for entry in node.children)
            return Listing(numbered=node.type == "ordered_list", entries=entries)
        case "table":
            rows = [row for part in node.children for row in part.children]
            return Table(rows=tuple(tuple(read_paragraph(cell).text for cell in row.children) for row in rows))
        case "blockquote":
            return Note(text=read_paragraph(node.children[0]).text)
        case other:
            raise ValueError(f"the articles' Markdown has no {other}")


def read_paragraph(node: SyntaxTreeNode) -> Paragraph:
    inline = node.children[0]
    return Paragraph(runs=tuple(read_runs(inline, bold=False)))


def read_runs(node: SyntaxTreeNode, *, bold: bool) -> Iterator[Run]:
    if node.type in {"text", "code_inline"}:
        if node.content:
            yield Run(text=node.content, bold=bold)
        return
    for child in node.children:
        yield from read_runs(child, bold=bold or node.type == "strong")


# --- Word ------------------------------------------------------------------------------------------------------------


def make_docx(article: Article) -> bytes:
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = article.title, "Quillmoor"
    properties.created = properties.modified = article.reviewed_at
    for number, section in enumerate(article.sections):
        document.add_heading(section.heading, level=1 if number == 0 else 2)
        for block in section.blocks:
            add_to_docx(document, block)
    out = BytesIO()
    document.save(out)
    return repack(out.getvalue(), article.reviewed_at)


def add_to_docx(document: WordDocument, block: Block) -> None:
    match block:
        case Paragraph():
            add_runs(document.add_paragraph(), block)
        case Listing():
            for entry in block.entries:
                add_runs(document.add_paragraph(style="List Number" if block.numbered else "List Bullet"), entry)
        case Table():
            table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style="Table Grid")
            for row, texts in zip(table.rows, block.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
            # The flag makes the header repeat on each page, and tells readers that it is one. It has no public name.
            header = table.rows[0]._tr  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            header.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        case Note():
            raise ValueError("a Word article has no speaker's notes")


def add_runs(paragraph: WordParagraph, source: Paragraph) -> None:
    for run in source.runs:
        added = paragraph.add_run()
        added.text = run.text
        added.bold = True if run.bold else None


# --- PDF -------------------------------------------------------------------------------------------------------------


def make_pdf(article: Article) -> bytes:
    """Uncompressed, so that the bytes don't depend on the version of zlib."""
    pdf = FPDF()
    pdf.set_compression(False)
    pdf.set_creation_date(article.reviewed_at)
    pdf.set_title(article.title)
    pdf.set_author("Quillmoor")
    pdf.set_margin(22)
    pdf.set_auto_page_break(auto=True, margin=20)
    pdf.add_page()
    for number, section in enumerate(article.sections):
        add_heading_to_pdf(pdf, section.heading, level=1 if number == 0 else 2)
        for block in section.blocks:
            add_to_pdf(pdf, block)
    return bytes(pdf.output())


def add_heading_to_pdf(pdf: FPDF, text: str, *, level: int) -> None:
    pdf.ln(0 if level == 1 else 3)
    if pdf.will_page_break(30):
        pdf.add_page()
    pdf.set_font("Helvetica", style="B", size=16 if level == 1 else 13)
    pdf.start_section(text, level=level - 1)
    write_lines(pdf, text, height_mm=8 if level == 1 else 7)


def add_to_pdf(pdf: FPDF, block: Block) -> None:
    pdf.set_font("Helvetica", size=10.5)
    match block:
        case Paragraph():
            write_lines(pdf, block.text)
        case Listing():
            for number, entry in enumerate(block.entries, start=1):
                write_lines(pdf, f"{number}. {entry.text}" if block.numbered else f"- {entry.text}", indent_mm=4)
        case Table():
            add_table_to_pdf(pdf, block)
        case Note():
            raise ValueError("a PDF article has no speaker's notes")
    pdf.ln(2)


def add_table_to_pdf(pdf: FPDF, table: Table) -> None:
    """Columns are as wide as their longest text asks for, so that few cells break."""
    pdf.set_font_size(9)
    widths = [max(map(len, column)) + 2 for column in zip(*table.rows, strict=True)]
    with pdf.table(
        table.rows,
        col_widths=widths,
        headings_style=FontFace(emphasis="BOLD"),
        line_height=5.5,
        cell_fill_mode=TableCellFillMode.NONE,
        text_align="LEFT",
    ):
        pass


def write_lines(pdf: FPDF, text: str, *, height_mm: float = 5.5, indent_mm: float = 0) -> None:
    pdf.set_x(pdf.l_margin + indent_mm)
    pdf.multi_cell(0, height_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


# --- PowerPoint ------------------------------------------------------------------------------------------------------


def make_pptx(article: Article) -> bytes:
    show = pptx.Presentation()
    properties = show.core_properties
    properties.title, properties.author = article.title, "Quillmoor"
    properties.created = properties.modified = article.reviewed_at
    text_frame(add_slide(show, TITLE_SLIDE, article.sections[0]), 1).text = article.owner_line
    for section in article.sections[1:]:
        add_content_slide(show, section)
    out = BytesIO()
    show.save(out)
    return repack(out.getvalue(), article.reviewed_at)


def add_slide(show: Presentation, layout: int, section: Section) -> Slide:
    slide = show.slides.add_slide(show.slide_layouts[layout])
    text_frame(slide, 0).text = section.heading
    if section.notes and (notes := slide.notes_slide.notes_text_frame) is not None:
        notes.text = section.notes
    return slide


def text_frame(slide: Slide, placeholder: int) -> TextFrame:
    """Placeholder 0 is the title, 1 what stands below it."""
    return cast("SlidePlaceholder", slide.placeholders[placeholder]).text_frame


def add_content_slide(show: Presentation, section: Section) -> None:
    tables = [block for block in section.blocks if isinstance(block, Table)]
    if tables:
        add_table_to_slide(add_slide(show, TITLE_ONLY, section), tables[0])
        return
    frame = text_frame(add_slide(show, TITLE_AND_CONTENT, section), 1)
    for block in section.blocks:
        if isinstance(block, Listing):
            for entry in block.entries:
                add_line_to_slide(frame, entry, numbered=block.numbered)


def add_line_to_slide(frame: TextFrame, entry: Paragraph, *, numbered: bool) -> None:
    paragraph = frame.add_paragraph() if frame.text else frame.paragraphs[0]
    if numbered:  # python-pptx has no public name for it
        properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        SubElement(properties, qn("a:buAutoNum"), type="arabicPeriod")
    for run in entry.runs:
        added = paragraph.add_run()
        added.text, added.font.size = run.text, Pt(22)
        added.font.bold = True if run.bold else None


def add_table_to_slide(slide: Slide, table: Table) -> None:
    height, width = len(table.rows), len(table.rows[0])
    frame = slide.shapes.add_table(height, width, Inches(0.5), Inches(1.6), Inches(9), Inches(0.45 * height))
    for row, texts in enumerate(table.rows):
        for column, text in enumerate(texts):
            run = frame.table.cell(row, column).text_frame.paragraphs[0].add_run()
            run.text, run.font.size = text, Pt(15)


# --- Excel -----------------------------------------------------------------------------------------------------------


def make_xlsx(article: Article) -> bytes:
    """One sheet a section, and a last one that says what the workbook is and who looks after it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = article.title, "Quillmoor"
    book.properties.created = article.reviewed_at.replace(tzinfo=None)
    for section in article.sections[1:]:
        for table in (block for block in section.blocks if isinstance(block, Table)):
            fill_sheet(book.create_sheet(section.heading), table)
    about = book.create_sheet("About")
    about.append([article.title])
    about.append([article.owner_line])
    out = BytesIO()
    book.save(out)
    return repack(out.getvalue(), article.reviewed_at)


def fill_sheet(sheet: Worksheet, table: Table) -> None:
    for row in table.rows:
        sheet.append([to_cell(text) for text in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, column in enumerate(zip(*table.rows, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(48, max(map(len, column)) + 2)
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def to_cell(text: str) -> str | int | None:
    """Whole numbers as numbers; a room such as 0.10 stays text."""
    return int(text) if re.fullmatch(r"0|[1-9]\d*", text) else text or None


# --- packing ---------------------------------------------------------------------------------------------------------


def repack(archive: bytes, at: datetime) -> bytes:
    """The same parts in the same order, without the time of packing."""
    out = BytesIO()
    with ZipFile(BytesIO(archive)) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            entry = ZipInfo(name, date_time=(at.year, at.month, at.day, 0, 0, 0))
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            new.writestr(entry, part)
    return out.getvalue()


MAKERS: dict[str, Callable[[Article], bytes]] = {
    ".docx": make_docx,
    ".pdf": make_pdf,
    ".pptx": make_pptx,
    ".xlsx": make_xlsx,
}


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description="Make the binary articles of the starter knowledge.")
    options.add_argument("--to", type=Path, default=SEED, metavar="DIRECTORY")
    target: Path = options.parse_args(arguments).to
    for source in sorted(SOURCES.rglob("*.md")):
        made = target / source.relative_to(SOURCES).with_suffix("")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(MAKERS[made.suffix](parse(source.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
