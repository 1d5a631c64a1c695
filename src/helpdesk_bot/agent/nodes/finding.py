"""The node that finds passages, and says how likely they answer what is asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.evidence import BEST, features, probability
from helpdesk_bot.agent.message.danger import find_danger
from helpdesk_bot.agent.message.errands import needed_for
from helpdesk_bot.agent.node import Update
from helpdesk_bot.agent.nodes.looking import Looking
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.question.point import Point, find_matters, find_points
from helpdesk_bot.agent.question.several import Sought, is_opening, questions_in
from helpdesk_bot.agent.question.translator import Translated
from helpdesk_bot.agent.quoting.lead import is_in_trouble, sends_to
from helpdesk_bot.agent.quoting.whole_lists import MAX_BESIDE, is_cut, is_of_steps, with_list, without_parts
from helpdesk_bot.agent.state import State
from helpdesk_bot.agent.unheard import UNHEARD, names_another_system, names_something_unheard
from helpdesk_bot.guard.verdicts import Verdict, is_blocked
from knowledge.audience import Audience
from knowledge.passages import Passage

_AROUND = (-2, -1, 1, 2)


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


class Finding:
    def __init__(self, parts: Parts, *, looking: Looking) -> None:
        self._search = parts.search
        self._guard = parts.guard
        self._translator = parts.translator
        self._options = parts.options
        self._has_model = len(parts.composers) > 1
        self._looking = looking

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

    async def look_ahead(self, question: str, audience: Audience, sources: frozenset[str] | None) -> Prospect:
        """What this audience would be answered from."""
        found = await self._search.find(question, audience, limit=self._options.max_passages, sources=sources)
        passages, _ = await asyncio.to_thread(self._cleaned, found)
        return Prospect(
            probability=probability(features(question, passages), self._options.calibration.weights),
            chunk_ids=tuple(one.chunk_id for one in found),
        )

    async def find(self, question: str, asked: Asked) -> Found:
        found = await self._search.find(
            question, asked.audience, limit=self._options.max_passages, sources=asked.sources
        )
        openings = await self._find_openings(question, found, asked.audience)
        passages, verdicts = await asyncio.to_thread(self._cleaned, (*asked.attached, *found, *openings))
        return Found(passages=passages, verdicts=verdicts)

    def weighed(self, question: str, passages: Sequence[Passage], *, reading: str = "") -> Sought:
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

    async def with_whole_lists(self, sought: Sought, asked: Asked) -> Sought:
        """What will be answered from, each list that was cut between two chunks put together again."""
        if not sought.is_enough:
            return sought
        best = [await self._with_whole_list(one, asked.audience) for one in sought.passages[:BEST]]
        around = () if self._has_model else await self._around(sought.passages, asked.audience)
        return replace(sought, passages=(*without_parts(best), *sought.passages[BEST:], *around))

    async def _around(self, passages: Sequence[Passage], audience: Audience) -> Sequence[Passage]:
        """The chunks on either side of the best, where the search left them out: it takes few of one document."""
        best = passages[0]
        if best.place is None:
            return ()
        known = {one.place for one in passages if one.document_id == best.document_id}
        around = {best.place + step for step in _AROUND} - known
        return await self._cleaned_at([(best.document_id, place) for place in sorted(around)], audience)

    async def _with_whole_list(self, passage: Passage, audience: Audience) -> Passage:
        """Joined with the chunks beside it; what the policy blocks of them stays away."""
        if (start := passage.place) is None:
            return passage
        for step in (-1, 1):
            places = [start + step * far for far in range(1, MAX_BESIDE + 1)] if is_cut(passage, step) else []
            beside = await self._cleaned_at([(passage.document_id, place) for place in places], audience)
            for place, one in zip(places, beside, strict=False):
                if one.place != place or not is_cut(passage, step):
                    break
                joined = with_list(passage, one, step)
                if joined is passage:
                    break
                passage = joined
                if not is_of_steps(one):
                    break
        return passage

    async def _cleaned_at(self, places: Sequence[tuple[int, int]], audience: Audience) -> list[Passage]:
        cleaned, _ = await asyncio.to_thread(self._cleaned, await self._search.list_at(places, audience))
        return cleaned

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
        found = await self.find(question, asked)
        return self.weighed(question, found.passages, reading=heard), found.verdicts

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

    async def _find_openings(self, question: str, found: Sequence[Passage], audience: Audience) -> list[Passage]:
        """How the document of the best passage begins, unless that was found: what everybody should do first. For
        whoever is in trouble also how a document begins that it sends to, and in danger how the other best ones do.
        """
        is_urgent, first = is_in_trouble(question), found[: BEST if find_danger(question) else 1]
        concerned = [one for one in found if one in first or (is_urgent and sends_to(found[0].text, one.title))]
        missing = {one.document_id for one in concerned if not any(is_opening(other, of=one) for other in found)}
        return await self._search.list_at([(document_id, 0) for document_id in sorted(missing)], audience)

    def _cleaned(self, found: Sequence[Passage]) -> tuple[list[Passage], list[Verdict]]:
        """In a thread. Without the passages that the policy blocks."""
        cleaned = [self._guard.clean(passage) for passage in found]
        passages = [passage for passage, verdicts in cleaned if not is_blocked(verdicts)]
        return passages, [verdict for _, verdicts in cleaned for verdict in verdicts]
