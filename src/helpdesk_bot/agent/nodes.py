"""What each node of the graph does, and where it goes from there."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from langgraph.runtime import Runtime

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.clarify import candidate_topics, says_too_little
from helpdesk_bot.agent.compose import Composer, Draft
from helpdesk_bot.agent.errors import CannotCompose, NodeFailed
from helpdesk_bot.agent.evidence import Weights, features, probability, whole_text
from helpdesk_bot.agent.rewrite import Rewriter, Rewritten
from helpdesk_bot.agent.route import Route, names_a_matter, route
from helpdesk_bot.agent.standalone import stand_alone
from helpdesk_bot.agent.state import Asked, Spent, State, earlier_turns, stored
from helpdesk_bot.events import Citation, Decision, Outcome, Step, Turn
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.incoming import MAX_CHARACTERS
from helpdesk_bot.guard.outgoing import cited_numbers, renumber
from helpdesk_bot.guard.verdicts import Verdict, is_blocked
from knowledge.audience import Audience
from knowledge.passages import Passage

Update = dict[str, Any]
"""New values by the names of `State`'s fields."""


class Finds(Protocol):
    """What the agent asks of `knowledge.search.Search`."""

    async def find(
        self, question: str, audience: Audience, *, limit: int = 8, sources: frozenset[str] | None = None
    ) -> list[Passage]: ...


@dataclass(frozen=True, kw_only=True)
class AgentOptions:
    answer_at: float = 0.5
    """The least probability of evidence at which an answer is composed."""
    max_passages: int = 8
    next_step: str = "Please ask a colleague, or put it in other words."
    """What is said after `I'm not sure`: who is being asked, or whom to ask."""
    weights: Weights = field(default_factory=Weights)
    rewrite_timeout_s: float = 4.0
    compose_timeout_s: float = 20.0
    reserve_s: float = 2.0
    """What a model leaves of the deadline for falling back on quotations."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything the agent works with."""

    search: Finds
    composers: tuple[Composer, ...]
    """In order of preference. The last one needs nobody else and so always has its turn."""
    guard: Guard = field(default_factory=Guard)
    rewriter: Rewriter | None = None
    options: AgentOptions = field(default_factory=AgentOptions)


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


