"""Things that a question names and nothing found speaks of: `my Salesforce password`, `a smartwatch`, `the 3d printer`.

What is found is then about something alike, and has to be the more probable.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from helpdesk_bot.agent.evidence import whole_text
from helpdesk_bot.agent.question.contrasts import programs_in
from helpdesk_bot.guard.words import GENERIC_STEMS, STOP_WORDS, content_stems, stem, words
from knowledge.passages import Passage
from knowledge.spelling import SHORTHAND

UNHEARD = 0.6
"""What is left of the probability then. Of the starter's and WorkArena's questions that were answered, those that named
such a thing were wrong below 0.65 and right above it, but for two."""

_A_THING = re.compile(
    r"(?:\A\W*|\b(?:(?P<determiner>my|our|your|the|an?|this|that|another|any|new|old|own|work|private)|on|in|into|to|for|"
    r"with|from|via|of|install|use|using|get|open)\s+)(?=(?P<thing>[^\W_][\w'-]*))",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:my|our|the|into|in|to|on|use|using|open)\s+(?P<name>[A-Z][\w-]+)")
_CODE = re.compile(r"(?=\d*[a-z])(?=[a-z]*\d)[a-z\d]{2,8}")
_QUANTITY = re.compile(r"\d+(?:st|nd|rd|th|[a-z]?b|bits?|[ap]m|g?hz|[hmskx]|k[mg]|cm|mm|min|mins|hrs?|days?|eur|p)")
_NO_NOUN = re.compile(r".*(?:ing|ed|ly)")


def names_something_unheard(question: str, passages: Sequence[Passage], *, is_unusual: Callable[[str], bool]) -> bool:
    """Whether nothing found holds the name of a thing, or the best document that of a program, that the question has.

    `is_unusual` tells names of products from ordinary words, which a page may well put otherwise.
    """
    held = {one for passage in passages for one in content_stems(whole_text(passage))}
    if any(stem(word) not in held and (_is_code(word) or is_unusual(word)) for word in _things(question)):
        return True
    of_the_best = {
        one for passage in passages if _is_of_the_best(passage, passages) for one in words(whole_text(passage))
    }
    return not of_the_best.issuperset(programs_in(question))


def names_another_system(around: str, passages: Sequence[Passage], *, is_unusual: Callable[[str], bool]) -> bool:
    """Whether what stands beside a question names something in capitals that nothing found holds: `I can't get into
    Salesforce. How do I reset my password?`
    """
    held = {one for passage in passages for one in content_stems(whole_text(passage))}
    named = {word for found in _NAMED.finditer(around) for word in words(found["name"])}
    return any(stem(word) not in held and is_unusual(word) for word in named)


def _things(question: str) -> Iterator[str]:
    for found in _A_THING.finditer(question):
        thing = found["thing"]
        if thing[0].isupper() and found.start("thing") and not found["determiner"]:
            continue  # `for Ana`, `in Dundee`: whom and where pages don't name
        for word in words(thing)[:1]:
            if (
                len(word) > 1
                and word not in STOP_WORDS | SHORTHAND.keys()
                and stem(word) not in GENERIC_STEMS
                and not _NO_NOUN.fullmatch(word)
            ):
                yield word


def _is_code(word: str) -> bool:
    return bool(_CODE.fullmatch(word)) and not _QUANTITY.fullmatch(word)


def _is_of_the_best(passage: Passage, passages: Sequence[Passage]) -> bool:
    return passage.document_id == passages[0].document_id
