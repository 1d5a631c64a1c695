"""The nodes in which a run ends: what is decided."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.message.danger import find_danger
from helpdesk_bot.agent.message.route import Route
from helpdesk_bot.agent.node import Update
from helpdesk_bot.agent.state import State, stored
from helpdesk_bot.events import Decision, Outcome, Turn
from helpdesk_bot.guard.incoming import MAX_CHARACTERS
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for


class Endings:
    def __init__(self, *, next_step: str) -> None:
        """`next_step` is said after `I'm not sure`: who is being asked, or whom to ask."""
        self._next_step = next_step

    async def clarify(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        text = phrases.ASK_WHAT
        if topics := state["topics"]:
            text = phrases.which_one(topics)
        elif thing := state["unnamed"]:
            text = phrases.which_thing(thing)
        return {"decision": decision_of(state, Outcome.CLARIFIED, text)}

    async def escalate(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        says = {Route.PERSON: phrases.bring_in_a_person, Route.UNHELPED: phrases.not_solved}
        danger = find_danger(state["standalone"])
        unsure = phrases.in_danger if danger and not danger.can_wait else phrases.unsure
        say = says.get(state["route"], unsure)
        return {"decision": decision_of(state, Outcome.ESCALATED, say(self._next_step))}

    async def decline(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        return {"decision": decision_of(state, Outcome.DECLINED, phrases.OUT_OF_SCOPE)}

    async def greet(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        text = phrases.WELCOME if state["route"] is Route.THANKS else phrases.GREETING
        return {"decision": decision_of(state, Outcome.ANSWERED, text)}

    async def remember(self, state: State, asked: Asked) -> Update:
        """The turn, for the questions that follow it in the thread; small talk and what stood in files is not kept."""
        if state["route"] is not Route.QUESTION:
            return {}
        decision = state["decision"]
        quotes_a_file = any(one.passage.chunk_id < 0 for one in decision.citations)
        turn = Turn(
            question_key=asked.question_key,
            question=decision.standalone,
            answer="" if quotes_a_file else decision.text,
            outcome=decision.outcome,
        )
        return {"turns": [stored(turn)]}


def decision_of(state: State, outcome: Outcome, text: str) -> Decision:
    return Decision(
        outcome=outcome,
        text=f"{text}\n\n{phrases.CUT.format(characters=MAX_CHARACTERS)}" if state["is_cut"] else text,
        confidence=state["confidence"],
        standalone=state["standalone"],
        tried=state["passages"],
        reason=_reason(state),
        is_over_budget=state["is_over_budget"],
        needs_approval=calls_for(Action.DRAFT, state["verdicts"]),
    )


def _reason(state: State) -> str:
    """Route, evidence, what the composers said, and what the guard met: counts and names of rules only."""
    parts: list[str] = [state["route"].value]
    if state["route"] is Route.QUESTION:
        parts.append(f"evidence {state['confidence']:.2f}")
    parts += state["notes"]
    parts += [f"{verdict.rule} x{verdict.spans}" for verdict in _summed(state["verdicts"])]
    return "; ".join(parts)


def _summed(verdicts: Sequence[Verdict]) -> list[Verdict]:
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        before = found.get(verdict.rule)
        found[verdict.rule] = replace(verdict, spans=verdict.spans + before.spans) if before else verdict
    return list(found.values())
