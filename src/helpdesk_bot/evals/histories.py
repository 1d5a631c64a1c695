"""Follow-up questions of a test collection, made to stand alone as the agent does it without a model."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpdesk_bot.agent.standalone import stand_alone
from helpdesk_bot.evals.retrieval import RetrievalQuery, read_lines
from helpdesk_bot.events import Outcome, Turn

LAST_TURNS_FILE = "queries_lastturn.jsonl"
"""Lines of {"id", "text"}: questions as they were typed."""
TASKS_FILE = "tasks.jsonl"
"""Lines of {"id", "history"}; a history is a list of {"role": "user" or "assistant", "text"}, oldest first."""


def read_follow_ups(folder: Path, queries: Path | None = None) -> list[RetrievalQuery]:
    """The questions of `queries`, by default LAST_TURNS_FILE; one without a history is asked as it stands."""
    histories: dict[str, Any] = {line["id"]: line["history"] for line in read_lines(folder / TASKS_FILE)}
    return [
        RetrievalQuery(id=line["id"], text=stand_alone(line["text"], as_turns(histories.get(line["id"], []))))
        for line in read_lines(queries or folder / LAST_TURNS_FILE)
    ]


def as_turns(history: Iterable[Mapping[str, str]]) -> list[Turn]:
    """Each question as it was understood then, with the answer it got; a question without an answer is left out."""
    turns: list[Turn] = []
    asked = ""
    for said in history:
        if said["role"] == "user":
            asked = said["text"]
        elif asked:
            understood = stand_alone(asked, turns)
            turns.append(
                Turn(question_key=str(len(turns)), question=understood, answer=said["text"], outcome=Outcome.ANSWERED)
            )
            asked = ""
    return turns
