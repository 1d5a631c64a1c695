"""The nodes that understand a question and find what answers it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.evidence import BEST, features, probability
from helpdesk_bot.agent.message.danger import HELP_AT, Danger, find_danger, is_about, passages_that_help
from helpdesk_bot.agent.message.errands import needed_for
from helpdesk_bot.agent.message.route import Route, names_a_matter, route
from helpdesk_bot.agent.message.unhelped import says_it_did_not_help
from helpdesk_bot.agent.node import Update, with_note
from helpdesk_bot.agent.nodes.looking import Looking
from helpdesk_bot.agent.nodes.using import Using
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.question.asking import matter_of
from helpdesk_bot.agent.question.clarify import candidate_topics, says_too_little, unnamed_thing
from helpdesk_bot.agent.question.point import Point, find_matters, find_points
from helpdesk_bot.agent.question.rewrite import Rewritten
from helpdesk_bot.agent.question.several import Sought, are_better_apart, interleave, is_opening, questions_in
from helpdesk_bot.agent.question.standalone import asks_for_detail, stand_alone
from helpdesk_bot.agent.question.thread import find_antecedent, only_points
from helpdesk_bot.agent.question.translator import Translated
from helpdesk_bot.agent.quoting.lead import is_in_trouble, sends_to
from helpdesk_bot.agent.quoting.whole_lists import is_cut, with_list
from helpdesk_bot.agent.state import Spent, State, earlier_turns
from helpdesk_bot.agent.unheard import UNHEARD, names_another_system, names_something_unheard
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.guard.incoming import Incoming
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status_words import asks_for_status
from knowledge.audience import Audience
from knowledge.passages import Passage

_AT_FIRST: Update = {
    "told": None,
    "is_worded": False,
    "planned": None,
    "looks": (),
    "passages": (),
    "several": (),
    "confidence": 0.0,
    "may_be_enough": False,
    "attempt": 0,
    "translation": None,
    "begun": None,
    "objection": None,
    "is_over_budget": False,
    "notes": (),
}
"""What more than one node sets, before any has."""

_NOT_ASKED_BACK: Update = {"several": (), "topics": (), "unnamed": None, "is_unclear": False}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Passages, cleaned, best first, with what the guard met in them."""

    passages: Sequence[Passage]
    verdicts: Sequence[Verdict]


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """How likely passages answer a question, 0 to 1, and which they are."""

    probability: float
    chunk_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class LookedFor:
    """A message as a whole, and each of its questions, with what was found and how much that is."""

    whole: Sought
    reading: str
    several: tuple[Sought, ...]
    verdicts: tuple[Verdict, ...]


