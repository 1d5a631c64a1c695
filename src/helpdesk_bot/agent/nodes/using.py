"""The node that uses tools, before anybody writes: lookups are made, a change is only proposed."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.node import Update
from helpdesk_bot.agent.nodes.endings import decision_of
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.state import State, earlier_turns
from helpdesk_bot.agent.tooling.asked_back import find_reply
from helpdesk_bot.agent.tooling.choosing import Choice, choose, properties
from helpdesk_bot.agent.tooling.proposing import ask_back, plan_change, propose_change
from helpdesk_bot.agent.tooling.tool_model import ToolModel, same_call
from helpdesk_bot.agent.tooling.tool_work import ToolWork
from helpdesk_bot.events import Turn
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.models.ask import ToolCall
from helpdesk_bot.models.errors import ModelFailed, OverBudget
from helpdesk_bot.tools.errors import ToolError
from helpdesk_bot.tools.status_told import Told
from helpdesk_bot.tools.told import READERS, Answered, tell_answers
from helpdesk_bot.tools.tool import ToolSpec

MAX_ROUNDS = 3
MAX_CALLS = 4
"""Of one question, in all rounds."""
MAX_OFFERED = 30


class Using:
    def __init__(self, parts: Parts) -> None:
        self._tools = parts.tools
        self._model = parts.tool_model
        self._guard: Guard = parts.guard
        self._options: AgentOptions = parts.options
        self._has_writer = len(parts.composers) > 1

    def may_use(self, asked: Asked) -> bool:
        """Not in a channel that was given its sources, and not where others than the staff read along."""
        return bool(self._tools) and asked.sources is None and asked.audience.may_read(READERS)

    async def use(self, state: State, asked: Asked) -> Update:
        """By a model where there is one and it can be asked, or by rules."""
        specs = await self._offered(asked)
        earlier = earlier_turns(state["turns"], asked.question_key)
        last = earlier[-1] if earlier else None
        reply = find_reply(state["question"], specs, last, is_answered=state["is_enough"])
        request = _request(state, asked, led_on_from=last if reply else None)
        choice = reply or choose(request, specs)
        work, update = ToolWork(request=request), Update()
        is_complete = reply is not None and not reply.missing
        if self._model is not None and not is_complete and specs and (choice or not state["is_enough"]):
            update = await self._by_model(self._model, specs, state, asked, work)
        if not work.is_decided and choice and (reply or choice.is_asked_for(is_answered=state["is_enough"])):
            await self._by_rules(choice, asked, work)
        return update | await asyncio.to_thread(self._came_of, work, state)

    async def _offered(self, asked: Asked) -> list[ToolSpec]:
        """None while servers that were never heard of keep silent: the question does not wait for them."""
        try:
            async with asyncio.timeout(min(self._options.tool_timeout_s, asked.left_s / 3)):
                return (await self._tools.offered())[:MAX_OFFERED]
        except TimeoutError:
            return []

    async def propose(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        """The change that a person is asked about, or the question for what it needs.

        It is remembered in the asker's own words: what others said in the thread fills in no argument later.
        """
        planned = state["planned"]
        assert planned is not None, "the graph comes here only with a plan"  # noqa: S101
        decision = decision_of(state, planned.outcome, planned.text)
        return {"decision": replace(decision, proposal=planned.proposal, standalone=planned.request)}

    async def _by_rules(self, choice: Choice, asked: Asked, work: ToolWork) -> None:
        if choice.missing:
            work.planned = ask_back(choice.spec, choice.missing[0], work)
        elif choice.spec.changes:
            work.planned = propose_change(choice.spec, choice.arguments, work, guard=self._guard)
        else:
            await self._call(choice.spec, choice.arguments, asked, work)

    async def _by_model(
        self, model: ToolModel, specs: Sequence[ToolSpec], state: State, asked: Asked, work: ToolWork
    ) -> Update:
        """Round by round until it calls nothing more, a change is planned, or enough was called."""
        by_name = {spec.name: spec for spec in specs}
        spent, is_over = state["spent"], state["is_over_budget"]
        for number in range(MAX_ROUNDS):
            try:
                reply = await model.pick(
                    work.request,
                    specs,
                    results=work.shown,
                    timeout_s=min(self._options.tool_timeout_s, asked.left_s / 3),
                    conversation_id=asked.conversation_id,
                    payer=asked.payer,
                )
            except ModelFailed as error:
                work.notes.append(f"tools: {error.reason}")
                spent, is_over = spent.with_tokens(error), is_over or isinstance(error, OverBudget)
                work.is_decided = bool(work.answers)
                break
            work.is_decided = True
            spent = spent.with_tokens(reply)
            if not reply.calls:
                break
            await self._round(reply.calls, by_name, asked, work, is_first=number == 0)
            if work.planned is not None or len(work.asked_for) >= MAX_CALLS:
                break
        return {"spent": spent, "is_over_budget": is_over}

    async def _round(
        self,
        calls: Sequence[ToolCall],
        by_name: Mapping[str, ToolSpec],
        asked: Asked,
        work: ToolWork,
        *,
        is_first: bool,
    ) -> None:
        """Lookups side by side; of changes the first that fits is planned, and the rest is dropped."""
        lookups: list[tuple[ToolSpec, Mapping[str, Any]]] = []
        for call in calls:
            spec = by_name.get(call.name)
            trouble = _objection(call, spec, work)
            if spec is None or trouble:
                work.shown.append(f"{call.name[:40]}: not called, {trouble}")
                work.notes.append(f"tool not called: {trouble}")
                continue
            work.asked_for.add(same_call(call.name, call.arguments or {}))
            if not spec.changes:
                lookups.append((spec, call.arguments or {}))
            elif work.planned is None:
                work.planned = plan_change(spec, call.arguments or {}, work, guard=self._guard, is_first=is_first)
        await asyncio.gather(*(self._call(spec, arguments, asked, work) for spec, arguments in lookups))

    async def _call(self, spec: ToolSpec, arguments: Mapping[str, Any], asked: Asked, work: ToolWork) -> None:
        """Makes a lookup."""
        shown = f"tool {spec.name}({', '.join(sorted(map(str, arguments))[:10])})"
        try:
            result = await self._tools[spec.name].call(
                arguments, timeout_s=min(self._options.tool_timeout_s, asked.left_s / 2)
            )
        except ToolError as error:
            work.notes.append(f"{shown}: {type(error).__name__}, {error.reason}")
            work.troubles.append(phrases.no_tool(spec.title, error.reason))
            work.shown.append(f"{spec.name}: {error.reason}")
            return
        work.notes.append(f"{shown}: answered")
        answered = Answered(spec=spec, result=result)
        work.answers.append(answered)
        told = await asyncio.to_thread(tell_answers, [answered], self._guard)
        work.shown.append(f"{spec.name}: {told.citations[0].passage.text}")

    def _came_of(self, work: ToolWork, state: State) -> Update:
        """In a thread."""
        notes = {"notes": (*state["notes"], *work.notes)}
        if work.planned is not None:
            return notes | {"planned": work.planned}
        if not work.answers:
            says_so = bool(work.troubles) and not state["is_enough"]
            return notes | ({"told": Told(text="\n\n".join(work.troubles))} if says_so else {})
        told = tell_answers(work.answers, self._guard)
        found = state["passages"] if state["is_enough"] else ()
        return notes | {
            "told": told,
            "is_worded": self._has_writer,
            "passages": (*(one.passage for one in told.citations), *found),
            "verdicts": (*state["verdicts"], *told.verdicts),
        }


def _request(state: State, asked: Asked, *, led_on_from: Turn | None) -> str:
    """The asker's own words. As they were understood only where nobody else's can be among them."""
    if led_on_from is not None:
        return f"{led_on_from.question.rstrip('?! .')}: {state['question']}"
    return state["question"] if asked.thread else state["standalone"]


def _objection(call: ToolCall, spec: ToolSpec | None, work: ToolWork) -> str:
    """Why a call is not made; empty where it may be."""
    if spec is None:
        return "there is no such tool"
    if call.arguments is None:
        return "its arguments can't be read"
    if not _are_said(spec, call.arguments, "\n".join((work.request, *work.shown))):
        return "nobody said these arguments"
    if same_call(call.name, call.arguments) in work.asked_for:
        return "it was called with these arguments before"
    return "that is enough calls" if len(work.asked_for) >= MAX_CALLS else ""


def _are_said(spec: ToolSpec, arguments: Mapping[str, Any], said: str) -> bool:
    """Whether what has to have a certain form, such as a number of a ticket, was said, and is not made up.

    As a whole: INC0012345 is another ticket than INC00123456. Letters of scripts without spaces may stand around it.
    """
    formed = [str(value) for name, value in arguments.items() if "pattern" in properties(spec).get(name, {})]
    whole = (rf"(?<![a-z0-9]){re.escape(value.casefold())}(?![a-z0-9])" for value in formed)
    return all(re.search(one, said.casefold()) for one in whole)
