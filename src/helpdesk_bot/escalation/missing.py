"""What the bot did not find, in one plain sentence that is true: from the question's own words and what was read."""

import re
from collections.abc import Sequence

from helpdesk_bot.escalation.case import Cause
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, stem
from knowledge.passages import Passage

MAX_WORDS = 3
_WORD = re.compile(r"[^\W_][\w'-]*")


def describe_missing(cause: Cause, question: str, readable: Sequence[Passage]) -> str:
    """`readable` are the passages that were tried, as far as the people's channel may read them, with their texts.

    Names no passage: only words of the question that none of them holds.
    """
    if cause is Cause.ASKED:
        return "They asked for a person."
    if cause is Cause.NOT_HELPFUL:
        return "My answer did not help."
    if not readable:
        return "I found no page about this that everyone here may read."
    unknown = _unknown_words(question, readable)
    if not unknown:
        return "I found pages on this, but no sentence in them that answers it."
    return f"I found pages that come close, but none that says anything about {_in_words(unknown)}."


def _unknown_words(question: str, passages: Sequence[Passage]) -> list[str]:
    """Words of the question, as they were written, that no passage holds; at most `MAX_WORDS`, in order."""
    wanted = set(content_stems(question)) - GENERIC_STEMS
    held = {stem for passage in passages for stem in content_stems(_whole(passage))}
    unknown: dict[str, str] = {}
    for match in _WORD.finditer(question):
        root = stem(match[0].casefold())
        if root in wanted and root not in held:
            unknown.setdefault(root, match[0])
    return list(unknown.values())[:MAX_WORDS]


def _whole(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading_path, passage.text))


def _in_words(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
