"""From an HTML tree to Markdown: markdownify, with the fixes that help-desk pages need."""
# pyright: reportAttributeAccessIssue=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# markdownify's own stubs leave out nearly every method of its converter.

import re

from bs4 import Tag
from bs4.element import NavigableString
from markdownify import MarkdownConverter

from connectors.text.escaping import escape, escape_line
from connectors.text.fences import fence
from connectors.text.pictures import told_by
from connectors.text.tables import table

BLOCKS = frozenset(
    {
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "pre", "blockquote"),
        *("hr", "table", "caption", "td", "th", "section", "article", "main", "header", "aside", "figure"),
        *("figcaption", "details", "summary", "fieldset", "form", "address", "center", "hgroup", "legend", "body"),
        "[document]",
    }
)
_LINKABLE = re.compile(r"https?://|mailto:|tel:|(?![a-z][a-z0-9+.-]*:)[^#\s]", re.IGNORECASE)
_LANGUAGE_CLASS = re.compile(
    r"(?<!\S)(?:(?:language|lang|highlight-source|highlight)-|(?:sourceCode|brush:) +)(?P<language>[\w+#.-]+)"
)
_NO_LANGUAGE = {"default", "none", "plaintext", "notranslate", "text"}
_TASK = re.compile(r"^(\[[ x]\])\s+")
_POWER = re.compile(r"[-+\u2212]?\d{1,4}")
_RAISED = str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_MAX_SPAN = 100


