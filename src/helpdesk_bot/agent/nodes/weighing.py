"""The node that decides whether what was found is enough."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.evidence import BEST
from helpdesk_bot.agent.message.danger import (
    DOWN,
    HELP_AT,
    Danger,
    find_danger,
    is_about,
    is_of_another_system,
    passages_that_help,
)
from helpdesk_bot.agent.message.errands import needed_for
from helpdesk_bot.agent.node import Update, with_note
from helpdesk_bot.agent.nodes.finding import Finding
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.question.clarify import candidate_topics, says_too_little, unnamed_thing
from helpdesk_bot.agent.question.several import Sought, are_better_apart, interleave
from helpdesk_bot.agent.question.standalone import asks_for_detail
from helpdesk_bot.agent.state import State, earlier_turns
from helpdesk_bot.events import Outcome

_NOT_ASKED_BACK: Update = {"several": (), "topics": (), "unnamed": None, "is_unclear": False}


class Weighing:
    def __init__(self, parts: Parts, *, finding: Finding) -> None:
        self._options = parts.options
        self._has_model = len(parts.composers) > 1
        self._finding = finding

    async def weigh(self, state: State, asked: Asked) -> Update:
        """Whether that is enough, or the question too little. Asking back once is enough."""
        whole = self._finding.weighed(state["standalone"], state["passages"], reading=state["reading"])
        if are_better_apart(state["several"], whole):
            return self._weighed_apart([await self._finding.with_whole_lists(one, asked) for one in state["several"]])
        danger = find_danger(whole.question)
        if danger and not self._is_helped(danger, whole):
            in_danger = await self._weighed_in(danger, whole, state, asked)
            if in_danger or not danger.can_wait:
                return in_danger
        elif danger and not danger.can_wait:
            whole = replace(whole, passages=tuple(one for one in whole.passages if is_about(danger, one)))
        whole = await self._finding.with_whole_lists(whole, asked)
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
        found = await self._finding.find(danger.question, asked)
        helping = self._finding.weighed(danger.question, passages_that_help(danger, found.passages))
        if danger is DOWN:  # where the best concerns another system, so may the rest
            ours = [not is_of_another_system(danger, whole.question, one) for one in helping.passages]
            kept = [one for one, is_ours in zip(helping.passages, ours, strict=True) if is_ours]
            helping = replace(helping, passages=tuple(kept) if ours and ours[0] else ())
        if helping.passages and helping.confidence >= HELP_AT:
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
