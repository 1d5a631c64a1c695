"""The agent: one question in, one decision out."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.errors import NodeFailed
from helpdesk_bot.events import Decision, Outcome, Step
from knowledge.audience import Audience

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from helpdesk_bot.agent.nodes import Parts
    from helpdesk_bot.agent.state import Asked, State


class Agent:
    """Decides what to say. `history` keeps the turns of each conversation; without it every question stands alone.

    Runs on one conversation must not overlap: LangGraph would fork its history. The desk holds a lock by conversation.
    """

    def __init__(self, parts: "Parts", *, history: "BaseCheckpointSaver[str] | None" = None) -> None:
        """Imports LangGraph: about two seconds, the first time."""
        from helpdesk_bot.agent.graph import build_graph
        from helpdesk_bot.agent.nodes import Nodes

        self._graph = build_graph(Nodes(parts), history)
        self._has_history = history is not None

    async def decide(
        self,
        question: str,
        *,
        question_key: str,
        conversation_id: str,
        audience: Audience,
        deadline_s: float,
        on_step: Callable[[Step], Awaitable[None]],
    ) -> Decision:
        """What to say to a question, within `deadline_s`; past it, an outcome of failed.

        Trouble with a model never shows. Trouble with the search or the history is raised as it is: trying again is
        the caller's to decide, and a question asked again under its key replaces its own turn.
        """
        from helpdesk_bot.agent.state import Asked

        asked = Asked(
            question=question,
            question_key=question_key,
            audience=audience,
            ends_at=time.monotonic() + deadline_s,
            on_step=on_step,
        )
        deadline = asyncio.timeout(deadline_s)
        try:
            async with deadline:
                state = await self._run(asked, conversation_id)
        except NodeFailed as failed:
            raise failed.cause from None
        except TimeoutError:
            if not deadline.expired():
                raise
            return Decision(
                outcome=Outcome.FAILED, text=phrases.TOO_SLOW, standalone=question, reason="deadline passed"
            )
        spent = state["spent"]
        return replace(
            state["decision"],
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            took_ms=spent.took_ms,
        )

    async def _run(self, asked: "Asked", conversation_id: str) -> "State":
        """One run of the graph, untraced: LangSmith's environment variables must not send questions to anyone."""
        from langsmith import tracing_context

        from helpdesk_bot.agent.graph import RECURSION_LIMIT

        with tracing_context(enabled=False):
            state = await self._graph.ainvoke(
                cast("State", {"question_key": asked.question_key}),
                {"configurable": {"thread_id": conversation_id}, "recursion_limit": RECURSION_LIMIT},
                context=asked,
                durability="exit" if self._has_history else None,
            )
        return cast("State", state)
