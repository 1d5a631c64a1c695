"""Elements of HTML inside lines of Markdown: what they mean to readers, without their tags.

Placeholders such as `<user>` look like elements and stay: known are names of HTML, and components with attributes.
"""

import re

from connectors.text.html.writer import raised

_CODE = r"(?P<code>(?<!`)(?P<ticks>`++).*?(?<!`)(?P=ticks)(?!`))"
_ELEMENT = re.compile(
    _CODE + r"|(?i:"
    r"<a\s[^<>]*?href=[\"'](?P<address>[^\"'<>\s]+)[\"'][^<>]*>(?P<label>[^<>\n]+)</a>"
    r"|<(?P<key>kbd|code|tt|samp)(?:\s[^<>]*)?>(?P<keyed>[^<>`\n]+)</(?P=key)>"
    r"|<sup>(?P<power>[^<>\n]*)</sup>"
    r"|(?P<next>(?:</li>\s*)?<li(?:\s[^<>]*)?>)"
    r"|[ \t]+</\w+>(?=[*_])"  # bold ends behind a word, not behind a space
    r"|(?P<break><br\s*/?>)[ \t]*\n?"
    r"|(?P<end></(?:p|div|li|ol|ul)>)"
    r"|</?(?:a|abbr|b|big|center|cite|code|div|dfn|em|figcaption|figure|font|i|img|ins|kbd|li|mark|ol|p|q|s|samp|small"
    r"|span|strike|strong|sub|sup|tt|u|ul|var|wbr)(?:\s[^<>]*)?/?>"
    r")|<[A-Z][a-z]\w*(?:\s[^<>]*=[^<>]*|\s*/)>|</[A-Z][a-z][\w.]*>|<[A-Z][a-z]\w*\.[A-Z]\w*>",
    re.DOTALL,
)


def without_elements(text: str, *, breaks: str) -> str:
    """Markdown with links, keys and powers for elements that are those, and `breaks` for breaks of the line."""
    return _ELEMENT.sub(lambda found: _seen(found, breaks), text) if "<" in text else text


def _seen(found: re.Match[str], breaks: str) -> str:
    if found["label"]:
        return f"[{found['label'].strip()}]({found['address']})"
    if found["keyed"]:
        return f"`{found['keyed'].strip()}`"
    if found["next"]:
        before = found.string[max(found.start() - 2, 0) : found.start()].strip()
        return "" if before[-1:] in {"", "|", ">"} else "; "
    if found["break"]:
        return breaks
    if found["end"]:
        return " "
    return found["code"] or raised(found["power"] or "")
