"""Markdown that is shown while it is still being written: nothing in it is live, wherever it is cut.

Slack takes streamed text as Markdown, not as blocks, and takes no setting against previews with it. So what is streamed
is written anew from what the text was read as: without links, images and mentions, and with every address as code.
"""

import re

from helpdesk_bot.chat.slack.rich_text import Kind, Piece, Run, read_markdown
from helpdesk_bot.guard.addresses import is_linked

_WORD = re.compile(r"[^\s`]+")

_GAP = "\u200b"
_STYLES = {"bold": "**", "italic": "_", "strike": "~~"}
_ENDS_IN_FLOW = frozenset({Kind.PARAGRAPH, Kind.ENTRY})


class Growth:
    """A text that grows, and how much of it was shown. What was shown is never taken back or changed."""

    def __init__(self) -> None:
        self.text = ""
        self._shown = ""

    def add(self, markdown: str) -> None:
        self.text += markdown

    def find_new(self) -> str:
        """What can be shown now, after what was shown; the last word and what is half a listing wait."""
        settled = self.text[: max(self.text.rfind(" "), self.text.rfind("\n")) + 1]
        safe = to_safe_markdown(settled, is_growing=True)
        return safe[len(self._shown) :] if safe.startswith(self._shown) else ""

    def mark_shown(self, new: str) -> None:
        self._shown += new


def to_safe_markdown(markdown: str, *, is_growing: bool = False) -> str:
    """Markdown with the same words and form. `is_growing`: without a last part that may become something else."""
    parts = read_markdown(markdown)
    if is_growing and parts and parts[-1][-1].kind not in _ENDS_IN_FLOW:
        parts = parts[:-1]
    return "\n\n".join("\n".join(_write(piece) for piece in part) for part in parts)


def _write(piece: Piece) -> str:
    match piece.kind:
        case Kind.CODE:
            return f"```\n{piece.text.replace('```', _GAP.join('```'))}\n```"
        case Kind.QUOTE:
            return "\n".join(f"> {line}" for line in _flow(piece).split("\n"))
        case Kind.ENTRY:
            mark = "-" if piece.number is None else f"{piece.number}."
            return f"{'    ' * piece.indent}{mark} {_flow(piece)}"
        case Kind.PARAGRAPH:
            return _flow(piece)


def _flow(piece: Piece) -> str:
    return "".join(_write_run(run) for run in piece.runs)


def _write_run(run: Run) -> str:
    if "code" in run.styles:
        return _code(run.text)
    text = _WORD.sub(lambda word: _code(word[0]) if is_linked(word[0]) else word[0], _plain(run.text))
    marks = [mark for style, mark in _STYLES.items() if style in run.styles]
    return f"{''.join(marks)}{text}{''.join(reversed(marks))}"


def _plain(text: str) -> str:
    """No mention, no link and no image begins here, and no code begins that would end inside of ours."""
    escaped = text.replace("&", "&amp;").replace("<", f"&lt;{_GAP}").replace(">", "&gt;").replace("`", "'")
    return escaped.replace("](", f"]{_GAP}(").replace("![", f"!{_GAP}[").replace("]:", f"]{_GAP}:")


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