class Nodes:
    def __init__(self, parts: Parts) -> None:
        self._search = parts.search
        self._composers = parts.composers
        self._guard = parts.guard
        self._rewriter = parts.rewriter
        self._options = parts.options

    async def read(self, state: State, asked: Asked) -> Update:
        """What is asked, without its thread."""
        incoming = self._guard.read_question(asked.question)
        kind = route(incoming.text)
        earlier = earlier_turns(state["turns"], asked.question_key)
        rewritten = Rewritten(question=incoming.text)
        if kind is Route.QUESTION:
            rewritten = await self._rewrite(incoming.text, earlier, asked)
        elif kind is Route.PERSON and earlier and not names_a_matter(incoming.text):
            rewritten = Rewritten(question=earlier[-1].question)
        return {
            "question": incoming.text,
            "is_cut": incoming.is_cut,
            "route": kind,
            "standalone": rewritten.question,
            "passages": (),
            "confidence": 0.0,
            "attempt": 0,
            "notes": (),
            "verdicts": incoming.verdicts,
            "spent": Spent(input_tokens=rewritten.input_tokens, output_tokens=rewritten.output_tokens),
        }

    async def retrieve(self, state: State, asked: Asked) -> Update:
        """What the whole audience may read about it, cleaned."""
        found = await self._search.find(state["standalone"], asked.audience, limit=self._options.max_passages)
        cleaned = [self._guard.clean(passage) for passage in found]
        verdicts = [verdict for _, verdicts in cleaned for verdict in verdicts]
        return {"passages": tuple(passage for passage, _ in cleaned), "verdicts": (*state["verdicts"], *verdicts)}

    async def weigh(self, state: State, asked: Asked) -> Update:
        """Whether that is enough, or the question too little. Asking back once is enough."""
        question, passages = state["standalone"], state["passages"]
        confidence = probability(features(question, passages), self._options.weights)
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
            "is_enough": confidence >= self._options.answer_at,
        }

    async def compose(self, state: State, asked: Asked) -> Update:
        """A draft of the next composer, or a note why it has none."""
        attempt = state["attempt"]
        composer = self._composers[attempt]
        is_last = attempt + 1 == len(self._composers)
        tried = {"attempt": attempt + 1, "is_last_attempt": is_last, "draft": None}
        time_s = asked.left_s
        if not is_last:
            time_s = min(self._options.compose_timeout_s, time_s - self._options.reserve_s)
        if time_s <= 0:
            return tried | self._note(state, f"{composer.name}: no time left")
        try:
            draft = await composer.compose(state["standalone"], state["passages"], timeout_s=time_s)
        except CannotCompose as error:
            note = self._note(state, f"{composer.name}: {error.reason}")
            return tried | note | {"spent": state["spent"].with_tokens(error)}
        return tried | {"draft": draft, "spent": state["spent"].with_tokens(draft)}

    async def check(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        """The draft made safe to say; None where something in it stands on no passage."""
        draft, passages = _draft(state), state["passages"]
        text, redacted = self._guard.clean_answer(draft.text, citations=len(passages))
        cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(text)}
        problems = self._guard.check_grounding(text, cited)
        update: Update = {"verdicts": (*state["verdicts"], *redacted, *problems)}
        if is_blocked(problems) or not cited:
            why = ", ".join(verdict.rule for verdict in problems) or "nothing cited"
            return update | {"draft": None} | self._note(state, f"{draft.composer}: not used ({why})")
        return update | {"draft": replace(draft, text=text)}

    async def answer(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        draft = _draft(state)
        numbers = cited_numbers(draft.text)
        text = renumber(draft.text, {number: place for place, number in enumerate(numbers, start=1)})
        citations = [
            Citation(number=place, passage=state["passages"][number - 1])
            for place, number in enumerate(numbers, start=1)
        ]
        decision = self._decision(state, Outcome.ANSWERED, text)
        answered = replace(
            decision,
            citations=tuple(citations),
            composer=draft.composer,
            model=draft.model,
            prompt_version=draft.prompt_version,
        )
        return {"decision": answered}

    async def clarify(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        topics = state["topics"]
        text = phrases.which_one(topics) if topics else phrases.ASK_WHAT
        return {"decision": self._decision(state, Outcome.CLARIFIED, text)}

    async def escalate(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        wanted = state["route"] is Route.PERSON
        say = phrases.bring_in_a_person if wanted else phrases.unsure
        return {"decision": self._decision(state, Outcome.ESCALATED, say(self._options.next_step))}

    async def decline(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        return {"decision": self._decision(state, Outcome.DECLINED, phrases.OUT_OF_SCOPE)}

    async def greet(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        text = phrases.WELCOME if state["route"] is Route.THANKS else phrases.GREETING
        return {"decision": self._decision(state, Outcome.ANSWERED, text)}

    async def remember(self, state: State, asked: Asked) -> Update:
        """The turn, for the questions that follow it in the thread; small talk is not remembered."""
        if state["route"] is not Route.QUESTION:
            return {}
        decision = state["decision"]
        turn = Turn(
            question_key=asked.question_key,
            question=decision.standalone,
            answer=decision.text,
            outcome=decision.outcome,
        )
        return {"turns": [stored(turn)]}

    async def _rewrite(self, question: str, earlier: Sequence[Turn], asked: Asked) -> Rewritten:
        """By the model, but for the reply to a question of ours: only the rules know what was offered."""
        if self._rewriter is None or not earlier or earlier[-1].outcome is Outcome.CLARIFIED:
            return Rewritten(question=stand_alone(question, earlier))
        time_s = min(self._options.rewrite_timeout_s, asked.left_s / 4)
        return await self._rewriter.rewrite(question, earlier, timeout_s=time_s)

    def _note(self, state: State, note: str) -> Update:
        return {"notes": (*state["notes"], note)}

    def _decision(self, state: State, outcome: Outcome, text: str) -> Decision:
        return Decision(
            outcome=outcome,
            text=f"{text}\n\n{phrases.CUT.format(characters=MAX_CHARACTERS)}" if state["is_cut"] else text,
            confidence=state["confidence"],
            standalone=state["standalone"],
            tried=state["passages"],
            reason=_reason(state),
        )


def after_read(state: State) -> str:
    match state["route"]:
        case Route.QUESTION:
            return "retrieve"
        case Route.GREETING | Route.THANKS:
            return "greet"
        case Route.PERSON:
            return "escalate"
        case Route.OUT_OF_SCOPE:
            return "decline"


def after_weigh(state: State) -> str:
    if state["is_unclear"]:
        return "clarify"
    return "compose" if state["is_enough"] else "escalate"


def after_compose(state: State) -> str:
    draft = state["draft"]
    if draft is None:
        return "escalate" if state["is_last_attempt"] else "compose"
    return "check" if draft.text else "escalate"


def after_check(state: State) -> str:
    if state["draft"] is not None:
        return "answer"
    return "escalate" if state["is_last_attempt"] else "compose"


def _draft(state: State) -> Draft:
    draft = state["draft"]
    assert draft is not None, "the graph comes here only with a draft"  # noqa: S101
    return draft


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
