"""A table of which only the rows that answer are quoted, always under its header."""

import re
from collections.abc import Set as AbstractSet

from helpdesk_bot.guard.words import content_stems

MIN_ROWS = 4
"""A shorter table is quoted whole."""

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


def rows_for(asked: AbstractSet[str], table: str) -> str:
    """The table without the rows that hold fewer of the asked stems than others, header and lead kept.

    Whole unless a minority of its rows holds every asked stem that any row holds: a guess would cost the answer.
    """
    lines = table.split("\n")
    rule = next((number for number, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    if rule is None:
        return table
    rows = lines[rule + 1 :]
    held = {stem for row in rows for stem in content_stems(row)} & asked
    chosen = [row for row in rows if held <= set(content_stems(row))]
    if not held or len(rows) < MIN_ROWS or not 0 < len(chosen) <= len(rows) / 2:
        return table
    return "\n".join([*lines[: rule + 1], *chosen])
