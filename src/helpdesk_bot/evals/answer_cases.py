"""Labelled questions: what is asked, after what, whether the knowledge answers it, and what the answer holds."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from helpdesk_bot.evals.retrieval import QRELS_FILE, QUERIES_FILE, read_qrels

TASKS_FILE = "tasks.jsonl"
"""As queries.jsonl, with what was said before."""


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str
    text: str


class AnswerCase(BaseModel):
    """One line of the file; what is not named here is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    text: str
    history: tuple[Message, ...] = ()
    """What was said before, oldest first."""
    answerable: str = "ANSWERABLE"
    """ANSWERABLE, PARTIAL, UNANSWERABLE or UNDERSPECIFIED; of other words only that they are another label."""
    answer: str = ""
    alternative_answers: tuple[str, ...] = ()
    gold: frozenset[str] = Field(default=frozenset())
    """Documents that answer it, where they are known."""

    @property
    def is_answerable(self) -> bool | None:
        """None where it is neither: partly answered, or not clear what is asked."""
        return {"ANSWERABLE": True, "UNANSWERABLE": False}.get(self.answerable.upper())

    @property
    def exact_answers(self) -> tuple[str, ...]:
        """Wordings of which one must stand in an answer. A reference in free words is none of them."""
        is_exact = bool(self.alternative_answers) or 0 < len(self.answer) <= MAX_EXACT_CHARACTERS
        return (self.answer, *self.alternative_answers) if is_exact else ()


MAX_EXACT_CHARACTERS = 60
"""A longer reference without alternatives is free text, of which no answer holds all."""


def read_answer_cases(
    folder: Path, *, queries: Path | None = None, limit: int | None = None, seed: int = 0
) -> Sequence[AnswerCase]:
    """The cases of a folder: `queries` if given, else its tasks.jsonl, else its queries.jsonl.

    Where there are more than `limit`, a sample of so many, the same for the same seed. Raises OSError where no file can
    be read, ValueError where a line is not as it should be.
    """
    if queries is None:
        queries = folder / TASKS_FILE if (folder / TASKS_FILE).is_file() else folder / QUERIES_FILE
    with queries.open(encoding="utf-8") as lines:
        cases = [AnswerCase.model_validate(json.loads(line)) for line in lines if line.strip()]
    if limit is not None and limit < len(cases):
        chosen = set(random.Random(seed).sample(range(len(cases)), limit))  # noqa: S311 -- a sample, not a secret
        cases = [case for number, case in enumerate(cases) if number in chosen]
    gold = _gold(folder / QRELS_FILE)
    return [case.model_copy(update={"gold": gold[case.id]}) if case.id in gold else case for case in cases]


def _gold(file: Path) -> dict[str, frozenset[str]]:
    if not file.is_file():
        return {}
    found: dict[str, set[str]] = {}
    for qrel in read_qrels(file):
        if qrel.relevance > 0:
            found.setdefault(qrel.query_id, set()).add(qrel.document_id)
    return {query: frozenset(documents) for query, documents in found.items()}
