"""Whether to ask back, about what, and what the answer to that means."""

import re
from collections.abc import Sequence

from helpdesk_bot.agent.evidence import whole_text
from helpdesk_bot.agent.question.contrasts import are_siblings, contrasted_terms
from helpdesk_bot.events import Turn
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, covered, stem, words
from knowledge.passages import Passage

MAX_TOPICS = 4
MAX_TOPIC_WORDS = 3
"""`printer`, `vpn please`, `help with outlook`."""
GOOD = 0.5
"""The least coverage of the question for a document to be worth asking back about."""
AS_GOOD = 0.05
"""Documents whose likeness and coverage differ by no more than this are equally good."""

_WORDS_OF_COMPLAINT = """
no broken failed error stuck trouble weird strange slow nothing everything wrong incorrect right
today now yesterday morning
"""
_COMPLAINTS = frozenset(map(stem, _WORDS_OF_COMPLAINT.split()))
"""Stems that say that something is wrong, and since when, but not with what."""
_TOPIC = re.compile(r"^\d+\. \*(.+)\*$", re.MULTILINE)
_POINTED_AT = re.compile(
    r"\b(?:(?:this|these|those)|(?:in|for|of|on|to|about|with|at|from|is|does|did|has) that) "
    r"(?:(?:particular|specific|certain|type of|kind of|type|kind) )?"
    r"(?P<thing>(?!(?:is|are|was|were|will|can|could|would|should|has|have|had|do|does|did|in|on|for|to|at|with|by|too|"
    r"also|and|or|but|if|about|way|case|work|works|means|mean|happens?|time|year|month|week|day|morning|page|"
    r"information|question|answer|thing|stuff|one|ones|all|much|many|long|well|somewhere|"
    r"bot|chat|channel|thread|conversation)\b|\w+ed\b)[^\W\d_]{3,})",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\W*(?:is|are|can|may|do|does|did|was|has|have|who|what|when|where|why|which)\b(?!['\u2019]t)", re.IGNORECASE
)
_SAYS_HOW_IT_IS = re.compile(r"\b(?:is|are|was|were) (?:still |always |all )?(?:off|out|on)\b", re.IGNORECASE)
"""`Heating is off` is no mere topic, though `heating` is its only telling word."""
_QUOTED = re.compile(r"[\"\u201c][^\"\u201c\u201d]+[\"\u201d]|`[^`]+`")
_CHOICE = re.compile(
    r"\W*(?:(?:the|number|option|no\.?) )*(?P<choice>\d|first|second|third|fourth|last)(?: (?:one|option|please))*\W*",
    re.IGNORECASE,
)
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4}
MAX_REPLY_WORDS = 6
"""A longer reply to a question of ours is a question of its own."""


def says_too_little(question: str) -> bool:
    """Whether the question names nothing at all: `it doesn't work`, `I have a problem`."""
    return not set(content_stems(question)) - GENERIC_STEMS - _COMPLAINTS


def unnamed_thing(question: str, said: Sequence[str]) -> str | None:
    """What a question points at that nobody named: `county` in `is this county known for its parks?`; else None.

    `said` is what was said before. Who writes `this printer` in a first message has one in mind; whether that matters
    is for the evidence to say. What stands in quotation marks, such as the text of an error, points at nothing.
    """
    before = set(content_stems(" ".join(said)))
    own = _QUOTED.sub(" ", question)
    for found in _POINTED_AT.finditer(own):
        if stem(found["thing"].casefold()) not in before and not _is_named(own, found):
            return found["thing"].casefold()
    return None


def _is_named(question: str, found: re.Match[str]) -> bool:
    """Whether the question says which one: `the issue with Outlook: does this issue ...`."""
    return found["thing"].casefold() in question[: found.start()].casefold()


def candidate_topics(question: str, passages: Sequence[Passage]) -> list[str]:
    """Titles to choose from, best first, at least two; empty where the question is clear enough.

    A word or two are a topic, unless they ask: all that holds them is a candidate. A longer question is unclear where
    equally good documents differ in something it doesn't say, such as VPN on macOS and VPN on Windows.
    """
    documents = _best_of_each_document(passages)
    asked = set(content_stems(question)) - GENERIC_STEMS
    is_sentence = _ASKS.match(question) or _SAYS_HOW_IT_IS.search(question)
    if len(asked) == 1 and len(words(question)) <= MAX_TOPIC_WORDS and not is_sentence:
        candidates = [one for one in documents if covered(asked, set(content_stems(whole_text(one)))) == 1.0]
    else:
        candidates = _siblings(question, documents)
    titles = list(dict.fromkeys(passage.title for passage in candidates))[:MAX_TOPICS]
    return titles if len(titles) > 1 else []


def picked(reply: str, asked_back: Turn) -> str | None:
    """What a reply to a question of ours means: the question that was asked about, made precise; else None.

    `2`, `the second one` and words of just one of the topics pick that topic.
    """
    topics: list[str] = _TOPIC.findall(asked_back.answer)
    said = set(content_stems(reply))
    if choice := _CHOICE.fullmatch(reply):
        return _precise(asked_back, topics, _number(choice["choice"].casefold(), len(topics)))
    named = [number for number, topic in enumerate(topics, start=1) if said and said <= set(content_stems(topic))]
    if len(named) == 1:
        return _precise(asked_back, topics, named[0])
    is_detail = not topics and 0 < len(said) <= MAX_REPLY_WORDS
    return f"{asked_back.question.rstrip('?! .')}: {reply}" if is_detail else None


def _precise(asked_back: Turn, topics: Sequence[str], number: int) -> str | None:
    known = 1 <= number <= len(topics)
    return f"{asked_back.question.rstrip('?! .')}: {topics[number - 1]}" if known else None


def _number(choice: str, topics: int) -> int:
    return topics if choice == "last" else _ORDER.get(choice) or int(choice)


def _best_of_each_document(passages: Sequence[Passage]) -> list[Passage]:
    best: dict[int, Passage] = {}
    for passage in passages:
        best.setdefault(passage.document_id, passage)
    return list(best.values())


def _siblings(question: str, documents: Sequence[Passage]) -> list[Passage]:
    if not documents or contrasted_terms(question).keys() & contrasted_terms(documents[0].title).keys():
        return []
    first = documents[0]
    return [
        first,
        *(one for one in documents[1:] if are_siblings(first.title, one.title) and _as_good(question, one, first)),
    ]


def _as_good(question: str, one: Passage, first: Passage) -> bool:
    asked = set(content_stems(question))
    coverage = [covered(asked, set(content_stems(whole_text(passage)))) for passage in (one, first)]
    likeness = [passage.scores.dense or 0.0 for passage in (one, first)]
    are_good = min(coverage) >= GOOD
    return are_good and coverage[0] >= coverage[1] - AS_GOOD and likeness[0] >= likeness[1] - AS_GOOD
