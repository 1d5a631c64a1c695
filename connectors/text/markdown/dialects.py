"""What generators of sites add to Markdown, put as plain Markdown: boxes, tabs, folded answers, marks for the machine.

Of MkDocs, Docusaurus, VitePress, Hugo, Jekyll, GitBook, MyST, GitHub and Obsidian. Read as CommonMark, the steps in a
box of MkDocs are code, for they are indented, and the rest shows its marks.
"""

import re
from collections.abc import Iterator, Sequence

from connectors.text.markdown.components import Component, find_component

_BOXES = {
    *("note", "info", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error", "success"),
    *("question", "example", "bug", "failure", "abstract", "summary", "quote", "todo", "seealso"),
}
"""Their names say what they are, where they have no title."""
_FOLDS = {"details", "expand", "collapse", "collapsible", "spoiler", "dropdown", "tab", "tab-item"}
_INDENT = 4
_MAX_CHARS = 500
"""No mark that has a line of its own is in a longer one."""
_MAX_MARKED_CHARS = 10_000
_FENCE = re.compile(r"(?P<indent>\s*)(?P<mark>`{3,}|~{3,})(?:\{(?P<box>[\w-]+)\})?(?P<rest>[^`]*)$")
_INDENTED_BOX = re.compile(
    r"(?P<indent>\s*)(?:(?:!!!|\?\?\?\+?)\s+(?P<name>[\w-]+)[\w -]*(?P<title>\".*\")?|===[!+]?\s+(?P<tab>\".*\"))\s*$"
)
_COLON_BOX = re.compile(
    r"(?P<indent>\s*):{3,}\s*\{?\.?(?:callout-)?(?P<name>[A-Za-z][\w-]*)[^\s\[\]]*"
    r"(?:\[(?P<bracketed>.*)\]|\s+(?P<title>[^{}]*))?(?:\{?[^{}]*\})?\s*$"
)
_COLONS = re.compile(r"\s*:{3,}\s*$")
_QUOTED_BOX = re.compile(r"(?P<quote>\s*(?:>\s*)+)\[!(?P<name>\w+)\](?P<fold>[+-])?\s*(?P<title>.*)$")
_SHORTCODE = re.compile(
    r"(?P<indent>\s*)\{(?:\{[<%]|%-?)\s*(?P<name>/?\s*[\w/.-]*)(?P<rest>(?:(?![%>]\}).)*?)\s*(?:[%>]\}|-?%)\}\s*$"
)
_MARK_IN_LINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`))"
    r"|\{%-?\s*comment\b[^{}]*\}.*?\{%-?\s*endcomment\b[^{}]*\}"
    r"|\[(?P<label>[^\[\]]+)\]\((?:[^(){}\s]*\{(?!%-?\s*\w+\s+\"[^\"\s]+\"\s*%\}\))[{%][^{}()]*\}+)+[^(){}\s]*\)"
    r"|\{%-?\s*(?!(?:include|import|extends|load|render|from|block|link|url|static|asset)\b)\w+\s+(?:\"[^\"{}]*\"\s+){0,3}\"(?P<said>[^\"{}]*)\"\s*-?%\}"
    r"|\{%-?\s*(?:end)?(?:if|unless|for|case|capture|raw|tab|hint|blocktrans|highlight)\b[^{}]*\}"
    r"|\{%-?\s*(?:elsif|elif|else|when|assign|set)\b[^{}]*\}"
    r"|\{\{(?P<open>[<%])\s*/?\s*\w[^{}\"]*(?:\"[^\"]*\"[^{}\"]*)*[%>]\}\}"
)
"""What stands around words in a line, for the machine. Values such as `{{ name }}` are not known, and stay."""
_NAMED = re.compile(r"\b(?:title|header|summary|label|name)\s*=\s*(?P<mark>[\"'])(?P<title>.*?)(?P=mark)")
_GIVEN = re.compile(r"\b(?:content|text)\s*=\s*(?P<mark>[\"'])(?P<title>.*?)(?P=mark)")
_STRING = re.compile(r"[\"'](?P<title>[^\"']+)[\"']")
_CONTENTS = re.compile(r"\s*(?:\[TOC\]|\[\[_?TOC_?\]\]|\[\[_TOSP_\]\]|\{:\s*toc[^{}]*\})\s*$", re.IGNORECASE)
_CONTENTS_BELOW = re.compile(r"\s*(?:[-*+]|1\.)\s+\S+\s*$")
_ATTRIBUTES = re.compile(r"(?:^|[ \t]+|(?<=[)\]]))\{:?[ \t]*(?:[:#.][\w-]|[\w-]+=[\"'])[^{}]*\}[ \t]*$")
_IMPORT = re.compile(r"import\s(?:[\w{}*,\s]+\sfrom\s+)?(?P<mark>[\"'])[^\"']+(?P=mark);?\s*$")
_EXPORT = re.compile(r"(?:export\s(?:default|const|let|function)\b.*[={(,]|import\s\{[^}]*)\s*$|export\sconst\s\w+\s*=")
_COMMENT = re.compile(r"\s*\{%-?\s*comment\b[^{}]*\}(?!.*\bendcomment\b)")
_DIAGRAM = re.compile(r"\s*:::\s*mermaid\s*$")
_OPTION = re.compile(r"\s*:[\w-]+:")


_DEEPEST = 20
"""Components in components; further inside, their tags alone go."""


def plain_lines(lines: Sequence[str], *, depth: int = 0) -> Iterator[str]:
    """The lines without what only a generator of sites understands; code as it is."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if len(line) > _MAX_CHARS:
            yield _without_marks(line)
            at += 1
        elif fence := _FENCE.match(line):
            end = _fence_end(lines, at, fence)
            is_box = fence["box"] in _BOXES
            yield from _box(fence, fence["rest"], lines[at + 1 : end - 1]) if is_box else lines[at:end]
            at = end
        elif (box := _INDENTED_BOX.match(line)) and (end := _indented_end(lines, at, len(box["indent"]))) > at + 1:
            body = [within.removeprefix(" " * _INDENT) for within in lines[at + 1 : end]]
            yield from _box(box, (box["title"] or box["tab"] or "").strip('"'), body)
            at = end
        elif component := find_component(lines, at) if depth < _DEEPEST else None:
            yield from _component(component, depth)
            at = component.end
        elif _EXPORT.match(line):
            at = next((end for end in range(at + 1, len(lines)) if not lines[end].strip()), len(lines))
        elif _COMMENT.match(line):
            at = next((end + 1 for end in range(at, len(lines)) if "endcomment" in lines[end]), len(lines))
        elif _DIAGRAM.match(line):
            end = next((end for end in range(at + 1, len(lines)) if _COLONS.match(lines[end])), len(lines))
            yield from ("```mermaid", *lines[at + 1 : end], "```")
            at = end + 1
        else:
            is_contents = _CONTENTS_BELOW.match(line) and any(map(_CONTENTS.match, lines[at + 1 : at + 2]))
            yield from () if is_contents else _plain_line(line)
            at += 1


def _plain_line(line: str) -> Iterator[str]:
    if box := _QUOTED_BOX.match(line):
        label = _label((box["title"] if box["fold"] else "") or box["name"].capitalize())
        yield f"{box['quote']}{label}" if box["fold"] else f"{box['quote']}{label} {box['title']}".rstrip()
    elif box := _COLON_BOX.match(line):
        name = box["name"].casefold()
        title = (box["bracketed"] or box["title"] or "").strip() if name in _BOXES | _FOLDS else ""
        yield from _labelled(box["indent"], title or (name.capitalize() if name in _BOXES else ""))
    elif code := _SHORTCODE.match(line):
        yield from _shortcode(code)
    elif not any(mark.match(line) for mark in (_COLONS, _CONTENTS, _IMPORT)):
        kept = _ATTRIBUTES.sub("", _without_marks(line))
        yield from [kept] if kept or not line else []


def _without_marks(line: str) -> str:
    is_marked = ("{%" in line or "{{" in line) and len(line) < _MAX_MARKED_CHARS
    return _MARK_IN_LINE.sub(_around, line) if is_marked else line


def _around(mark: re.Match[str]) -> str:
    """Code as it is, the words of a link whose address only the machine knows, and those that a mark is given."""
    return mark["code"] or mark["label"] or mark["said"] or ""


def _component(component: Component, depth: int) -> Iterator[str]:
    """Under its title, or under what kind of box it is."""
    kinds = (component.kind.casefold(), component.name.casefold())
    title = component.title or next((kind.capitalize() for kind in kinds if kind in _BOXES), "")
    yield ""
    yield from _labelled(component.indent, title)
    yield from plain_lines(component.lines, depth=depth + 1)
    yield ""


def _shortcode(code: re.Match[str]) -> Iterator[str]:
    name = code["name"].replace(" ", "")
    if name.endswith("highlight"):
        language = "" if name.startswith(("/", "end")) else code["rest"].strip().split(" ")[0]
        yield f"{code['indent']}```{language}"
        return
    title = _title(code["rest"], _NAMED) or (_title(code["rest"], _STRING) if name in _FOLDS else "")
    yield from _labelled(code["indent"], title)
    if name.startswith("include") and (said := _title(code["rest"], _GIVEN)):
        yield f"{code['indent']}{said}"


def _title(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text)
    return found["title"].strip() if found else ""


def _box(opening: re.Match[str], title: str, body: Sequence[str]) -> Iterator[str]:
    groups = opening.groupdict()
    name = groups.get("name") or groups.get("box") or ""
    without_options = [line for line in body if not _OPTION.match(line)] if groups.get("box") else body
    label = _label(title.strip() or name.replace("-", " ").capitalize())
    inside = "\n".join(plain_lines(without_options)).strip("\n").split("\n")
    yield from ("", f"{opening['indent']}{label}", "", *inside, "")


def _labelled(indent: str, title: str) -> Iterator[str]:
    """A title on a line of its own, and none for an empty one."""
    if title:
        yield from ("", f"{indent}{_label(title)}", "")


def _label(title: str) -> str:
    """In bold, with a colon where nothing else ends it: what it stands above goes with it."""
    return f"**{title}**" if title[-1] in ".?!:" else f"**{title}**:"


def _fence_end(lines: Sequence[str], at: int, fence: re.Match[str]) -> int:
    closing = re.compile(rf"\s*{re.escape(fence['mark'])}{re.escape(fence['mark'][0])}*\s*$")
    return next((number + 1 for number in range(at + 1, len(lines)) if closing.match(lines[number])), len(lines))


def _indented_end(lines: Sequence[str], at: int, indent: int) -> int:
    """The end of what is indented below a line; blank lines belong to it where more of it follows."""
    end = at + 1
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) < indent + _INDENT:
            break
        end = number + 1
    return end
