"""Lists that lie in two chunks, put together again: half of the steps help nobody."""

import re
from dataclasses import replace

from helpdesk_bot.agent.quoting.blocks import Kind, blocks
from knowledge.passages import Passage

_ENTRY = re.compile(r"^(?P<mark>[-*+\u2022]|(?P<number>\d{1,3})[.)])[ \t]", re.MULTILINE)


def is_cut(passage: Passage, step: int) -> bool:
    """Whether a passage begins (-1) or ends (1) with a list that may go on in the chunk before or behind it."""
    if step < 0:
        first = _ENTRY.match(passage.text)
        return bool(passage.place and first and first["number"] not in {"0", "1"})
    found = blocks(passage.text)
    return bool(found) and found[-1].kind is Kind.LIST


def with_list(passage: Passage, beside: Passage, step: int) -> Passage:
    """The passage with the rest of its list, which stands in the chunk before (-1) or behind (1) it; as it was where
    the one does not go on with the other.
    """
    before, behind = (beside, passage) if step < 0 else (passage, beside)
    first, last = blocks(before.text), blocks(behind.text)
    if before.heading_path != behind.heading_path or not first or not last:
        return passage
    head, tail = first[-1], last[0]
    if head.kind is not Kind.LIST or tail.kind is not Kind.LIST or not _goes_on(head.text, behind.text):
        return passage
    return replace(
        passage, text=f"{head.text if step < 0 else before.text.rstrip()}\n{behind.text if step < 0 else tail.text}"
    )


def _goes_on(list_before: str, text: str) -> bool:
    """Whether a text begins with the entry that follows the last one of a list."""
    following = _ENTRY.match(text)
    last = list(_ENTRY.finditer(list_before))[-1:]
    if not following or not last:
        return False
    if following["number"] and last[0]["number"]:
        return int(following["number"]) == int(last[0]["number"]) + 1
    return following["mark"] == last[0]["mark"]