class HtmlWriter(MarkdownConverter):
    """Headings with hashes, lists with dashes, GitHub's tables, fenced code, pictures as their alternative text.

    One writer writes one tree. markdownify calls `convert_<tag>(element, its children as Markdown, ancestors' names)`;
    `_inline` among the ancestors means inside a heading or a table cell, `_noformat` inside code.
    """

    def __init__(self) -> None:
        super().__init__(heading_style="atx", bullets="-", wrap=True, wrap_width=None)
        self._cells: dict[int, str] = {}
        self._numbers: dict[int, int] = {}

    def write(self, root: Tag) -> str:
        for ordered in root.find_all("ol"):
            self._number(ordered)
        return self.process_tag(root, parent_tags=set())

    def _number(self, ordered: Tag) -> None:
        """Numbers of a list's entries, given once: markdownify counts the entries before each, in quadratic time."""
        number = _whole_number(ordered.get("start"), default=1)
        for entry in ordered.find_all("li", recursive=False):
            number = _whole_number(entry.get("value"), default=number)
            self._numbers[id(entry)] = number
            number += 1

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        parents = parent_tags or set[str]()
        if "pre" in parents:
            return str(el)
        text: str = super().process_text(el, parent_tags=parent_tags)
        if "_noformat" in parents:
            return text
        return escape_line(text) if "_inline" not in parents and _begins_line(el) else escape(text)

    def escape(self, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        return text  # process_text escapes, which knows where the text stands

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        href = str(el.get("href") or "").strip()
        label = text.strip()
        if "_noformat" in parent_tags or not label or "\n" in label or not _LINKABLE.match(href):
            return text
        return f"{' ' * text[0].isspace()}{link(label, href)}{' ' * text[-1].isspace()}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        alt = told_by(str(el.get("alt") or ""))
        return alt if "_noformat" in parent_tags else escape(alt)

    def convert_input(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        return "[x] " if el.has_attr("checked") else "[ ] "

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802  markdownify's name
        """None without words: editors leave empty headings behind."""
        return super().convert_hN(n, el, text, parent_tags) if text.strip() else ""

    def convert_sup(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        """Powers and marks of footnotes, raised: otherwise they would be digits of what is before them."""
        return raised(text)

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return "\n" if "pre" in parent_tags else super().convert_br(el, text, parent_tags)

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Also the lines of a code block, which some sites wrap in one element each."""
        if "pre" in parent_tags:
            return text if text.endswith("\n") else f"{text}\n"
        return super().convert_div(el, text, parent_tags)

    convert_article = convert_section = convert_main = convert_header = convert_aside = convert_dl = convert_div
    convert_figure = convert_figcaption = convert_details = convert_fieldset = convert_div
    convert_form = convert_address = convert_center = convert_hgroup = convert_legend = convert_dd = convert_div

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        """A term stands in bold above its definition: the extended syntax would turn nested blocks into code."""
        term = " ".join(text.split())
        if "_inline" in parent_tags or not term:
            return f" {term} "
        return f"\n\n{term if '**' in term else f'**{term}**'}\n\n"

    convert_summary = convert_dt  # a question above the answer that it folds away

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if not text.strip():
            return ""
        if "_inline" in parent_tags:
            return f" {self.convert_code(el, ' '.join(text.split()), parent_tags - {'_noformat'})} "
        return f"\n\n{fence(text, code_language(el))}\n\n"

    def convert_blockquote(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        quote: str = super().convert_blockquote(el, text, parent_tags)
        return f"\n{quote}" if quote.startswith("\n") else quote

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        marker = f"{self._numbers[id(el)]}. " if id(el) in self._numbers else "- "
        first, *others = _TASK.sub(r"\1 ", text.strip()).split("\n")
        indent = " " * len(marker)
        return "\n".join([f"{marker}{first}".rstrip(), *(f"{indent}{line}" if line else "" for line in others), ""])

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        """Cells are kept aside until their table is complete. Entries of a list stand one after the other."""
        lines = [line.strip().removeprefix("- ") for line in text.split("\n")] if el.find("li") else [text]
        self._cells[id(el)] = "; ".join(filter(None, lines))
        return ""

    convert_th = convert_td

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        return ""

    def convert_caption(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        return f"{' '.join(text.split())}\n\n"

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  markdownify's signature
        rows = el.find_all("tr")
        heads = _head_rows(rows)
        grid = self._grid(rows, heads)
        if not any(map(any, grid)):
            return text
        head = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*grid[:heads], strict=True)]
        return f"\n\n{text.strip()}\n\n{table(head, grid[heads:])}\n\n"

    def _grid(self, rows: list[Tag], heads: int) -> list[list[str]]:
        """The cells as a rectangle. A cell over several rows is in each; over several columns, in the first.

        One of several heads in a row is in each of its columns: it tells them from those of the other.
        """
        grid: list[dict[int, str]] = [{} for _ in rows]
        for number, row in enumerate(rows):
            column = 0
            cells = row.find_all(("td", "th"), recursive=False)
            for cell in cells:
                while column in grid[number]:
                    column += 1
                width, height = _span(cell.get("colspan")), _span(cell.get("rowspan"))
                own = self._cells.get(id(cell), "")
                beside = own if number < heads - 1 and len(cells) > 1 else ""
                covered = {column: own, **dict.fromkeys(range(column + 1, column + width), beside)}
                for reached in grid[number : number + height]:
                    reached.update(covered)
                column += width
        width = max((max(row, default=-1) + 1 for row in grid), default=0)
        return [[row.get(column, "") for column in range(width)] for row in grid]


def code_language(pre: Tag) -> str:
    """The language that the classes on or around a code block name; empty where none does."""
    for element in (pre, pre.find("code"), pre.parent, pre.parent and pre.parent.parent):
        if not isinstance(element, Tag):
            continue
        stated = element.get("data-lang") or element.get("data-language")
        found = _LANGUAGE_CLASS.search(" ".join(map(str, element.get_attribute_list("class"))))
        language = str(stated) if stated else found["language"] if found else ""
        if language and language not in _NO_LANGUAGE:
            return language
    return ""


def _head_rows(rows: list[Tag]) -> int:
    """How many rows are the head: those in a thead, else the first with those that its cells reach into.

    None where the rows have their heads in the first column: where the first row mixes heads with other cells, or is
    bold in the first as all rows are.
    """
    in_head = sum(row.parent is not None and row.parent.name == "thead" for row in rows)
    if in_head:
        return in_head
    cells = rows[0].find_all(("td", "th"), recursive=False)
    kinds = [cell.name for cell in cells]
    if ("th" in kinds and "td" in kinds) or all(map(_is_headed_by_first, rows)):
        return 0
    reach = max((_span(cell.get("rowspan")) for cell in cells), default=1)
    is_parted = any(_span(cell.get("colspan")) > 1 for cell in cells)
    return reach if is_parted and reach < len(rows) else 1


def _is_headed_by_first(row: Tag) -> bool:
    bold = [_is_bold(cell) for cell in row.find_all(("td", "th"), recursive=False)]
    return len(bold) > 1 and bold[0] and not any(bold[1:])


def _is_bold(cell: Tag) -> bool:
    strings = [string for string in cell.find_all(string=True) if string.strip()]
    return bool(strings) and all(string.find_parent(("b", "strong")) is not None for string in strings)


def _begins_line(text: NavigableString) -> bool:
    """Whether nothing stands between this text and the start of its block."""
    node: Tag | NavigableString = text
    while True:
        before = node.previous_sibling
        while isinstance(before, NavigableString) and not before.strip():
            before = before.previous_sibling
        if before is not None:
            return isinstance(before, Tag) and (before.name in BLOCKS or before.name == "br")
        if node.parent is None or node.parent.name in BLOCKS:
            return True
        node = node.parent


def _span(attribute: object) -> int:
    return min(max(_whole_number(attribute, default=1), 1), _MAX_SPAN)


def raised(text: str) -> str:
    """A power, or the mark of a footnote, in raised digits; other text as it is."""
    return text.translate(_RAISED) if _POWER.fullmatch(text.strip()) else text


def link(label: str, href: str) -> str:
    """A link in Markdown; its label is Markdown already."""
    if label == escape(href) and href.startswith("http"):
        return f"<{href}>"
    return f"[{label}]({_link_target(href)})"


def _link_target(href: str) -> str:
    return f"<{href.replace('<', '%3C').replace('>', '%3E')}>" if re.search(r"[\s()<>]", href) else href


def _whole_number(attribute: object, *, default: int) -> int:
    text = str(attribute or "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else default
