"""The node that understands what is asked."""

import asyncio
from collections.abc import Sequence

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.message.route import Route, names_a_matter, route
from helpdesk_bot.agent.message.unhelped import says_it_did_not_help
from helpdesk_bot.agent.node import Update
from helpdesk_bot.agent.nodes.looking import Looking
from helpdesk_bot.agent.nodes.using import Using
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.question.asking import matter_of
from helpdesk_bot.agent.question.rewrite import Rewritten
from helpdesk_bot.agent.question.standalone import stand_alone
from helpdesk_bot.agent.question.thread import find_antecedent, only_points
from helpdesk_bot.agent.state import Spent, State, earlier_turns
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.guard.incoming import Incoming
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status_words import asks_for_status

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


class Reading:
    def __init__(self, parts: Parts, *, looking: Looking, using: Using) -> None:
        self._guard = parts.guard
        self._rewriter = parts.rewriter
        self._options = parts.options
        self._looking = looking
        self._using = using

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


def _was_answered(earlier: Sequence[Turn]) -> bool:
    return bool(earlier) and earlier[-1].outcome is Outcome.ANSWERED


def _turned_away(verdicts: Sequence[Verdict]) -> Route | None:
    """Where a question goes that the policy doesn't let the bot answer."""
    if calls_for(Action.ESCALATE, verdicts):
        return Route.PERSON
    return Route.OUT_OF_SCOPE if is_blocked(verdicts) else None
