"""A Word document as its readers see it, before mammoth makes HTML of it.

mammoth knows nothing of hidden text, drops what stands in fields and in text of set direction, takes a style for a
heading by its name alone, and begins every list at 1.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

import io
import re
import zipfile
from dataclasses import dataclass

from lxml import etree

from connectors.text.docx.numbers import Numbers
from connectors.text.docx.styles import Styles, W, is_on, stated

MAIN_PART = "word/document.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_PICTURES = "word/media/"
"""Of which the alternative text is read, which stands elsewhere."""
_WRAPPERS = tuple(f"{W}{name}" for name in ("fldSimple", "bdo", "dir", "rubyBase"))
_READING = f"{W}rt"
"""The small letters above a word, which say how it is pronounced."""
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
"""What mammoth leaves out in favour of what stands beside it for older programs."""
_HEADING = re.compile(r"heading [1-6]", re.IGNORECASE)
_CONTENTS = re.compile(r"toc (?:[1-9]|heading)|table of figures|contents heading", re.IGNORECASE)
_BODY_LEVEL = "9"
"""What says in a style based on a heading's that it is none, such as the words above a table of contents."""
_BEFORE, _AFTER = "\ufdd0", "\ufdd1"
"""Characters that mean nothing to anybody, around a number on its way through mammoth."""
_NUMBERED_ENTRY = re.compile(f"<li>{_BEFORE}([0-9]+){_AFTER}")
_NUMBER = re.compile(f"{_BEFORE}[0-9]+{_AFTER}")


def as_seen(file: io.BytesIO) -> io.BytesIO:
    """The file with its texts so that mammoth reads what Word shows; `with_numbers` is for what mammoth makes of it."""
    seen = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(seen, "w") as copy:
        parts = set(archive.namelist())
        styles = Styles.of(_parse(archive, "word/styles.xml")) if "word/styles.xml" in parts else Styles(by_id={})
        numbers = Numbers(styles=styles)
        if "word/numbering.xml" in parts:
            numbers.learn(_parse(archive, "word/numbering.xml"))
        body = _Body(styles=styles, numbers=numbers)
        for part in sorted(parts):
            if part in {MAIN_PART, *_NOTES}:
                copy.writestr(part, etree.tostring(body.as_seen(_parse(archive, part))))
            elif not part.startswith(_PICTURES):
                copy.writestr(part, archive.read(part))
    return seen


def with_numbers(html: str) -> str:
    """The HTML with the numbers as those of list entries; others are left out."""
    return _NUMBER.sub("", _NUMBERED_ENTRY.sub(r'<li value="\1">', html))


def _is_contents(control: etree._Element) -> bool:
    return stated(control, "sdtPr", "docPartObj", "docPartGallery") == "Table of Contents"


def _is_unfilled(control: etree._Element) -> bool:
    return is_on(stated(control, "sdtPr", "showingPlcHdr")) is True


def _parse(archive: zipfile.ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(archive.read(part), parser)


@dataclass(frozen=True, kw_only=True)
class _Body:
    styles: Styles
    numbers: Numbers

    def as_seen(self, root: etree._Element) -> etree._Element:
        etree.strip_elements(root, _READING, with_tail=False)
        etree.strip_tags(root, *_WRAPPERS, f"{W}ruby")
        self._empty_contents(root)
        for paragraph in list(root.iter(f"{W}p")):
            for run in list(paragraph.iter(f"{W}r")):
                if self._is_hidden(run, paragraph):
                    run.getparent().remove(run)
            self._name_heading(paragraph)
            self._number(paragraph)
        return root

    def _empty_contents(self, root: etree._Element) -> None:
        """Take the words out of tables of contents, which repeat the headings, and of places nobody filled in.

        Only the words: the fields that they are part of end elsewhere.
        """
        controls = [control for control in root.iter(f"{W}sdt") if _is_unfilled(control) or _is_contents(control)]
        entries = (paragraph for paragraph in root.iter(f"{W}p") if self._is_entry_of_contents(paragraph))
        for element in (*controls, *entries):
            for words in list(element.iter(f"{W}t", f"{W}tab")):
                words.getparent().remove(words)

    def _is_entry_of_contents(self, paragraph: etree._Element) -> bool:
        styles = self.styles.chain(stated(paragraph, "pPr", "pStyle"))
        return any(_CONTENTS.fullmatch(stated(style, "name") or "") for style in styles)

    def _is_hidden(self, run: etree._Element, paragraph: etree._Element) -> bool:
        said = is_on(stated(run, "rPr", "vanish"))
        if said is not None:
            return said
        by_run = self.styles.stated(stated(run, "rPr", "rStyle"), "rPr", "vanish")
        by_paragraph = self.styles.stated(stated(paragraph, "pPr", "pStyle"), "rPr", "vanish")
        return bool(is_on(by_run) or is_on(by_paragraph))

    def _name_heading(self, paragraph: etree._Element) -> None:
        """Give a paragraph whose style is based on a heading's that heading's own style."""
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        style_id = None if named is None else named.get(f"{W}val")
        if named is None or self.styles.stated(style_id, "pPr", "outlineLvl") == _BODY_LEVEL:
            return
        names = ((style, stated(style, "name") or "") for style in self.styles.chain(style_id))
        heading = next((style for style, name in names if _HEADING.fullmatch(name)), None)
        if heading is not None:
            named.set(f"{W}val", heading.get(f"{W}styleId"))

    def _number(self, paragraph: etree._Element) -> None:
        """Put its number in front of a paragraph: a whole one for an entry of a list, else as Word shows it."""
        is_joined_to_next = paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None
        if is_joined_to_next or next(paragraph.iterancestors(_CHOICE), None) is not None:
            return
        number = self.numbers.count(paragraph)
        if number is None:
            return
        text = f"{_BEFORE}{number.count}{_AFTER}"
        if self._is_heading(paragraph) or number.is_of_several_levels:
            text = f"{number.shown} " if "".join(paragraph.itertext(f"{W}t")).strip() else ""
        if number.is_of_several_levels and not self._is_heading(paragraph):
            _take_out_of_list(paragraph)
        run = etree.Element(f"{W}r")
        etree.SubElement(run, f"{W}t").text = text
        properties = paragraph.find(f"{W}pPr")
        paragraph.insert(0 if properties is None else paragraph.index(properties) + 1, run)

    def _is_heading(self, paragraph: etree._Element) -> bool:
        style = self.styles.by_id.get(stated(paragraph, "pPr", "pStyle") or "")
        return style is not None and _HEADING.fullmatch(stated(style, "name") or "") is not None


def _take_out_of_list(paragraph: etree._Element) -> None:
    """A clause such as 3.2.1 shows its whole number, which no list of Markdown has."""
    for name in ("numPr", "pStyle"):
        found = paragraph.find(f"{W}pPr/{W}{name}")
        if found is not None:
            found.getparent().remove(found)
