"""The nodes that understand a question and find what answers it."""

import asyncio
from collections.abc import Sequence

from helpdesk_bot.agent.asking import matter_of
from helpdesk_bot.agent.clarify import candidate_topics, says_too_little
from helpdesk_bot.agent.errands import needed_for
from helpdesk_bot.agent.evidence import features, probability
from helpdesk_bot.agent.looking import Looking
from helpdesk_bot.agent.node import Update
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.rewrite import Rewritten
from helpdesk_bot.agent.route import Route, names_a_matter, route
from helpdesk_bot.agent.standalone import stand_alone
from helpdesk_bot.agent.state import Asked, Spent, State, earlier_turns
from helpdesk_bot.agent.thread import find_antecedent, only_points
from helpdesk_bot.agent.using import Using
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status_words import asks_for_status
from knowledge.audience import Audience
from knowledge.passages import Passage


class Reading:
    def __init__(self, parts: Parts, *, looking: Looking, using: Using) -> None:
        self._search = parts.search
        self._guard = parts.guard
        self._rewriter = parts.rewriter
        self._options = parts.options
        self._looking = looking
        self._using = using

    async def find_probability(self, question: str, audience: Audience, sources: frozenset[str] | None) -> float:
        """How likely what this audience may read answers the question, 0 to 1."""
        found = await self._search.find(question, audience, limit=self._options.max_passages, sources=sources)
        passages, _ = await asyncio.to_thread(self._cleaned, found)
        return probability(features(question, passages), self._options.calibration.weights)

    async def read(self, state: State, asked: Asked) -> Update:
        """What is asked, without its thread."""
        incoming = await asyncio.to_thread(self._guard.read_question, asked.question)
        kind = _turned_away(incoming.verdicts) or route(incoming.text)
        earlier = earlier_turns(state["turns"], asked.question_key)
        rewritten = Rewritten(question=incoming.text)
        if kind is Route.QUESTION:
            rewritten = await self._rewrite(matter_of(incoming.text), earlier, asked)
        elif kind is Route.GREETING and only_points(incoming.text) and find_antecedent(asked.thread):
            kind = Route.QUESTION
            rewritten = Rewritten(question=stand_alone(incoming.text, earlier, asked.thread))
        elif kind is Route.PERSON and earlier and not names_a_matter(incoming.text):
            rewritten = Rewritten(question=earlier[-1].question)
        return {
            "question": incoming.text,
            "is_cut": incoming.is_cut,
            "route": kind,
            "standalone": rewritten.question,
            "asks_for_status": self._looking.may_look(asked) and asks_for_status(rewritten.question),
            "may_use_tools": self._using.may_use(asked),
            "told": None,
            "is_worded": False,
            "planned": None,
            "looks": (),
            "passages": (),
            "confidence": 0.0,
            "attempt": 0,
            "objection": None,
            "is_over_budget": False,
            "notes": (),
            "verdicts": incoming.verdicts,
            "spent": Spent(input_tokens=rewritten.input_tokens, output_tokens=rewritten.output_tokens),
        }

    async def retrieve(self, state: State, asked: Asked) -> Update:
        """What the whole audience may read about it, cleaned; last how the best document begins."""
        search = self._search.find(
            state["standalone"], asked.audience, limit=self._options.max_passages, sources=asked.sources
        )
        found, looks = await asyncio.gather(search, self._looking.find(asked))
        openings = await self._find_openings(found, asked.audience)
        passages, verdicts = await asyncio.to_thread(self._cleaned, (*asked.attached, *found, *openings))
        return {"passages": tuple(passages), "verdicts": (*state["verdicts"], *verdicts), "looks": looks}

    async def weigh(self, state: State, asked: Asked) -> Update:
        """Whether that is enough, or the question too little. Asking back once is enough."""
        question, passages = state["standalone"], state["passages"]
        confidence = probability(features(question, passages), self._options.calibration.weights)
        earlier = earlier_turns(state["turns"], asked.question_key)
        topics: list[str] = []
        is_unclear = False
        if not earlier or earlier[-1].outcome is not Outcome.CLARIFIED:
            topics = candidate_topics(question, passages)
            is_unclear = bool(topics) or says_too_little(question)
        return {
            "confidence": confidence,
            "topics": tuple(topics),
            "is_unclear": is_unclear,
            "is_enough": confidence >= needed_for(question, self._options.calibration.answer_at),
        }

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

    async def _find_openings(self, found: Sequence[Passage], audience: Audience) -> list[Passage]:
        """How the document of the best passage begins, unless that was found: what everybody should do first."""
        if not found or any(one.document_id == found[0].document_id and one.place == 0 for one in found):
            return []
        opening = await self._search.find_opening(found[0].document_id, audience)
        return [opening] if opening else []

    def _cleaned(self, found: Sequence[Passage]) -> tuple[list[Passage], list[Verdict]]:
        """In a thread. Without the passages that the policy blocks."""
        cleaned = [self._guard.clean(passage) for passage in found]
        passages = [passage for passage, verdicts in cleaned if not is_blocked(verdicts)]
        return passages, [verdict for _, verdicts in cleaned for verdict in verdicts]


def _turned_away(verdicts: Sequence[Verdict]) -> Route | None:
    """Where a question goes that the policy doesn't let the bot answer."""
    if calls_for(Action.ESCALATE, verdicts):
        return Route.PERSON
    return Route.OUT_OF_SCOPE if is_blocked(verdicts) else None
