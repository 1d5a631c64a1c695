"""What a message asks that tells a story around it: `I started on Monday. ... So how do I get onto the VPN?`"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk_bot.agent.message.courtesy import without_courtesies
from helpdesk_bot.agent.question.contrasts import systems_in
from helpdesk_bot.agent.quoting.lead import is_in_trouble
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, sentences, stem, words

MAX_POINTS = 3
"""A message that asks for more is looked for as a whole."""

FEWEST_WORDS = 3

MAX_WORDS = 25
"""Of a sentence more than its last clause may be what is asked."""

_QUESTION_WORDS = (
    r"(?:(?:(?:until|since|after|before|from|at|in|for|on|to|with|by) )?(?:how|what|which|when|whom)(?:'?s)?|"
    r"where|who|whose|why|can|could|do|does|did|is|are|am|should|would|may|must|will)"
)
_LINKS = r"(?:(?:and|also|so|but|then|plus|anyway|now|well|ok(?:ay)?|basically|please|yes|sorry)\b[\s,.:;-]*)*"
_ANNOUNCED = (
    r"(?:(?:my|the|our|one|another|main|only|real|actual|first) )+(?:question|problem|issue|thing)"
    r"(?: (?:now|here|today|for you))?(?: (?:is|would be|was))?[\s,:;-]*(?:this[\s:,-]+)?(?:(?:if|whether|that) )?"
)
_OPENING = re.compile(rf"{_LINKS}(?:{_ANNOUNCED})?{_LINKS}", re.IGNORECASE)
_ASKS = re.compile(rf"{_QUESTION_WORDS}\b(?!\s+(?:if|about)\b)", re.IGNORECASE)
_ASKS_LATE = re.compile(
    rf"[,:;\u2013\u2014-]\s+{_LINKS}(?={_QUESTION_WORDS}\b(?:['\u2019]s)?\s+\w[^,:;]*\?$)", re.IGNORECASE
)
_WANTS = re.compile(
    r"\b(?:i|we)(?:\s+(?:just|really|still|also|urgently|now))*\s*"
    r"(?:(?:need|want|have|tried?|try|wish|hope)\s+to|(?:'d|\u2019d| would) (?:like|love|need) to|"
    r"(?:'m|\u2019m| am|'re|\u2019re| are) (?:trying to|looking for|unable to|not able to)|"
    r"can(?:'t|\u2019t|not)| can not|need|lost|forgot)\s",
    re.IGNORECASE,
)
"""What somebody wants or can't do: a request without a question mark."""
_REASON = re.compile(r"\s*,?\s*\b(?:because|since|as (?:i|we|my|the)|so that|which|due to)\b.*", re.IGNORECASE)
_PEOPLE_AND_ADVICE = "anybody anyone somebody someone everybody idea advice hint tip suggestion"
_OF_ASKING = frozenset(map(stem, _PEOPLE_AND_ADVICE.split()))
_POINTS = re.compile(r"\b(?:it|this|that|these|those|they|them)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Point:
    question: str
    """By itself; with the system that the story names, where the question names none of its kind."""
    around: str
    """With the sentences beside it, whose names count: `I can't get into Salesforce. How do I reset my password?`"""


def find_points(message: str) -> tuple[Point, ...]:
    """What a message of several sentences asks, each question by itself; empty where it asks nothing so, or a lot."""
    return _points_in(message, (_question_in,))


def find_matters(message: str) -> tuple[Point, ...]:
    """What the writer of such a message wants, and what went wrong: one of these is what the message is about."""
    return _points_in(message, (_request_in, _trouble_in))


def _points_in(message: str, reads: Sequence[Callable[[str], str | None]]) -> tuple[Point, ...]:
    told = sentences(message)
    asked = {
        place: found
        for place, sentence in enumerate(told)
        if (found := next(filter(None, (read(sentence) for read in reads)), None)) and _names_something(found)
    }
    return tuple(_point(told, *one) for one in asked.items()) if len(told) > 1 and len(asked) <= MAX_POINTS else ()


def _point(told: Sequence[str], place: int, asked: str) -> Point:
    question = without_courtesies(asked)
    own = systems_in(question)
    missing = [system for kind, system in systems_in(" ".join(told)).items() if kind not in own]
    return Point(
        question=f"{question.rstrip('?.! ')} ({', '.join(missing)})?" if missing else question,
        around=" ".join(told[max(0, place - 1) : place + 2]),
    )


def _question_in(sentence: str) -> str | None:
    """The sentence from where it asks: behind `my question is`, or its last clause if that says enough."""
    said = without_courtesies(sentence)
    rest = said[_opening_end(said) :]
    if _ASKS.match(rest) and not rest.endswith((".", "!")):
        return rest
    if not said.endswith("?"):
        return None
    late = [found.end() for found in _ASKS_LATE.finditer(said)]
    is_long = late and len(words(said)) > MAX_WORDS
    return said[late[-1] :] if is_long and _names_something(said[late[-1] :]) else rest


def _request_in(sentence: str) -> str | None:
    """From what is wanted to where the reasons begin."""
    rest = sentence[_opening_end(sentence) :]
    wanted = _WANTS.search(rest)
    return _REASON.sub("", rest[wanted.start() :], count=1) if wanted else None


def _trouble_in(sentence: str) -> str | None:
    return sentence[_opening_end(sentence) :] if is_in_trouble(sentence) else None


def _opening_end(sentence: str) -> int:
    return opening.end() if (opening := _OPENING.match(sentence)) else 0


def _names_something(asked: str) -> bool:
    """Enough to be looked for: `any ideas?`, `can anybody help?` and `what can I do about it?` say nothing."""
    telling = set(content_stems(asked)) - GENERIC_STEMS - _OF_ASKING
    return len(words(asked)) >= FEWEST_WORDS and len(telling) > bool(_POINTS.search(asked))
