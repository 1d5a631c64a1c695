"""What each node of the graph does, and where it goes from there."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from langgraph.runtime import Runtime

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.aloud import Aloud
from helpdesk_bot.agent.asking import matter_of, split_form
from helpdesk_bot.agent.clarify import candidate_topics, says_too_little
from helpdesk_bot.agent.compose import Composer, Draft, HasManner, HasVersions, Manner, Objection
from helpdesk_bot.agent.errands import needed_for
from helpdesk_bot.agent.errors import CannotCompose, NodeFailed
from helpdesk_bot.agent.evidence import SHIPPED, Calibration, features, probability, whole_text
from helpdesk_bot.agent.rewrite import Rewriter, Rewritten
from helpdesk_bot.agent.route import Route, names_a_matter, route
from helpdesk_bot.agent.standalone import stand_alone
from helpdesk_bot.agent.state import Asked, Spent, State, earlier_turns, stored
from helpdesk_bot.agent.thread import find_antecedent, only_points
from helpdesk_bot.cache import Recalled, Wanted, Written
from helpdesk_bot.events import Citation, Decision, Outcome, Step, Turn
from helpdesk_bot.guard.grounding import unsupported
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.incoming import MAX_CHARACTERS
from helpdesk_bot.guard.outgoing import cited_numbers, renumber
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status import Looked
from helpdesk_bot.tools.status_pages import StatusPages
from helpdesk_bot.tools.status_told import Told, note_on, tell
from helpdesk_bot.tools.status_words import asks_for_status, find_concerned
from knowledge.audience import Audience
from knowledge.passages import Passage

Update = dict[str, Any]
"""New values by the names of `State`'s fields."""


class Finds(Protocol):
    """What the agent asks of `knowledge.search.Search`."""

    async def find(
        self, question: str, audience: Audience, *, limit: int = 8, sources: frozenset[str] | None = None
    ) -> list[Passage]: ...


class Cache(Protocol):
    """What the agent asks of `cache.AnswerCache`."""

    async def find(self, wanted: Wanted) -> Recalled | None: ...
    async def keep(self, wanted: Wanted, written: Written) -> None: ...


