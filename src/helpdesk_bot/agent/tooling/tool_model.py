"""A chat model that picks tools: it is shown the request and what tools answered, never a document."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from helpdesk_bot.agent.tooling.choosing import properties
from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.models.asks import NOBODY, Asks
from helpdesk_bot.models.request import ModelRequest, Offer
from helpdesk_bot.prompts.catalog import ChosenPrompt
from helpdesk_bot.records.spending import Payer
from helpdesk_bot.tools.tool import ToolSpec

NOTHING_YET = "(none yet)"


class ToolModel:
    def __init__(self, model: Asks, *, prompt: ChosenPrompt) -> None:
        self._model = model
        self._prompt = prompt

    async def pick(
        self,
        question: str,
        specs: Sequence[ToolSpec],
        *,
        results: Sequence[str],
        timeout_s: float,
        conversation_id: str = "",
        payer: Payer = NOBODY,
    ) -> ModelReply:
        """What to call next; no calls where nothing is to be called. Raises `ModelFailed`."""
        system, user = self._prompt.for_conversation(conversation_id).fill(
            fence=f"-----{secrets.token_hex(8)}",
            question=question,
            results="\n\n".join(results) or NOTHING_YET,
        )
        request = ModelRequest(system=system, user=user, tools=[offer(spec) for spec in specs])
        return await self._model.ask(request, timeout_s=timeout_s, payer=payer)


def offer(spec: ToolSpec) -> Offer:
    does = " It changes something; a person is asked before it is done." if spec.changes else ""
    parameters = {**spec.parameters, "properties": {name: _plain(one) for name, one in properties(spec).items()}}
    return {
        "type": "function",
        "function": {"name": spec.name, "description": spec.description + does, "parameters": parameters},
    }


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Patterns without what only our own check needs: not every provider reads a look-ahead."""
    if "pattern" not in schema:
        return schema
    return {**schema, "pattern": str(schema["pattern"]).removesuffix("(?!\\n)")}


def same_call(name: str, arguments: Mapping[str, Any]) -> str:
    """Equal for calls that ask for the same."""
    return json.dumps([name, arguments], sort_keys=True, default=str)
