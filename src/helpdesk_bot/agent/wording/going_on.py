"""The second try of an answer whose beginning its reader has seen: that stays, and the rest is put behind it."""

import re

from helpdesk_bot.agent.compose import Begun

_LIST_ENTRY = re.compile(r"\s*(?:[-*+\u2022]|\d{1,3}[.)])\s")
_BLOCK = re.compile(r"\s*(?:#|\||>|`{3}|~{3})")


def gone_on(begun: Begun | None, reply: str) -> str:
    """The whole answer, of a reply that may be only half here; one that writes the beginning again is not doubled."""
    if begun is None:
        return reply
    rest = reply.lstrip()
    words = begun.text.split()
    if again := re.match(r"\s+".join(map(re.escape, words)), rest):
        return begun.text + rest[again.end() :]
    if " ".join(words).startswith(" ".join(rest.split())):
        return begun.text
    return f"{begun.text.rstrip()}{_joint(begun.text, rest)}{rest}"


def _joint(before: str, rest: str) -> str:
    """What stands between: list entries go on in their list, sentences in their paragraph, all else begins anew."""
    last = before.rstrip().rpartition("\n")[2]
    is_listed, goes_on_listed = bool(_LIST_ENTRY.match(last)), bool(_LIST_ENTRY.match(rest))
    if is_listed and goes_on_listed:
        return "\n"
    has_ended = before.endswith("\n") or is_listed or goes_on_listed
    return "\n\n" if has_ended or _BLOCK.match(last) or _BLOCK.match(rest) else " "