@dataclass(frozen=True, kw_only=True)
class AgentOptions:
    calibration: Calibration = SHIPPED
    """How evidence is weighed, and at which probability an answer is composed."""
    max_passages: int = 8
    next_step: str = "Please ask a colleague, or put it in other words."
    """What is said after `I'm not sure`: who is being asked, or whom to ask."""
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
    cache: Cache | None = None
    status: StatusPages = field(default_factory=StatusPages)
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
        self._cache = parts.cache
        self._options = parts.options
        self._status = parts.status

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
            "asks_for_status": self._may_look(asked) and asks_for_status(rewritten.question),
            "told": None,
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

    async def look(self, state: State, asked: Asked) -> Update:
        """At the status pages, for a question whether something is up. What no page knows is searched for."""
        looks = await self._look(asked)
        concerned = find_concerned(state["standalone"], looks, self._status.aliases)
        if not concerned:
            return {"looks": looks}
        told = await asyncio.to_thread(tell, concerned, self._guard)
        note = self._note(state, f"status pages: {', '.join(one.looked.page for one in concerned)}")
        return note | {"told": told, "looks": looks, "verdicts": (*state["verdicts"], *told.verdicts)}

    async def retrieve(self, state: State, asked: Asked) -> Update:
        """What the whole audience may read about it, cleaned."""
        search = self._search.find(
            state["standalone"], asked.audience, limit=self._options.max_passages, sources=asked.sources
        )
        found, looks = await asyncio.gather(search, self._look(asked))
        passages, verdicts = await asyncio.to_thread(self._cleaned, (*asked.attached, *found))
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

    async def recall(self, state: State, asked: Asked) -> Update:
        """An answer that was written before to the same question from the same passages: a draft as any other."""
        wanted = self._wanted(state, asked)
        recalled = await self._cache.find(wanted) if self._cache and wanted else None
        if recalled is None:
            return {"draft": None}
        draft = Draft(
            text=recalled.text,
            composer=recalled.composer,
            model=recalled.model,
            prompt_version=recalled.prompt_version,
            cached_id=recalled.id,
        )
        note = self._note(state, f"from the cache, in {'the same' if recalled.is_exact else 'other'} words")
        return {"draft": draft, "is_last_attempt": False} | note

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
            return tried | self._note(state, f"{composer.name}: no time left") | {"objection": None}
        try:
            draft = await self._draft_by(composer, state, asked, time_s)
        except CannotCompose as error:
            note = self._note(state, f"{composer.name}: {error.reason}")
            over = state["is_over_budget"] or error.is_over_budget
            spent = state["spent"].with_tokens(error)
            return tried | note | {"spent": spent, "is_over_budget": over, "objection": None}
        return tried | {"draft": draft, "spent": state["spent"].with_tokens(draft)}

    async def check(self, state: State, asked: Asked) -> Update:
        """The draft made safe to say; None where something in it stands on no passage."""
        draft, passages = _draft(state), state["passages"]
        text, met = await asyncio.to_thread(self._checked, draft.text, passages)
        update: Update = {"verdicts": (*state["verdicts"], *met)}
        if is_blocked(met) or not cited_numbers(text):
            blocking = [verdict.rule for verdict in met if verdict.action is Action.BLOCK]
            why = ", ".join(blocking) or "nothing cited"
            update |= {"draft": None} | self._note(state, f"{draft.composer}: not used ({why})")
            return update | await self._objection(state, replace(draft, text=text), is_watched=asked.say is not None)
        return update | {"draft": replace(draft, text=text)}

    async def _objection(self, state: State, draft: Draft, *, is_watched: bool) -> Update:
        """The same composer's turn again, once, with what was wrong named; where it can't listen, the next one's.

        Not under a reader's eyes: who watched an answer being written, and may have pressed stop, gets quotations.
        """
        attempt = state["attempt"] - 1
        has_its_turn = attempt >= 0 and state["objection"] is None and not is_watched
        if not has_its_turn or not isinstance(self._composers[attempt], HasManner):
            return {"objection": None}
        passages = state["passages"]
        cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(draft.text)}
        wrong = await asyncio.to_thread(unsupported, draft.text, cited) if cited else []
        return {
            "objection": Objection(draft=draft.text, unsupported=tuple(wrong)),
            "attempt": attempt,
            "is_last_attempt": False,
        }

    async def answer(self, state: State, asked: Asked) -> Update:
        draft = _draft(state)
        await self._keep(draft, state, asked)
        numbers = cited_numbers(draft.text)
        text = renumber(draft.text, {number: place for place, number in enumerate(numbers, start=1)})
        citations = [
            Citation(number=place, passage=state["passages"][number - 1])
            for place, number in enumerate(numbers, start=1)
        ]
        noted = await asyncio.to_thread(self._noted, state, citations)
        decision = self._decision(state, Outcome.ANSWERED, "\n\n".join(filter(None, (text, noted.text))))
        answered = replace(
            decision,
            citations=(*citations, *noted.citations),
            composer=draft.composer,
            model=draft.model,
            prompt_version=draft.prompt_version,
            cached_id=draft.cached_id,
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

    async def report(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        """What the status pages say; a person comes in where none could be read."""
        told = state["told"] or Told()
        outcome = Outcome.ANSWERED if told.citations else Outcome.ESCALATED
        text = told.text if told.citations else f"{told.text} {self._options.next_step}".strip()
        return {"decision": replace(self._decision(state, outcome, text), citations=told.citations)}

    async def greet(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        text = phrases.WELCOME if state["route"] is Route.THANKS else phrases.GREETING
        return {"decision": self._decision(state, Outcome.ANSWERED, text)}

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

    def _may_look(self, asked: Asked) -> bool:
        """A channel that was given its sources has those only."""
        return bool(self._status) and asked.sources is None

    async def _look(self, asked: Asked) -> tuple[Looked, ...]:
        return tuple(await self._status.look()) if self._may_look(asked) else ()

    def _noted(self, state: State, citations: Sequence[Citation]) -> Told:
        """In a thread: the open incidents of what question and sources are about."""
        about = " \n ".join((state["standalone"], *(one.passage.title for one in citations)))
        concerned = find_concerned(about, state["looks"], self._status.aliases)
        return note_on(concerned, self._guard, first=len(citations) + 1)

    def _cleaned(self, found: Sequence[Passage]) -> tuple[list[Passage], list[Verdict]]:
        """In a thread. Without the passages that the policy blocks."""
        cleaned = [self._guard.clean(passage) for passage in found]
        passages = [passage for passage, verdicts in cleaned if not is_blocked(verdicts)]
        return passages, [verdict for _, verdicts in cleaned for verdict in verdicts]

    def _checked(self, text: str, passages: Sequence[Passage]) -> tuple[str, list[Verdict]]:
        """In a thread: the answer made safe to say, and what is wrong with it."""
        text, redacted = self._guard.clean_answer(text, citations=len(passages))
        cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(text)}
        return text, [*redacted, *self._guard.check_grounding(text, cited)]

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

    async def _draft_by(self, composer: Composer, state: State, asked: Asked, time_s: float) -> Draft:
        """The question goes with how it wants to be answered: that tells a composer what to look for."""
        question = " ".join(filter(None, (state["standalone"], split_form(state["question"])[1])))
        passages = state["passages"]
        if not isinstance(composer, HasManner):
            return await composer.compose(question, passages, timeout_s=time_s)
        is_held = _is_held(state["verdicts"]) or self._guard.policy.may_hold_answers
        is_aloud = asked.say and not is_held and state["objection"] is None
        aloud = Aloud(guard=self._guard, passages=passages, say=asked.say) if asked.say and is_aloud else None
        manner = Manner(
            tone=asked.tone,
            conversation_id=asked.conversation_id,
            on_text=aloud.hear if aloud else None,
            payer=asked.payer,
            objection=state["objection"],
        )
        return await composer.compose_in(question, passages, timeout_s=time_s, manner=manner)

    def _wanted(self, state: State, asked: Asked) -> Wanted | None:
        """What the cache is asked for; None where nothing is looked for and nothing kept."""
        composer = self._composers[0]
        if not isinstance(composer, HasVersions) or asked.attached or state["is_cut"] or _is_held(state["verdicts"]):
            return None
        return Wanted(
            question=state["standalone"],
            passages=state["passages"],
            prompt_version=composer.version_for(asked.conversation_id),
            tone=asked.tone,
            sources=asked.sources,
        )

    async def _keep(self, draft: Draft, state: State, asked: Asked) -> None:
        wanted = self._wanted(state, asked)
        if self._cache is None or wanted is None or draft.cached_id is not None:
            return
        if draft.composer != self._composers[0].name or draft.prompt_version != wanted.prompt_version:
            return
        written = Written(
            question_key=asked.question_key,
            text=draft.text,
            composer=draft.composer,
            model=draft.model,
            prompt_version=draft.prompt_version,
        )
        await self._cache.keep(wanted, written)

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
            is_over_budget=state["is_over_budget"],
            needs_approval=calls_for(Action.DRAFT, state["verdicts"]),
        )


def after_read(state: State) -> str:
    match state["route"]:
        case Route.QUESTION:
            return "look" if state["asks_for_status"] else "retrieve"
        case Route.GREETING | Route.THANKS:
            return "greet"
        case Route.PERSON:
            return "escalate"
        case Route.OUT_OF_SCOPE:
            return "decline"


def after_look(state: State) -> str:
    return "report" if state["told"] else "retrieve"


def after_weigh(state: State) -> str:
    if state["is_unclear"]:
        return "clarify"
    return "recall" if state["is_enough"] else "escalate"


def after_recall(state: State) -> str:
    return "check" if state["draft"] is not None else "compose"


def after_compose(state: State) -> str:
    draft = state["draft"]
    if draft is None:
        return "escalate" if state["is_last_attempt"] else "compose"
    return "check" if draft.text else "escalate"


def after_check(state: State) -> str:
    if calls_for(Action.ESCALATE, state["verdicts"]):
        return "escalate"
    if state["draft"] is not None:
        return "answer"
    return "escalate" if state["is_last_attempt"] else "compose"


def _turned_away(verdicts: Sequence[Verdict]) -> Route | None:
    """Where a question goes that the policy doesn't let the bot answer."""
    if calls_for(Action.ESCALATE, verdicts):
        return Route.PERSON
    return Route.OUT_OF_SCOPE if is_blocked(verdicts) else None


def _is_held(verdicts: Sequence[Verdict]) -> bool:
    """Whether a person comes in before the answer is out."""
    return calls_for(Action.DRAFT, verdicts) or calls_for(Action.ESCALATE, verdicts)


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