class Reading:
    def __init__(self, parts: Parts, *, looking: Looking, using: Using) -> None:
        self._search = parts.search
        self._guard = parts.guard
        self._rewriter = parts.rewriter
        self._translator = parts.translator
        self._options = parts.options
        self._has_model = len(parts.composers) > 1
        self._looking = looking
        self._using = using

    async def look_ahead(self, question: str, audience: Audience, sources: frozenset[str] | None) -> Prospect:
        """What this audience would be answered from."""
        found = await self._search.find(question, audience, limit=self._options.max_passages, sources=sources)
        passages, _ = await asyncio.to_thread(self._cleaned, found)
        return Prospect(
            probability=probability(features(question, passages), self._options.calibration.weights),
            chunk_ids=tuple(one.chunk_id for one in found),
        )

    async def read(self, state: State, asked: Asked) -> Update:
        """What is asked, without its thread."""
        incoming = await asyncio.to_thread(self._guard.read_question, asked.question)
        kind, rewritten = await self._understood(incoming, earlier_turns(state["turns"], asked.question_key), asked)
        return _AT_FIRST | {
            "question": incoming.text,
            "is_cut": incoming.is_cut,
            "route": kind,
            "standalone": rewritten.question,
            "reading": rewritten.question,
            "asks_for_status": self._looking.may_look(asked) and asks_for_status(rewritten.question),
            "may_use_tools": self._using.may_use(asked),
            "verdicts": incoming.verdicts,
            "spent": Spent(input_tokens=rewritten.input_tokens, output_tokens=rewritten.output_tokens),
        }

    async def _understood(self, incoming: Incoming, earlier: Sequence[Turn], asked: Asked) -> tuple[Route, Rewritten]:
        """What kind of message it is, and what it asks without its thread."""
        text, kind = incoming.text, _turned_away(incoming.verdicts) or route(incoming.text)
        if kind is Route.QUESTION and _was_answered(earlier) and says_it_did_not_help(text):
            return Route.UNHELPED, Rewritten(question=f"{earlier[-1].question.rstrip('?! .')}: {text}")
        if kind is Route.QUESTION:
            return kind, await self._rewrite(matter_of(text), earlier, asked)
        if kind is Route.GREETING and only_points(text) and find_antecedent(asked.thread):
            return Route.QUESTION, Rewritten(question=stand_alone(text, earlier, asked.thread))
        if kind is Route.PERSON and earlier and not names_a_matter(text):
            return kind, Rewritten(question=earlier[-1].question)
        return kind, Rewritten(question=text)

    async def retrieve(self, state: State, asked: Asked) -> Update:
        """What the whole audience may read about it, cleaned; last how the best document begins.

        Where that is not enough, what is asked in another language than the documents' is looked for in theirs too.
        """
        looks, best = await asyncio.gather(self._looking.find(asked), self._look_for(state["standalone"], asked))
        spent = state["spent"]
        if translated := await self._in_the_documents_language(best.whole, asked):
            spent = spent.with_tokens(translated)
            if translated.text:
                other = await self._look_for(translated.text, asked)
                best = max(best, other, key=lambda one: one.whole.confidence)
        return {
            "standalone": best.whole.question,
            "reading": best.reading,
            "passages": best.whole.passages,
            "several": best.several,
            "verdicts": (*state["verdicts"], *best.verdicts),
            "looks": looks,
            "spent": spent,
        }

    async def weigh(self, state: State, asked: Asked) -> Update:
        """Whether that is enough, or the question too little. Asking back once is enough."""
        whole = self._weighed(state["standalone"], state["passages"], reading=state["reading"])
        if are_better_apart(state["several"], whole):
            return self._weighed_apart([await self._with_whole_lists(one, asked) for one in state["several"]])
        danger = find_danger(whole.question)
        if danger and not self._is_helped(danger, whole):
            in_danger = await self._weighed_in(danger, whole, state, asked)
            if in_danger or not danger.can_wait:
                return in_danger
        elif danger and not danger.can_wait:
            whole = replace(whole, passages=tuple(one for one in whole.passages if is_about(danger, one)))
        whole = await self._with_whole_lists(whole, asked)
        unclear = self._unclear(state, asked, whole)
        is_for_a_model = not whole.is_enough and self._may_be_enough(whole)
        note = with_note(state, "too little to quote: left to a model") if is_for_a_model else {}
        return (
            {
                "several": (),
                "passages": whole.passages,
                "confidence": whole.confidence,
                "is_enough": whole.is_enough,
                "may_be_enough": is_for_a_model,
            }
            | unclear
            | note
        )

    def _may_be_enough(self, whole: Sought) -> bool:
        """Whether there is a model to read what is too little to be quoted."""
        needed = needed_for(whole.question, self._options.model_asked_at)
        return self._has_model and bool(whole.passages) and whole.confidence >= needed

    def _is_helped(self, danger: Danger, whole: Sought) -> bool:
        """Whether what was found answers whoever is in danger well enough."""
        if danger.can_wait:
            return whole.is_enough and not candidate_topics(whole.question, whole.passages)
        of_the_best = [one for one in whole.passages if one.document_id == whole.passages[0].document_id]
        return whole.is_enough and bool(passages_that_help(danger, of_the_best))

    async def _weighed_in(self, danger: Danger, whole: Sought, state: State, asked: Asked) -> Update:
        """What the documents say to whoever is in danger, however it was put. Nobody is asked back then.

        Empty where it can wait and they say nothing.
        """
        found = await self._find(danger.question, asked)
        helping = self._weighed(danger.question, passages_that_help(danger, found.passages))
        if helping.confidence >= HELP_AT:
            found_it: Update = {
                "passages": helping.passages,
                "reading": danger.question,
                "confidence": helping.confidence,
                "is_enough": True,
                "verdicts": (*state["verdicts"], *found.verdicts),
            }
            return _NOT_ASKED_BACK | found_it | with_note(state, "urgent: answered with what to do in such a case")
        if danger.can_wait:
            return {}
        concerns_it = any(is_about(danger, one) for one in whole.passages[:BEST])
        return _NOT_ASKED_BACK | {
            "passages": whole.passages,
            "confidence": whole.confidence,
            "is_enough": whole.is_enough and concerns_it,
        }

    async def _with_whole_lists(self, sought: Sought, asked: Asked) -> Sought:
        """What will be answered from, each list that was cut between two chunks put together again."""
        if not sought.is_enough:
            return sought
        best = [await self._with_whole_list(one, asked.audience) for one in sought.passages[:BEST]]
        return replace(sought, passages=(*best, *sought.passages[BEST:]))

    async def _with_whole_list(self, passage: Passage, audience: Audience) -> Passage:
        """Joined with the chunks beside it; what the policy blocks of them stays away."""
        for step in (-1, 1):
            if passage.place is None or not is_cut(passage, step):
                continue
            beside = await self._search.find_at(passage.document_id, passage.place + step, audience)
            cleaned, _ = await asyncio.to_thread(self._cleaned, [beside] if beside else [])
            passage = with_list(passage, cleaned[0], step) if cleaned else passage
        return passage

    def _unclear(self, state: State, asked: Asked, whole: Sought) -> Update:
        """What there is to ask back about; nothing where we just did."""
        earlier = earlier_turns(state["turns"], asked.question_key)
        if earlier and earlier[-1].outcome is Outcome.CLARIFIED:
            return {"topics": (), "unnamed": None, "is_unclear": False}
        topics = candidate_topics(whole.question, whole.passages)
        said = [
            *(turn.question for turn in earlier),
            *(turn.answer for turn in earlier),
            *(one.text for one in asked.thread),
        ]
        unnamed = None if said else asks_for_detail(state["question"])
        if not whole.is_enough:
            unnamed = unnamed or unnamed_thing(state["question"], said)
        is_unclear = bool(topics or unnamed) or says_too_little(whole.question)
        return {"topics": tuple(topics), "unnamed": unnamed, "is_unclear": is_unclear}

    def _weighed_apart(self, several: Sequence[Sought]) -> Update:
        answered = [one for one in several if one.is_enough]
        share = self._options.max_passages // len(answered)
        return {
            "several": tuple(several),
            "passages": interleave([one.best(share) for one in answered]),
            "confidence": min(one.confidence for one in answered),
            "topics": (),
            "unnamed": None,
            "is_unclear": False,
            "is_enough": True,
        }

    async def _look_for(self, question: str, asked: Asked) -> LookedFor:
        reading = await self._search.read(question, asked.audience, sources=asked.sources)
        questions = questions_in(reading) if self._options.splits_questions else ()
        (whole, met), *apart = await asyncio.gather(
            self._sought(question, asked, heard=reading), *(self._sought(one, asked) for one in questions)
        )
        if self._options.splits_questions and not whole.is_enough and not any(one.is_enough for one, _ in apart):
            apart = await self._look_within(reading, asked)
        return LookedFor(
            whole=whole,
            reading=reading,
            several=tuple(one for one, _ in apart),
            verdicts=(*met, *(verdict for _, verdicts in apart for verdict in verdicts)),
        )

    async def _look_within(self, message: str, asked: Asked) -> list[tuple[Sought, Sequence[Verdict]]]:
        """What a message asks that tells a story around it; of what it only tells, what is answered best."""
        points = find_points(message)
        sought = await asyncio.gather(*(self._sought_point(one, asked) for one in points or find_matters(message)))
        return sought if points else sorted(sought, key=lambda one: -one[0].confidence)[:1]

    async def _sought_point(self, point: Point, asked: Asked) -> tuple[Sought, Sequence[Verdict]]:
        """Not enough where the story is about a system that nothing found speaks of."""
        sought, met = await self._sought(point.question, asked, heard=point.around)
        if names_another_system(point.around, sought.passages, is_unusual=self._search.is_unusual):
            sought = replace(sought, is_enough=False)
        return sought, met

    async def _sought(self, question: str, asked: Asked, *, heard: str = "") -> tuple[Sought, Sequence[Verdict]]:
        """`heard` is where names are looked for that nothing found holds; the question where it is empty."""
        found = await self._find(question, asked)
        return self._weighed(question, found.passages, reading=heard), found.verdicts

    async def _in_the_documents_language(self, sought: Sought, asked: Asked) -> Translated | None:
        """None where what was found is enough, or the question is in it as far as can be told."""
        if sought.is_enough or self._translator is None or not self._translator.is_foreign(sought.question):
            return None
        return await self._translator.translate_question(
            sought.question,
            timeout_s=min(self._options.rewrite_timeout_s, asked.left_s / 4),
            conversation_id=asked.conversation_id,
            payer=asked.payer,
        )

    async def _find(self, question: str, asked: Asked) -> Found:
        found = await self._search.find(
            question, asked.audience, limit=self._options.max_passages, sources=asked.sources
        )
        openings = await self._find_openings(question, found, asked.audience)
        passages, verdicts = await asyncio.to_thread(self._cleaned, (*asked.attached, *found, *openings))
        return Found(passages=passages, verdicts=verdicts)

    def _weighed(self, question: str, passages: Sequence[Passage], *, reading: str = "") -> Sought:
        """`reading` is the question without its slips, where that is known: a slip is no name."""
        calibration = self._options.calibration
        confidence = probability(features(question, passages), calibration.weights)
        if names_something_unheard(reading or question, passages, is_unusual=self._search.is_unusual):
            confidence *= UNHEARD
        return Sought(
            question=question,
            passages=tuple(passages),
            confidence=confidence,
            is_enough=bool(passages) and confidence >= needed_for(question, calibration.answer_at),
        )

    async def _rewrite(self, question: str, earlier: Sequence[Turn], asked: Asked) -> Rewritten:
        """By the model, but for the reply to a question of ours: only the rules know what was offered."""
        is_reply = bool(earlier) and earlier[-1].outcome is Outcome.CLARIFIED
        if self._rewriter is None or is_reply or not (earlier or asked.thread):
            return Rewritten(question=stand_alone(question, earlier, asked.thread))
        time_s = min(self._options.rewrite_timeout_s, asked.left_s / 4)
        return await self._rewriter.rewrite(
            question,
            earlier,
            timeout_s=time_s,
            thread=asked.thread,
            conversation_id=asked.conversation_id,
            payer=asked.payer,
        )

    async def _find_openings(self, question: str, found: Sequence[Passage], audience: Audience) -> list[Passage]:
        """How the document of the best passage begins, unless that was found: what everybody should do first. For
        whoever is in trouble also how a document begins that it sends to, and in danger how the other best ones do.
        """
        is_urgent, first = is_in_trouble(question), found[: BEST if find_danger(question) else 1]
        concerned = [one for one in found if one in first or (is_urgent and sends_to(found[0].text, one.title))]
        missing = {one.document_id for one in concerned if not any(is_opening(other, of=one) for other in found)}
        openings = [await self._search.find_at(document_id, 0, audience) for document_id in sorted(missing)]
        return [opening for opening in openings if opening]

    def _cleaned(self, found: Sequence[Passage]) -> tuple[list[Passage], list[Verdict]]:
        """In a thread. Without the passages that the policy blocks."""
        cleaned = [self._guard.clean(passage) for passage in found]
        passages = [passage for passage, verdicts in cleaned if not is_blocked(verdicts)]
        return passages, [verdict for _, verdicts in cleaned for verdict in verdicts]


def _was_answered(earlier: Sequence[Turn]) -> bool:
    return bool(earlier) and earlier[-1].outcome is Outcome.ANSWERED


def _turned_away(verdicts: Sequence[Verdict]) -> Route | None:
    """Where a question goes that the policy doesn't let the bot answer."""
    if calls_for(Action.ESCALATE, verdicts):
        return Route.PERSON
    return Route.OUT_OF_SCOPE if is_blocked(verdicts) else None
