"""Labelled questions out of what people said of the bot's own answers. Pure.

an approver let it out, or thumbs are up and none is down       -> answerable, by the documents it cites
people answered it, and that answer was kept as knowledge       -> answerable, by the curated answer
people answered in their own words what the bot was unsure of,
  or what they say it answered wrongly                          -> unanswerable
anything else                                                   -> left out, and counted by why
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from helpdesk_bot.agent.message.route import Route
from helpdesk_bot.cache.sameness import meaning
from helpdesk_bot.curated import rule_of
from helpdesk_bot.evals.answer_cases import AnswerCase
from helpdesk_bot.events import Citation, Outcome, PlaceKind
from helpdesk_bot.feedback import Reason
from helpdesk_bot.guard.personal_data import Kind, redact
from helpdesk_bot.records.drafts import DraftState
from helpdesk_bot.records.judged import Judged
from knowledge.audience import Audience

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_MARK = re.compile(r"\[(\d{1,3})\]")
_WRONG = frozenset({Reason.WRONG, Reason.NOT_ASKED})
"""What says that the answer was none; something missing or outdated says that a part of it is known."""


class By(StrEnum):
    """Whose word a label stands on, the strongest first."""

    APPROVER = "approver"
    PEOPLE = "people"
    """Who answered in its case."""
    VOTES = "votes"


class Left(StrEnum):
    """Why a question is left out, in words for a table."""

    DIRECT = "asked in a direct conversation"
    NAMES = "mentions somebody"
    FILES = "came with a file"
    NOT_JUDGED = "nobody judged it"
    VOTES_OFF = "judged by votes alone"
    DISAGREE = "people disagree"
    WRONG_ONLY = "judged wrong, and what is right is not known"
    HELD_BACK = "an approver held it back or was late"
    POINTED = "people answered with a link"
    HIDDEN = "pages that the place may not read came close"
    FOR_PEOPLE = "was people's from the start"
    NO_DOCUMENT = "cites no document of the knowledge"
    RESTRICTED = "cites what is gone, or not for all staff"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What counts, for whoever makes the folder."""

    votes: bool = True
    """Thumbs count where no reviewer spoke."""
    direct: bool = False
    """Direct conversations too."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A question with its label. `gold` is empty for an unanswerable one."""

    id: str
    text: str
    """Personal data that has a form is replaced by what it was."""
    gold: frozenset[str]
    """Keys of documents."""
    by: By
    ended_at: datetime

    @property
    def is_answerable(self) -> bool:
        return bool(self.gold)

    @property
    def case(self) -> AnswerCase:
        answerable = "ANSWERABLE" if self.is_answerable else "UNANSWERABLE"
        return AnswerCase(id=self.id, text=self.text, answerable=answerable, gold=self.gold)


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What came of all questions."""

    questions: Sequence[Labelled]
    repeated: int
    """How many more asked the same."""
    left_out: Mapping[Left, int]

    def count(self, *, answerable: bool) -> int:
        return sum(one.is_answerable is answerable for one in self.questions)

    def count_by(self) -> dict[By, int]:
        told = Counter(one.by for one in self.questions)
        return {by: told[by] for by in By if told[by]}


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What all staff may read: the audience that calibration asks as."""

    staff: Audience
    keys: Mapping[int, str]
    """Of the cited documents that still stand and that all staff may read, by their ids."""


def review(judged: Iterable[Judged], *, readable: Readable, choices: Choices, name: Callable[[str], str]) -> Reviewed:
    """Label what can be labelled. `name` gives a question's key an id that says neither place nor person.

    Of questions that ask the same the strongest label stands, then the newest; documents of those with the same
    label are taken together, since each of them answers it.
    """
    left_out: Counter[Left] = Counter()
    asked: dict[str, list[Labelled]] = {}
    for one in judged:
        label = _label(one, readable, choices)
        if isinstance(label, Left):
            left_out[label] += 1
            continue
        by, gold = label
        text, _ = redact(" ".join(one.text.split()), list(Kind))
        labelled = Labelled(id=name(one.question_key), text=text, gold=gold, by=by, ended_at=one.ended_at)
        asked.setdefault(meaning(text), []).append(labelled)
    return Reviewed(
        questions=[_together(same) for same in asked.values()],
        repeated=sum(len(same) - 1 for same in asked.values()),
        left_out={why: left_out[why] for why in Left if left_out[why]},
    )


