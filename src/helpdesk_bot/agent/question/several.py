"""Several questions in one message: each is looked for by itself, and what is found is put together again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.question.standalone import stand_alone
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.guard.outgoing import cited_numbers
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, sentences, words
from knowledge.passages import Passage

MAX_QUESTIONS = 3
"""What asks for more at once is looked for as a whole."""

FEWEST_WORDS = 4

_AUXILIARY = r"(?:can|could|do|does|did|is|are|should|would|may|must|will)"
_ASKS = rf"(?:how|where|when|what|who|whom|which|why|{_AUXILIARY})(?!\s+(?:if|about)\b)"
_NEXT = re.compile(
    rf"\s*(?:[,;]\s*(?:and\s+)?|\s+and\s+)(?:also\s+|then\s+)?(?={_ASKS}\b(?:['\u2019]s)?\s+\w)", re.IGNORECASE
)
_BEGINS = re.compile(rf"(?:(?:and|also|so|but|then|plus|hi|hello|please)\b[\s,]*)*(?={_ASKS}\b)", re.IGNORECASE)

_LEADS_IN = re.compile(rf"\s*(?:when|where)\s+(?!(?:{_AUXILIARY}|to)\b)", re.IGNORECASE)
"""`When I travel, what ...`"""
_BREAKS_OFF = re.compile(
    rf"(?!.*\b{_AUXILIARY}\b).*,\s*(?:on|in|at|per|for|by|as|within|with|from)\b[^,]*", re.IGNORECASE | re.DOTALL
)
"""`How often, on average` before its verb."""
_VERB = re.compile(rf"{_AUXILIARY}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Sought:
    """One question of several, stand-alone, with what was found for it, best first."""

    question: str
    passages: tuple[Passage, ...]
    confidence: float = 0.0
    is_enough: bool = False

    def best(self, limit: int) -> tuple[Passage, ...]:
        """So many of the best, and how the best one's document begins, wherever that was found."""
        best = self.passages[:limit]
        return (*best, *(one for one in self.passages[limit:] if is_opening(one, of=self.passages[0])))


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a message, each stand-alone, where it asks two or three; empty where it asks one or more.

    `Where do I get a monitor and who pays for it?` asks two, the second about the monitor. What only tells how things
    are goes with the question after it. A part that names nothing of its own is no question of its own.
    """
    asked: list[str] = []
    told: list[str] = []
    for sentence in sentences(text):
        parts = _parts_of(sentence) if _asks(sentence) else [sentence]
        if not _asks(parts[0]):
            told.append(sentence)
            continue
        asked += [" ".join([*told, parts[0]]), *parts[1:]]
        told = []
    if not 2 <= len(asked) <= MAX_QUESTIONS or told:
        return ()
    alone = _each_alone(asked)
    return alone if all(_names_something(one) for one in alone) and len(set(alone)) == len(alone) else ()


def interleave(found: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    """The best of each in turn, each passage once."""
    taken = {one.chunk_id: one for one in chain.from_iterable(zip_longest(*found)) if one is not None}
    return tuple(taken.values())


def is_opening(passage: Passage, *, of: Passage) -> bool:
    """Whether it is how the other one's document begins."""
    return passage.place == 0 and passage.document_id == of.document_id


def are_better_apart(several: Sequence[Sought], whole: Sought) -> bool:
    """Whether the questions of a message are answered one by one: where two of them are, each out of another passage,
    or where one is and the message as a whole is not, or another one is not that has nothing to do with it: what has
    no answer is not to be passed over.
    """
    answered = [one for one in several if one.is_enough]
    passages = {one.passages[0].chunk_id for one in answered}
    said = {stem for one in answered for stem in _telling(one.question)}
    passed_over = any(not one.is_enough and _telling(one.question).isdisjoint(said) for one in several)
    return len(passages) > 1 or bool(answered and (passed_over or not whole.is_enough))


def each_once(answers: Sequence[str]) -> str:
    """The answers one below the other; what an earlier one quotes, up to its marker, is not quoted again.

    The lines over quotations, which have no marker, stay for as long as one is left below them.
    """
    said: set[str] = set()
    kept: list[str] = []
    for answer in answers:
        over: list[str] = []
        quoted: list[str] = []
        for part in answer.split("\n\n"):
            if phrases.is_source(part):
                over = [part]
            elif phrases.is_section(part):
                over = [*filter(phrases.is_source, over), part]
            else:
                quoted.append(part)
            if not cited_numbers(part):
                continue
            if (whole := "\n\n".join(quoted)) not in said:
                kept += [*over, whole]
                over = []
            said.add(whole)
            quoted = []
    return "\n\n".join(kept)


def _asks(sentence: str) -> bool:
    return bool(_BEGINS.match(sentence)) and not sentence.endswith((".", "!"))


def _parts_of(sentence: str) -> list[str]:
    """The questions of a sentence as they stand in it. A clause before one and a phrase inside it are none."""
    parts: list[str] = []
    begin = 0
    for between in _NEXT.finditer(sentence):
        before, after = sentence[begin : between.start()], sentence[between.end() :]
        is_begun = _LEADS_IN.match(before) or (_BREAKS_OFF.fullmatch(before) and _VERB.match(after))
        if "and" in between[0].casefold().split() or not is_begun:
            parts.append(before)
            begin = between.end()
    return [*parts, sentence[begin:]]


def _each_alone(asked: Sequence[str]) -> tuple[str, ...]:
    """Each question with what it leaves to the one before it."""
    alone: list[str] = []
    for question in asked:
        written = question.strip().rstrip("?,; ") + "?"
        before = [Turn(question_key="", question=alone[-1], answer="", outcome=Outcome.ANSWERED)] if alone else []
        alone.append(stand_alone(written, before))
    return tuple(alone)


def _names_something(question: str) -> bool:
    """Enough to be asked by itself: `which profile?` is a detail of what was asked before it."""
    return len(words(question)) >= FEWEST_WORDS and bool(_telling(question))


def _telling(question: str) -> set[str]:
    return set(content_stems(question)) - GENERIC_STEMS
