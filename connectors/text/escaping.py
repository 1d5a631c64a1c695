"""Plain words in Markdown: marked where Markdown would take them for markup, and only there."""

import re

_INLINE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)"  # a backslash that would escape something, or break the line
    r"|`"
    r"|(?<!\s)\*+|\*+(?!\s|$)"  # asterisks with a space on both sides open and close nothing
    r"|(?<![^\W_])_+|_+(?![^\W_])"  # underscores inside a word likewise
    r"|~~+"
    r"|\](?=[(:\[])"  # the middle of a link or of its definition
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w+;)"
)
_AT_LINE_START = re.compile(
    r"#{1,6}(?=\s|$)"
    r"|>"
    r"|[-+*](?=\s|$)"
    r"|\d{1,9}(?=[.)](?:\s|$))"
    r"|=+\s*$"
    r"|-(?=[-\s]*$|-*\s*[:|])"  # a rule, a line under a heading or under the head of a table
    r"|:(?=\s*-)"
    r"|\|"
)


def escape(text: str) -> str:
    """Text inside a line, such that a Markdown reader shows it unchanged."""
    return _INLINE.sub(_with_backslashes, text)


def escape_line(text: str) -> str:
    """The same for text that begins a line: it becomes no heading, list, quote, rule or table."""
    return begin_line(escape(text))


def begin_line(markdown: str) -> str:
    """Markdown from inside a line, such that it can begin one."""
    start = _AT_LINE_START.match(markdown)
    if start is None:
        return markdown
    if start.group().isdigit():
        return f"{start.group()}\\{markdown[start.end() :]}"
    return f"\\{markdown}"


def _with_backslashes(found: re.Match[str]) -> str:
    return "".join(f"\\{character}" for character in found.group())
