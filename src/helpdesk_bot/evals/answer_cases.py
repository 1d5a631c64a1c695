"""Labelled questions: what is asked, after what, whether the knowledge answers it, and what the answer holds."""

import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from helpdesk_bot.evals.collection import QRELS_FILE, QUERIES_FILE, find_qrels, read_qrels
from helpdesk_bot.evals.lines import Line, read_lines

TASKS_FILE = "tasks.jsonl"
"""As queries.jsonl, with what was said before."""


class Message(Line):
    role: str
    """`user`, or whoever answered."""
    text: str


def _label(written: object) -> object:
    """In capitals; true and false are labels too."""
    if isinstance(written, bool):
        return "ANSWERABLE" if written else "UNANSWERABLE"
    return written.upper() if isinstance(written, str) else written


class AnswerCase(Line):
    id: str
    text: str
    history: tuple[Message, ...] = ()
    """What was said before, oldest first."""
    answerable: Annotated[str, BeforeValidator(_label)] = "ANSWERABLE"
    """ANSWERABLE, PARTIAL, UNANSWERABLE or UNDERSPECIFIED; of other words only that they are another label."""
    answer: str = ""
    alternative_answers: tuple[str, ...] = ()
    gold: frozenset[str] = Field(default=frozenset())
    """Documents that answer it, where they are known."""

    @property
    def is_answerable(self) -> bool | None:
        """None where it is neither: partly answered, or not clear what is asked."""
        return {"ANSWERABLE": True, "UNANSWERABLE": False}.get(self.answerable)

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
    be read, ValueError where it holds no case or a line is not as it should be.
    """
    if queries is None:
        queries = folder / TASKS_FILE if (folder / TASKS_FILE).is_file() else folder / QUERIES_FILE
    cases = read_lines(queries, AnswerCase)
    if not cases:
        raise ValueError(f"{queries.name} is empty")
    if limit is not None and limit < len(cases):
        chosen = set(random.Random(seed).sample(range(len(cases)), limit))  # noqa: S311 -- a sample, not a secret
        cases = [case for number, case in enumerate(cases) if number in chosen]
    gold = _gold(find_qrels(folder))
    return [case.model_copy(update={"gold": gold[case.id]}) if case.id in gold else case for case in cases]


def write_answer_cases(folder: Path, cases: Sequence[AnswerCase]) -> None:
    """Make the folder that `read_answer_cases` reads, whole or not at all; only this user may open it.

    It may exist where it is empty; else this raises FileExistsError, and another OSError where it can't be written.
    """
    check_new(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with (beside / QRELS_FILE).open("w", encoding="utf-8", newline="\n") as lines:
            lines.write("query-id\tcorpus-id\tscore\n")
            lines.writelines(f"{case.id}\t{document}\t1\n" for case in cases for document in sorted(case.gold))
        with (beside / QUERIES_FILE).open("w", encoding="utf-8", newline="\n") as lines:
            for case in cases:
                told = case.model_dump(mode="json", include={"id", "text", "answerable"})
                lines.write(json.dumps(told, ensure_ascii=False) + "\n")
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def fits_in_qrels(document: str) -> bool:
    """Whether a document's key can stand in qrels.tsv, whose lines and columns know no quoting."""
    return "\t" not in document and document.splitlines() == [document]


def check_new(folder: Path) -> None:
    """Raises FileExistsError where there is something in it already, or where it is no folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there and is not an empty folder: name a new one")


def _gold(file: Path) -> dict[str, frozenset[str]]:
    if not file.is_file():
        return {}
    found: dict[str, set[str]] = {}
    for qrel in read_qrels(file):
        if qrel.relevance > 0:
            found.setdefault(qrel.query_id, set()).add(qrel.document_id)
    return {query: frozenset(documents) for query, documents in found.items()}
