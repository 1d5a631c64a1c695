"""What people show by its looks alone, as the elements that it means: headings in bold, lists typed by hand."""

import re
from collections.abc import Iterable, Iterator

from bs4 import Tag
from bs4.element import NavigableString, PageElement

from connectors.text.typed_lists import find_mark

_LISTS = ("ul", "ol")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_BOLD = ("b", "strong")
_NO_PLACE_FOR_HEADINGS = ("li", "table", "blockquote", "dl", "pre", "figure")
_NO_LINE = ("img", "br", "input", "table", "pre", *_LISTS)
_MAX_HEADING_CHARS = 100
_MOST_BOLD = 0.3
_MANY = 2_000
_NUMBERED = re.compile(r"\d{1,2}((?:\.\d{1,2})*)\.?\s")


def show_structure(root: Tag) -> None:
    for entry in root.find_all("li"):
        _unwrap_empty_entry(entry)
    for inner in root.find_all(_LISTS):
        _move_into_entry(inner)
    for paragraph in root.find_all("p"):
        _part_lines(paragraph)
    for lines in _runs_of_marks(root.find_all(_is_line)):
        _make_list(lines)
    if root.find(_HEADINGS) is None:
        for paragraph in root.find_all("p"):
            _part_bold_line(paragraph)
        _name_headings(root)


def _unwrap_empty_entry(entry: Tag) -> None:
    """An entry that holds a list alone, such as Word's programs write for the entry of an inner level."""
    outer = entry.parent
    held = [child for child in entry.children if isinstance(child, Tag) or str(child).strip()]
    if outer is None or outer.name not in _LISTS or len(outer.find_all("li", recursive=False)) > 1:
        return
    if held and all(isinstance(child, Tag) and child.name in _LISTS for child in held):
        entry.name = outer.name = "div"


def _move_into_entry(inner: Tag) -> None:
    """A list between the entries of another belongs to the entry before."""
    is_misplaced = inner.parent is not None and inner.parent.name in _LISTS
    before = inner.find_previous_sibling("li") if is_misplaced else None
    if before is not None:
        before.append(inner.extract())


def _part_lines(paragraph: Tag) -> None:
    """A paragraph whose lines are entries of a list becomes one paragraph for each line."""
    lines = _lines(paragraph)
    texts = ("".join(node.get_text() for node in line) for line in lines)
    if len(lines) > 1 and sum(find_mark(text.strip()) is not None for text in texts) > 1:
        _part(paragraph, most=len(lines))


def _part_bold_line(paragraph: Tag) -> None:
    """A first line in bold, such as a question, apart from what follows it in the same paragraph."""
    first, *others = _lines(paragraph)
    is_bold = [isinstance(node, Tag) and node.name in _BOLD for node in first if node.get_text(strip=True)]
    if others and is_bold and all(is_bold):
        _part(paragraph, most=2)


def _lines(paragraph: Tag) -> list[list[PageElement]]:
    lines: list[list[PageElement]] = [[]]
    for node in paragraph.children:
        if _is_break(node):
            lines.append([])
        else:
            lines[-1].append(node)
    return lines


def _part(paragraph: Tag, *, most: int) -> None:
    """Put the lines, or the first of them and the rest, in paragraphs of their own."""
    paragraph.name = "div"
    parts = [Tag(name="p")]
    for node in list(paragraph.children):
        if _is_break(node.extract()) and len(parts) < most:
            parts.append(Tag(name="p"))
        else:
            parts[-1].append(node)
    paragraph.extend(part for part in parts if part.get_text(strip=True))


def _is_break(node: PageElement) -> bool:
    return isinstance(node, Tag) and node.name == "br"


def _is_line(element: Tag) -> bool:
    return element.name in {"p", "div"} and element.find(_NOT_IN_LINES) is None and bool(_mark_of(element))


_NOT_IN_LINES = ("p", "div", "br", *_NO_LINE[2:])


def _mark_of(element: Tag) -> re.Match[str] | None:
    return find_mark(element.get_text().strip())


def _runs_of_marks(lines: Iterable[Tag]) -> Iterator[list[Tag]]:
    """Lines that count up, whatever stands between them, and lines with signs right after each other; two or more."""
    run: list[Tag] = []
    for line in lines:
        if run and not _follows(run[-1], line):
            yield from [run] if len(run) > 1 else []
            run = []
        run.append(line)
    yield from [run] if len(run) > 1 else []


def _follows(before: Tag, line: Tag) -> bool:
    first, second = _number(before), _number(line)
    if line.parent is not before.parent or (first is None) != (second is None):
        return False
    if first is None or second is None:
        return before.find_next_sibling() is line
    return second == first + 1


def _number(line: Tag) -> int | None:
    mark = _mark_of(line)
    return int(mark["number"]) if mark and mark["number"] else None


def _make_list(lines: list[Tag]) -> None:
    """Lines right after each other as one list; each as its own where very many stand beside it, which takes long."""
    made: Tag | None = None
    for line in lines:
        number = _number(line)
        _take_mark_off(line)
        is_next = made is not None and line.find_previous_sibling() is made
        entry = line if is_next and line.parent is not None and len(line.parent.contents) < _MANY else Tag(name="li")
        if made is None or entry is not line:
            entry.extend(list(line.contents))
            made = line
            made.name = "ul" if number is None else "ol"
        entry.name = "li"
        if number is not None:
            entry["value"] = str(number)
        made.append(entry)


def _take_mark_off(line: Tag) -> None:
    mark = _mark_of(line)
    left = (mark.end() if mark else 0) + len(line.get_text()) - len(line.get_text().lstrip())
    for text in list(line.find_all(string=True)):
        if not left:
            break
        taken = min(left, len(text))
        text.replace_with(NavigableString(text[taken:]))
        left -= taken


def _name_headings(root: Tag) -> None:
    """In a page without headings, short lines wholly in bold are those."""
    found = [line for line in root.find_all(("p", "ol")) if _is_bold_line(line)]
    bold = sum(len(line.get_text()) for line in found)
    if len(found) < 2 or bold > _MOST_BOLD * len(root.get_text()):
        return
    for line in found:
        number = line.find("li")
        text = line.get_text(" ", strip=True)
        if isinstance(number, Tag):
            text = f"{number.get('value') or line.get('start') or 1}. {text}"
        numbered = _NUMBERED.match(text)
        line.name = f"h{min(2 + (numbered[1].count('.') if numbered else 0), 6)}"
        line.string = text


def _is_bold_line(line: Tag) -> bool:
    """Also a numbered entry alone in its list, as Word numbers such lines."""
    if line.find(_NO_LINE) is not None or line.find_parent(_NO_PLACE_FOR_HEADINGS) is not None:
        return False
    text = line.get_text().strip()
    is_short = 0 < len(text) <= _MAX_HEADING_CHARS and text[-1] not in ".,;:" and any(map(str.isalpha, text))
    is_one = line.name == "p" or len(line.find_all("li")) == 1
    strings = [string for string in line.find_all(string=True) if string.strip()]
    return is_short and is_one and all(string.find_parent(_BOLD) is not None for string in strings)
