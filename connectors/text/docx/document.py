"""Word documents: mammoth makes HTML of them, headings, lists, tables, links and footnotes kept."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# mammoth has no types.

from typing import Any

import mammoth
from mammoth import transforms
from mammoth.documents import Document, Image, Paragraph, Run
from mammoth.html import element
from mammoth.html.nodes import Element

from connectors.text.archives import open_office_file
from connectors.text.docx.body import MAIN_PART, as_seen, with_numbers
from connectors.text.html.page import text_of
from connectors.text.text import RawFile, Text

_MONOSPACE = ("consol", "courier", "menlo", "monaco", "mono", "cascadia", "fira code", "lucida console")
_CODE = "Source Code"
_CODE_WORD = "Verbatim Char"
_STYLES = f"""
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='{_CODE}'] => pre:separator('\\n')
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='macro'] => pre:separator('\\n')
r[style-name='{_CODE_WORD}'] => code
r[style-name='HTML Code'] => code
r[style-name='Code Char'] => code
r[style-name='Macro Text Char'] => code
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
p[style-name='List Number 3'] => ul|ol > li > ul|ol > li > ol > li:fresh
"""


def read(raw: RawFile) -> Text:
    file = open_office_file(raw.content, main_part=MAIN_PART, limits=raw.limits)
    converted: Any = mammoth.convert_to_html(
        as_seen(file),
        style_map=_STYLES,
        transform_document=_mark_code,
        convert_image=_alternative_text,
        include_embedded_style_map=False,  # the file's own word on how to read it isn't taken
        external_file_access=False,
        ignore_empty_paragraphs=False,  # blank lines of code
    )
    return text_of(with_numbers(str(converted.value)))


def _alternative_text(image: Image) -> list[Element]:
    return [element("img", {"alt": image.alt_text or ""})]


def _mark_code(document: Document) -> Document:
    """The document with code marked as such where only its font says that it is code."""
    return transforms.paragraph(_mark_code_line)(transforms.run(_mark_code_word)(document))


def _mark_code_word(run: Run) -> Run:
    if run.style_name or not _is_monospace(run):
        return run
    return run.copy(style_id="VerbatimChar", style_name=_CODE_WORD, font=None)


def _mark_code_line(paragraph: Paragraph) -> Paragraph:
    """A paragraph of nothing but code words is a line of code."""
    runs = transforms.get_descendants_of_type(paragraph, Run)
    if paragraph.style_name not in {None, "Normal"} or paragraph.numbering or not runs:
        return paragraph
    if any(run.style_name != _CODE_WORD for run in runs):
        return paragraph
    return paragraph.copy(style_id="SourceCode", style_name=_CODE)


def _is_monospace(run: Run) -> bool:
    return any(name in str(run.font or "").casefold() for name in _MONOSPACE)
