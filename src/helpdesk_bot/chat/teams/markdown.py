"""Markdown as Teams may be sent it: what a model or a document wrote is taken apart and written anew.

What is left is a closed set: paragraphs, emphasis, code, quotes, lists. Every other sign that Teams could take for
markup is escaped, a link exists only where this module is handed its address, and nothing here can mention anybody:
`<` never stays, and a mention needs an entity besides. Teams draws no tables and no headings in a text
(learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages): tables become code in columns.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from helpdesk_bot.chat.partition import partition
from helpdesk_bot.guard.addresses import is_linked
from knowledge.letters import storable

FENCE = "```"


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the name and the signature are markdown-it's
        """A link with a bad address is recognised too, so that its address goes as well."""
        return True


_MARKDOWN = _Parser("commonmark", {"html": False, "maxNesting": 100}).enable(["table", "strikethrough"])
# Reference definitions would let `[1]: https://...` turn our own markers into links (EchoLeak, CVE-2025-32711).
_MARKDOWN.disable("reference")

_SPECIAL = re.compile(r"[\\`*~\[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_MARKER = re.compile(r"\[\d{1,3}\]")
_WORD = re.compile(r"""[^\s()\[\]<>"'`]+""")
_BLOCKS = frozenset({"paragraph", "heading", "fence", "code_block", "th", "td", "list_item"})
_MARKS = {"strong": "**", "em": "*", "s": "~~"}


def render_markdown(markdown: str, *, markers: frozenset[int] = frozenset()) -> list[str]:
    """The parts of a text, each a paragraph, a list or a listing; to be joined by an empty line.

    `[n]` stays as it is for each n in `markers`: Teams makes it the mark of a citation.
    """
    root = SyntaxTreeNode(_MARKDOWN.parse(storable(markdown)))
    writer = _Writer(markers)
    return [part for child in root.children if (part := writer.block(child)).strip()]


def escape(text: str, *, markers: frozenset[int] = frozenset()) -> str:
    """Text that Teams shows letter by letter. Web addresses become code, which no client turns into a link."""
    return "".join(
        _marker(part, markers) if is_marker else "".join(map(_escape_word, *zip(*partition(_WORD, part), strict=True)))
        for part, is_marker in partition(_MARKER, storable(text))
    )


def escape_line(text: str) -> str:
    return escape(" ".join(text.split()))


def to_plain(markdown: str) -> str:
    """The words alone, on one line."""
    return " ".join("".join(_texts(SyntaxTreeNode(_MARKDOWN.parse(storable(markdown))))).split())


def link(label: str, url: str) -> str:
    """A link to an address that `find_web_address` let through."""
    return f"[{escape_line(label) or 'Untitled'}]({url.replace('(', '%28').replace(')', '%29')})"


def split_part(part: str, max_bytes: int) -> Iterator[str]:
    """A part in pieces that are at most this long in UTF-16, cut at line ends or spaces where there are any.

    A listing that is cut is closed and opened again.
    """
    is_listing = part.startswith(FENCE)
    body = part.removeprefix(f"{FENCE}\n").removesuffix(f"\n{FENCE}") if is_listing else part
    room = max_bytes // 2 - (2 * len(FENCE) + 2 if is_listing else 0)
    while body:
        piece, body = _cut(body, room)
        yield f"{FENCE}\n{piece}\n{FENCE}" if is_listing else piece


def size(text: str) -> int:
    """Bytes as Teams counts them: in UTF-16."""
    return len(text.encode("utf-16-le", "replace"))


class _Writer:
    def __init__(self, markers: frozenset[int]) -> None:
        self._markers = markers

    def block(self, node: SyntaxTreeNode) -> str:  # noqa: PLR0911 - a closed list of kinds
        match node.type:
            case "paragraph":
                return self._inline(node)
            case "heading":
                return _mark(self._inline(node).replace("**", ""), "**")
            case "fence" | "code_block":
                return _listing(node.content)
            case "table":
                return _listing(self._align(node))
            case "bullet_list" | "ordered_list":
                return "\n".join(self._list(node))
            case "blockquote":
                quoted = "\n\n".join(self.block(child) for child in node.children)
                return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
            case "hr":
                return ""
            case _:
                return "\n\n".join(self.block(child) for child in node.children) or escape(node.content)

    def _list(self, node: SyntaxTreeNode) -> Iterator[str]:
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for position, entry in enumerate(node.children):
            sign = "-" if first is None else f"{first + position}."
            lines = "\n".join(self.block(child) for child in entry.children).split("\n")
            yield f"{sign} {lines[0]}".rstrip()
            for line in lines[1:]:
                yield f"{' ' * (len(sign) + 1)}{line}"

    def _align(self, table: SyntaxTreeNode) -> str:
        """The table as text in columns."""
        rows = [
            ["".join(_texts(cell)).strip() for cell in row.children]
            for section in table.children
            for row in section.children
        ]
        widths = [max(len(cell) for cell in column) for column in zip_longest(*rows, fillvalue="")]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows
        ]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    def _inline(self, node: SyntaxTreeNode) -> str:
        return "".join(self._run(child) for child in node.children)

    def _run(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "text":
                return escape(node.content, markers=self._markers)
            case "code_inline":
                return _code(node.content)
            case "softbreak" | "hardbreak":
                return "\n"
            case "strong" | "em" | "s":
                return _mark(self._inline(node), _MARKS[node.type])
            case "image":
                return escape("".join(_texts(node)))
            case _:
                return self._inline(node)


def _marker(mark: str, markers: frozenset[int]) -> str:
    """A citation's mark stays; a number that stands for nothing is a number in round brackets."""
    return mark if int(mark[1:-1]) in markers else f"({mark[1:-1]})"


def _escape_word(word: str, is_word: bool) -> str:
    if is_word and is_linked(word):
        return _code(word)
    escaped = _SPECIAL.sub(lambda sign: f"\\{sign[0]}", word)
    return _ENTITY.sub("&amp;", escaped).replace("<", "&lt;")


def _mark(text: str, mark: str) -> str:
    inner = text.strip()
    return f"{mark}{inner}{mark}" if inner else text


def _code(text: str) -> str:
    inside = text.replace("`", "'").strip()
    return f"`{inside}`" if inside else ""


def _listing(text: str) -> str:
    return f"{FENCE}\n{text.strip(chr(10)).replace(FENCE, chr(39) * 3)}\n{FENCE}"


def _texts(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in {"text", "code_inline", "fence", "code_block"}:
        yield node.content
    elif node.type in {"softbreak", "hardbreak"}:
        yield " "
    for child in node.children:
        yield from _texts(child)
    if node.type in _BLOCKS:
        yield " "


def _cut(text: str, room: int) -> tuple[str, str]:
    """What fits, in UTF-16 code units, and the rest; cut in the fuller half, at a line end or a space if it has one."""
    full, units = 0, 0
    for character in text:
        units += 2 if ord(character) > 0xFFFF else 1
        if units > room:
            break
        full += 1
    if full >= len(text):
        return text, ""
    cuts: Sequence[int] = (text.rfind("\n", 0, full) + 1, text.rfind(" ", 0, full) + 1, full)
    cut = max(1, next(cut for cut in cuts if cut >= full // 2))
    return text[:cut].rstrip(" \n") or text[:cut], text[cut:]


def join(parts: Iterable[str]) -> str:
    return "\n\n".join(parts)
