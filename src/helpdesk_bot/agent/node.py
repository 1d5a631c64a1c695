"""A step of the graph: state in, new values out."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from langgraph.runtime import Runtime

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.errors import NodeFailed
from helpdesk_bot.agent.state import Spent, State
from helpdesk_bot.events import Step

Update = dict[str, Any]
"""New values by the names of `State`'s fields."""


class Node(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: State, runtime: Runtime[Asked]) -> Update: ...


def watched(work: Callable[[State, Asked], Awaitable[Update]], step: Step | None = None) -> Node:
    """Makes a method a node: it tells whoever waits its step, and its time is added up. Raises `NodeFailed` only."""

    async def run(state: State, runtime: Runtime[Asked]) -> Update:
        if step is not None:
            await runtime.context.on_step(step)
        began = time.perf_counter()
        try:
            update = await work(state, runtime.context)
        except Exception as error:
            raise NodeFailed(work.__name__, error) from error
        spent: Spent = update.get("spent") or state["spent"]
        return {**update, "spent": spent.with_time(work.__name__, time.perf_counter() - began)}

    return run


def with_note(state: State, note: str) -> Update:
    """Why the run went the way it did, for whoever asks why."""
    return {"notes": (*state["notes"], note)}
