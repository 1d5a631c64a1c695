"""Whether the bot does the right thing with questions whose right outcome is known."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.evidence import Case as LabelledCase
from helpdesk_bot.agent.evidence import features
from helpdesk_bot.events import Decision, Outcome
from knowledge.access import Access, Reader

STARTER_CASES = Path(str(files("helpdesk_bot.evals") / "starter.yaml"))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Earlier(Strict):
    question: str


class Expected(Strict):
    outcome: Outcome
    documents: tuple[str, ...] | None = None
    """Answered only: keys of which at least one must be cited; empty: answered without a citation."""
    says: tuple[str, ...] = ()


class Case(Strict):
    """A question and what should become of it; `starter.yaml` explains the fields."""

    id: str
    kind: str
    split: Literal["dev", "test"]
    as_email: str | None = Field(default=None, alias="as")
    history: tuple[Earlier, ...] = ()
    question: str
    expect: Expected


class CaseFile(Strict):
    cases: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A case as it went. `faults` is empty where all was as expected."""

    case: Case
    decision: Decision
    faults: tuple[str, ...]


def read_cases(path: Path = STARTER_CASES, *, split: str = "all") -> Sequence[Case]:
    cases = CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).cases
    return [case for case in cases if split in {"all", case.split}]


async def run_cases(
    cases: Sequence[Case],
    *,
    agent: Agent,
    access: Access,
    deadline_s: float,
    progress: Callable[[int, int], None],
) -> list[Judged]:
    """Ask each case in a conversation of its own, its history first."""
    judged: list[Judged] = []
    for done, case in enumerate(cases, start=1):
        audience = await access.audience_of([Reader(email=case.as_email, is_staff=True)])
        questions = [*(earlier.question for earlier in case.history), case.question]
        decisions = [
            await agent.decide(
                Asked(
                    question=question,
                    question_key=f"eval:{case.id}:{number}",
                    conversation_id=f"eval:{case.id}",
                    audience=audience,
                    deadline_s=deadline_s,
                )
            )
            for number, question in enumerate(questions)
        ]
        judged.append(Judged(case=case, decision=decisions[-1], faults=find_faults(case.expect, decisions[-1])))
        progress(done, len(cases))
    return judged


def find_faults(expected: Expected, decision: Decision) -> tuple[str, ...]:
    """What is not as expected, in words; nothing where all is."""
    if decision.outcome is not expected.outcome:
        return (f"{decision.outcome} instead of {expected.outcome}",)
    faults: list[str] = []
    cited = {citation.passage.key for citation in decision.citations}
    if expected.documents and not cited.intersection(expected.documents):
        faults.append(f"cites {', '.join(sorted(cited)) or 'nothing'}")
    if expected.documents == () and cited:
        faults.append("cites where nothing is to be cited")
    faults += [f"does not say {words!r}" for words in expected.says if _plain(words) not in _plain(decision.text)]
    return tuple(faults)


def label_for_fit(judged: Sequence[Judged]) -> list[LabelledCase]:
    """Cases that call for evidence, labelled by whether an answer was expected."""
    return [
        LabelledCase(
            features=features(one.decision.standalone, one.decision.tried),
            is_answered=one.case.expect.outcome is Outcome.ANSWERED,
        )
        for one in judged
        if one.decision.tried and one.case.expect.outcome in {Outcome.ANSWERED, Outcome.ESCALATED}
    ]


def _plain(text: str) -> str:
    """Without emphasis, case and runs of white space."""
    return re.sub(r"\s+", " ", re.sub(r"[*_`]", "", text)).casefold()
