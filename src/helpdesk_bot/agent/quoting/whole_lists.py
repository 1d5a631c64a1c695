"""Lists that lie in two chunks, put together again: half of the steps help nobody."""

import re
from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent.quoting.blocks import Kind, blocks
from knowledge.passages import Passage

MAX_BESIDE = 3
"""Chunks on either side over which a list is looked for."""

_ENTRY = re.compile(r"^(?P<mark>[-*+\u2022]|(?P<number>\d{1,3})[.)])[ \t]", re.MULTILINE)


def is_cut(passage: Passage, step: int) -> bool:
    """Whether a passage begins (-1) or ends (1) with a list that may go on in the chunk before or behind it."""
    if step < 0:
        return bool(passage.place and _ENTRY.match(passage.text))
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


def is_of_steps(passage: Passage) -> bool:
    """Whether nothing but numbered entries stands in it: the list may go on in the next chunk, and all are needed."""
    first = _ENTRY.match(passage.text)
    return bool(first and first["number"]) and len(blocks(passage.text)) == 1


def without_parts(passages: Sequence[Passage]) -> list[Passage]:
    """Each in the place of the first that is a part of it: chunks of one list are that list after they were joined."""
    wholes = [
        max((one for one in passages if part.text in one.text), key=lambda one: len(one.text)) for part in passages
    ]
    return list({one.chunk_id: one for one in wholes}.values())


def _goes_on(list_before: str, text: str) -> bool:
    """Whether a text begins with the entry that follows the last one of a list."""
    following = _ENTRY.match(text)
    last = list(_ENTRY.finditer(list_before))[-1:]
    if not following or not last:
        return False
    if following["number"] and last[0]["number"]:
        is_counted_by_the_reader = following["number"] == last[0]["number"] == "1"
        return is_counted_by_the_reader or int(following["number"]) == int(last[0]["number"]) + 1
    return following["mark"] == last[0]["mark"]
