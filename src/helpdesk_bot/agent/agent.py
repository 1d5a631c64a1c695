"""The agent: one question in, one decision out."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langsmith import tracing_context

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.errors import NodeFailed
from helpdesk_bot.agent.graph import RECURSION_LIMIT, build_graph, nodes_of
from helpdesk_bot.agent.nodes.finding import Prospect
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.state import State, stored
from helpdesk_bot.events import Decision, Outcome, Turn
from helpdesk_bot.models.asks import NOBODY
from helpdesk_bot.records.spending import Payer
from knowledge.audience import Audience


class Agent:
    """Decides what to say. `history` keeps the turns of each conversation; without it every question stands alone.

    Runs on one conversation must not overlap: LangGraph would fork its history. The desk holds a lock by conversation.
    """

    def __init__(self, parts: Parts, *, history: BaseCheckpointSaver[str] | None = None) -> None:
        nodes = nodes_of(parts)
        self._finding = nodes.finding
        self._graph = build_graph(nodes, history)
        self._has_history = history is not None

    async def decide(self, asked: Asked) -> Decision:
        """What to say to a question, within its deadline; past it, an outcome of failed.

        Trouble with a model never shows. Trouble with the search or the history is raised as it is: trying again is
        the caller's to decide, and a question asked again under its key replaces its own turn.
        """
        if asked.payer is NOBODY:
            asked = replace(asked, payer=Payer(question_key=asked.question_key))
        deadline = asyncio.timeout(asked.deadline_s)
        try:
            async with deadline:
                state = await self._run(asked)
        except NodeFailed as failed:
            raise failed.cause from None
        except TimeoutError:
            if not deadline.expired():
                raise
            return Decision(
                outcome=Outcome.FAILED, text=phrases.TOO_SLOW, standalone=asked.question, reason="deadline passed"
            )
        spent = state["spent"]
        return replace(
            state["decision"],
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            took_ms=spent.took_ms,
        )

    async def look_ahead(self, question: str, *, audience: Audience, sources: frozenset[str] | None = None) -> Prospect:
        """What a stand-alone question would be answered from where this audience reads."""
        return await self._finding.look_ahead(question, audience, sources)

    async def forget(self, question_key: str, *, conversation_id: str) -> None:
        """Take a question that was withdrawn out of its conversation's memory."""
        if not self._has_history:
            return
        withdrawn = Turn(question_key=question_key, question="", answer="", outcome=Outcome.WITHDRAWN)
        await self._graph.aupdate_state(
            {"configurable": {"thread_id": conversation_id}}, {"turns": [stored(withdrawn)]}, as_node="remember"
        )

    async def remember(self, turns: Sequence[Turn], *, conversation_id: str) -> None:
        """Begin a conversation with what was said in it elsewhere, oldest first."""
        await self._graph.aupdate_state(
            {"configurable": {"thread_id": conversation_id}},
            {"turns": [stored(turn) for turn in turns]},
            as_node="remember",
        )

    async def _run(self, asked: Asked) -> State:
        """One run of the graph, untraced: LangSmith's environment variables must not send questions to anyone."""
        with tracing_context(enabled=False):
            state = await self._graph.ainvoke(
                cast("State", {"question_key": asked.question_key}),
                {"configurable": {"thread_id": asked.conversation_id}, "recursion_limit": RECURSION_LIMIT},
                context=asked,
                durability="exit" if self._has_history else None,
            )
        return cast("State", state)