def cited_in(one: Judged) -> list[Citation]:
    """The citations whose mark still stands in the answer: an approver may have taken some out."""
    if one.reply is None:
        return []
    marks = {int(number) for number in _MARK.findall(one.reply.text)}
    return [citation for citation in one.reply.citations if citation.number in marks]


def _together(same: Sequence[Labelled]) -> Labelled:
    order = list(By)
    best = min(same, key=lambda one: (order.index(one.by), -one.ended_at.timestamp()))
    if not best.is_answerable:
        return best
    return replace(best, gold=frozenset[str]().union(*(one.gold for one in same)))


def _label(one: Judged, readable: Readable, choices: Choices) -> tuple[By, frozenset[str]] | Left:
    """Who said it and the documents that answer it; or why nothing can be said."""
    if (left := _unfit(one, choices)) is not None:
        return left
    if one.draft is not None:
        return _by_approver(one, one.draft, readable)
    if one.answered_by_people:
        return _by_people(one, readable)
    return _by_votes(one, readable, choices)


def _unfit(one: Judged, choices: Choices) -> Left | None:
    """Whatever was said of the answer, the question itself is not for a folder, or not the knowledge's to answer."""
    if one.place_kind is PlaceKind.DIRECT and not choices.direct:
        return Left.DIRECT
    if one.names_people:
        return Left.NAMES
    return Left.FILES if one.has_files else None


def _by_approver(one: Judged, state: DraftState, readable: Readable) -> tuple[By, frozenset[str]] | Left:
    match state:
        case DraftState.APPROVED:
            return _answered(one, By.APPROVER, readable)
        case DraftState.WAITING:
            return Left.NOT_JUDGED
        case DraftState.DECLINED | DraftState.OVERDUE:
            return Left.HELD_BACK


def _by_people(one: Judged, readable: Readable) -> tuple[By, frozenset[str]] | Left:
    if one.kept is not None:
        is_for_staff = readable.staff.may_read(rule_of(one.kept.all_of))
        return (By.PEOPLE, frozenset({str(one.kept.id)})) if is_for_staff else Left.RESTRICTED
    if one.ups:
        return Left.DISAGREE
    if one.decided is Outcome.ANSWERED and not one.reasons & _WRONG:
        return Left.WRONG_ONLY
    if one.decided not in {Outcome.ANSWERED, Outcome.ESCALATED} or not one.reason.startswith(Route.QUESTION):
        return Left.FOR_PEOPLE
    if _LINK.search(one.answered_by_people):
        return Left.POINTED
    return Left.HIDDEN if one.hidden else (By.PEOPLE, frozenset())


def _by_votes(one: Judged, readable: Readable, choices: Choices) -> tuple[By, frozenset[str]] | Left:
    if one.decided is not Outcome.ANSWERED or not (one.ups or one.downs):
        return Left.NOT_JUDGED
    if one.downs:
        return Left.DISAGREE if one.ups else Left.WRONG_ONLY
    return _answered(one, By.VOTES, readable) if choices.votes else Left.VOTES_OFF


def _answered(one: Judged, by: By, readable: Readable) -> tuple[By, frozenset[str]] | Left:
    """Rights are those of now: every cited document still stands, and all staff may read it."""
    cited = cited_in(one)
    if not cited or any(citation.passage.chunk_id < 0 for citation in cited):
        return Left.NO_DOCUMENT
    keys = [readable.keys.get(citation.passage.document_id) for citation in cited]
    known = frozenset(key for key in keys if key is not None)
    return Left.RESTRICTED if None in keys else (by, known)
