"""What the graph knows while it runs, and the little of it that outlives the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Protocol, TypedDict

from langgraph.channels import UntrackedValue

from helpdesk_bot.agent.compose import Begun, Draft, Objection
from helpdesk_bot.agent.message.route import Route
from helpdesk_bot.agent.question.several import Sought
from helpdesk_bot.events import Decision, Outcome, Proposal, Turn
from helpdesk_bot.guard.verdicts import Verdict
from helpdesk_bot.tools.status import Looked
from helpdesk_bot.tools.status_told import Told
from knowledge.passages import Passage

MAX_TURNS = 20


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is said instead of an answer: what a tool would do, or the question for what it needs."""

    text: str
    outcome: Outcome
    request: str
    """What it answers, in the asker's own words: what is remembered of the turn."""
    proposal: Proposal | None = None


class UsesTokens(Protocol):
    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a run has used so far."""

    input_tokens: int = 0
    output_tokens: int = 0
    took_ms: dict[str, int] = field(default_factory=dict[str, int])
    """By node; a node that ran twice has the sum."""

    def with_time(self, node: str, took_s: float) -> "Spent":
        return replace(self, took_ms=self.took_ms | {node: self.took_ms.get(node, 0) + round(took_s * 1000)})

    def with_tokens(self, used: "UsesTokens") -> "Spent":
        return replace(
            self,
            input_tokens=self.input_tokens + used.input_tokens,
            output_tokens=self.output_tokens + used.output_tokens,
        )


class StoredTurn(TypedDict):
    """A `Turn` as plain values: what checkpoints may hold."""

    question_key: str
    question: str
    answer: str
    outcome: str


def merge_turns(stored: Sequence[StoredTurn], new: Sequence[StoredTurn]) -> list[StoredTurn]:
    """The newest `MAX_TURNS`, oldest first. A question that was there before keeps its place and gets its new turn.

    So a run that is repeated after a crash, and a question that was edited, neither fork nor repeat the history.
    """
    by_key = {turn["question_key"]: turn for turn in stored}
    by_key.update({turn["question_key"]: turn for turn in new})
    return list(by_key.values())[-MAX_TURNS:]


def stored(turn: Turn) -> StoredTurn:
    return StoredTurn(
        question_key=turn.question_key, question=turn.question, answer=turn.answer, outcome=turn.outcome.value
    )


def earlier_turns(turns: Sequence[StoredTurn], question_key: str) -> list[Turn]:
    """The turns before the question with this key, oldest first."""
    keys = [turn["question_key"] for turn in turns]
    before = turns[: keys.index(question_key)] if question_key in keys else turns
    before = [turn for turn in before if turn["outcome"] != Outcome.WITHDRAWN.value]
    return [
        Turn(
            question_key=turn["question_key"],
            question=turn["question"],
            answer=turn["answer"],
            outcome=Outcome(turn["outcome"]),
        )
        for turn in before
    ]


class State(TypedDict):
    """Only `turns` is checkpointed: rights may shrink, so no passage and no audience outlives the run that saw it.

    While a run goes on, a field has a value from the first node that sets it; `read` sets what more than one node sets.
    """

    turns: Annotated[list[StoredTurn], merge_turns]

    question_key: Annotated[str, UntrackedValue]
    question: Annotated[str, UntrackedValue]
    """As read by the guard."""
    is_cut: Annotated[bool, UntrackedValue]
    route: Annotated[Route, UntrackedValue]
    standalone: Annotated[str, UntrackedValue]
    """What is asked, without its thread; in the documents' language where that finds more."""
    reading: Annotated[str, UntrackedValue]
    """The same as it is looked for and quoted for: its words as they were probably meant, and as the documents write
    them. Evidence is weighed by what was said: a guess at what was meant is no evidence."""
    asks_for_status: Annotated[bool, UntrackedValue]
    looks: Annotated[tuple[Looked, ...], UntrackedValue]
    """At the status pages; empty where there are none."""
    told: Annotated[Told | None, UntrackedValue]
    """What a status page or a tool has to say to the question; None where none has."""
    may_use_tools: Annotated[bool, UntrackedValue]
    is_worded: Annotated[bool, UntrackedValue]
    """Whether a model may put in words what tools said; otherwise it is said as it stands."""
    planned: Annotated[Planned | None, UntrackedValue]
    passages: Annotated[tuple[Passage, ...], UntrackedValue]
    """Cleaned, best first."""
    several: Annotated[tuple[Sought, ...], UntrackedValue]
    """The questions of a message that asks more than one; empty where it is taken as a whole."""
    confidence: Annotated[float, UntrackedValue]
    is_enough: Annotated[bool, UntrackedValue]
    """Whether the passages answer it well enough to be quoted."""
    may_be_enough: Annotated[bool, UntrackedValue]
    """Whether they might, for a model that reads them. Quotations are not fallen back on then."""
    topics: Annotated[tuple[str, ...], UntrackedValue]
    """What to ask back about; empty with `is_unclear` where nothing can be named."""
    unnamed: Annotated[str | None, UntrackedValue]
    """What the question points at without naming it; None where nothing, or where that does not matter."""
    is_unclear: Annotated[bool, UntrackedValue]
    attempt: Annotated[int, UntrackedValue]
    """Index of the next composer."""
    is_last_attempt: Annotated[bool, UntrackedValue]
    draft: Annotated[Draft | None, UntrackedValue]
    translation: Annotated[str | None, UntrackedValue]
    """Of the checked draft, for who asked; None where it stays as it is."""
    begun: Annotated[Begun | None, UntrackedValue]
    """What of the last draft its reader has seen."""
    objection: Annotated[Objection | None, UntrackedValue]
    """To the last draft, while its composer may write another one."""
    is_over_budget: Annotated[bool, UntrackedValue]
    notes: Annotated[tuple[str, ...], UntrackedValue]
    """Why the run went the way it did, in a few plain words each."""
    verdicts: Annotated[tuple[Verdict, ...], UntrackedValue]
    spent: Annotated[Spent, UntrackedValue]
    decision: Annotated[Decision, UntrackedValue]
