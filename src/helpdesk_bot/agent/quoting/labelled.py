"""Lists of which each entry has a label, as `**Mac:** ...`: only the entries that are asked for are quoted."""

import re
from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent.quoting.blocks import Block, Kind
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, rarity, stem
from knowledge.passages import Passage

MIN_ENTRIES = 3
"""A shorter list is quoted whole."""

_PHONES = frozenset(map(stem, ("iphone", "android", "ios", "mobile")))
"""A label with one of these is about a phone."""

_LABELLED = re.compile(r"[-*+][ \t]+(?:\*\*|__)(?P<label>[^*_\n]{1,120})(?:\*\*|__)")
_ENTRY = re.compile(r"^(?=[-*+][ \t])", re.MULTILINE)


def with_entries_asked(
    question: str, passages: Sequence[Passage], parsed: Sequence[Sequence[Block]]
) -> list[list[Block]]:
    """The blocks of each passage, of labelled lists only the entries with the labels that the question names best.

    Where it names no label, those that hold all of it, as `Dropbox` stands in one of several problems; whole where
    title and headings say some of it, or nothing tells entries apart. What they say is what the whole list is about.
    """
    asked = set(content_stems(question))
    return [
        [_shortened(block, asked, above=_stems_above(passage, block)) for block in found]
        for passage, found in zip(passages, parsed, strict=True)
    ]


def _shortened(block: Block, asked: set[str], *, above: set[str]) -> Block:
    lead, *entries = _ENTRY.split(block.text) if block.kind is Kind.LIST else [block.text]
    labels = [found["label"] for entry in entries if (found := _LABELLED.match(entry))]
    if len(entries) < MIN_ENTRIES or len(labels) < len(entries):
        return block
    kept = _asked_for(asked - above, [_stems_of(label) for label in labels])
    if not kept and asked.isdisjoint(above - GENERIC_STEMS):
        kept = _holding(asked - GENERIC_STEMS, entries)
    return replace(block, text=f"{lead}{''.join(entries[one] for one in kept)}".rstrip()) if kept else block


def _asked_for(asked: set[str], entries: Sequence[set[str]]) -> list[int]:
    """The places of those that hold the most of what tells them apart; none where nothing does."""
    held = [asked & entry for entry in entries]
    telling = {one for one in asked if 0 < sum(one in stems for stems in held) < len(entries) / 2}
    worth = [sum(map(rarity, one & telling)) for one in held]
    best = max(worth)
    return [place for place, one in enumerate(worth) if one == best] if best else []


def _holding(asked: set[str], entries: Sequence[str]) -> list[int]:
    """The places of the few that hold all that is asked."""
    kept = [place for place, entry in enumerate(entries) if asked and asked <= set(content_stems(entry))]
    return kept if len(kept) < len(entries) / 2 else []


def _stems_of(label: str) -> set[str]:
    stems = set(content_stems(label))
    return stems if stems.isdisjoint(_PHONES) else stems | {stem("phone")}


def _stems_above(passage: Passage, block: Block) -> set[str]:
    return set(content_stems(" ".join([passage.title, *passage.heading_path, block.under])))
