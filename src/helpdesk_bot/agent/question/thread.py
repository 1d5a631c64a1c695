"""What people said in the thread before a question: context to understand it by, never instructions.

Other people wrote it, so it goes into the search for passages and, fenced, to the model that rewrites questions;
never into an answer.
"""

import itertools
import re
from collections.abc import Sequence

from helpdesk_bot.events import Said
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems
from helpdesk_bot.listening import judge, says_enough

MAX_MESSAGES = 60
"""Of a thread, the newest, and always its first."""
MAX_CHARACTERS = 6_000
"""Of all messages together, the newest first."""
MAX_ANTECEDENT = 300

_ONLY_POINTS = re.compile(
    r"\W*(?:(?:please|pls|hi|hey|hello|and|ok|so|bitte)\W+)*(?:(?:can|could|would) you (?:please )?)?"
    r"(?:help(?: (?:me|us|him|her|them|out|here|please|with (?:this|that|it)))*|"
    r"any (?:ideas?|clue|thoughts|advice|suggestions?)|thoughts|ideas?|do you know|you know this|see above|this|"
    r"what (?:about|do you (?:think|say)(?: (?:about|to))?) (?:this|that|it)|"
    r"(?:answer|check|explain|look at|see|read) (?:this|that|it|the (?:above|thread|question)|above)|"
    r"(?:kannst du )?(?:hier |uns |mir )*helfen|irgendwelche ideen|eine idee|was meinst du|weißt du (?:das|was))"
    r"(?:\W+please|\W+bitte)?\W*",
    re.IGNORECASE,
)


def within_budget(thread: Sequence[Said], *, message_id: str) -> tuple[Said, ...]:
    """What was said before this message, oldest first: the newest that fit, and the thread's first message."""
    before = itertools.takewhile(lambda said: said.message_id != message_id, thread)
    earlier = [said for said in before if said.text.strip()]
    if not earlier:
        return ()
    first, rest = earlier[0], earlier[1:][-(MAX_MESSAGES - 1) :]
    left = MAX_CHARACTERS - len(first.text)
    kept: list[Said] = []
    for said in reversed(rest):
        left -= len(said.text)
        if left < 0:
            break
        kept.append(said)
    return (first, *reversed(kept))


def find_antecedent(thread: Sequence[Said]) -> str | None:
    """What people talked about last that a question can lean on, since we spoke last; None where there is nothing.

    The newest message that asks something, else the newest one that says something.
    """
    ours = [at for at, said in enumerate(thread) if said.is_ours]
    since = [said.text for said in thread[ours[-1] + 1 if ours else 0 :] if _says_something(said.text)]
    asking = [text for text in since if judge(text).is_question]
    found = (asking or since)[-1:] or [None]
    return " ".join(found[0].split())[:MAX_ANTECEDENT].rstrip("?! .") if found[0] else None


def only_points(question: str) -> bool:
    """Whether a message says nothing of its own but points at what stands above: `any ideas?`, `can you help?`"""
    return bool(_ONLY_POINTS.fullmatch(question))


def _says_something(text: str) -> bool:
    return len(set(content_stems(text)) - GENERIC_STEMS) > 1 and not says_enough(text)
