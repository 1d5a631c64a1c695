"""What tools answered, made safe to say: as foreign as the words of any document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.documents import STAFF, AccessRule
from helpdesk_bot.events import Citation
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status_told import Told
from helpdesk_bot.tools.tool import ToolResult, ToolSpec
from knowledge.passages import Passage, Scores

SOURCE = "tool"
READERS = AccessRule.any_of([STAFF])
"""Of what any tool says: it signs in as itself, so what it is shown is for every colleague and for nobody else."""
HELD_BACK = "It answered, but a check holds back what it said."
_FIRST_ID = 1_000
"""Passages of attached files count from 1."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One call of a lookup that came back."""

    spec: ToolSpec
    result: ToolResult


def tell_answers(answers: Sequence[Answered], guard: Guard) -> Told:
    """What each tool said, with its time and its number, as passages and as a text without a model."""
    citations: list[Citation] = []
    texts: list[str] = []
    met: list[Verdict] = []
    for number, one in enumerate(answers, start=1):
        passage, verdicts = _passage(one, guard, number=number)
        citations.append(Citation(number=number, passage=passage))
        texts.append(f"**{passage.title}**\n{passage.text} [{number}]")
        met += verdicts
    return Told(text="\n\n".join(texts), citations=tuple(citations), verdicts=tuple(met))


def _passage(one: Answered, guard: Guard, *, number: int) -> tuple[Passage, list[Verdict]]:
    said = Passage(
        chunk_id=-_FIRST_ID - number,
        document_id=-_FIRST_ID - number,
        source=SOURCE,
        key=one.spec.name,
        title=f"{one.spec.title}, at {one.result.at:%H:%M} UTC on {one.result.at:%Y-%m-%d}",
        url=one.result.link or "",
        heading_path=(),
        text=one.result.text,
        page=None,
        modified_at=one.result.at,
        scores=Scores(),
    )
    passage, verdicts = guard.clean(said)
    text, redacted = guard.clean_answer(passage.text, citations=0)
    is_held = _is_suspect([*verdicts, *redacted])
    return replace(passage, text=HELD_BACK if is_held or not text.strip() else text), [*verdicts, *redacted]


def _is_suspect(verdicts: Sequence[Verdict]) -> bool:
    return is_blocked(verdicts) or calls_for(Action.DRAFT, verdicts) or calls_for(Action.ESCALATE, verdicts)
