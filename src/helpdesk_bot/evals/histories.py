"""Follow-up questions of a test collection, made to stand alone as the agent does it without a model."""

from collections.abc import Iterable
from pathlib import Path

from helpdesk_bot.agent.question.standalone import stand_alone
from helpdesk_bot.evals.answer_cases import TASKS_FILE, Message
from helpdesk_bot.evals.collection import RetrievalQuery, read_queries
from helpdesk_bot.evals.lines import Line, Text, read_lines
from helpdesk_bot.events import Outcome, Turn

LAST_TURNS_FILE = "queries_lastturn.jsonl"
"""Lines of {"id", "text"}: questions as they were typed."""


class Conversation(Line):
    """A line of tasks.jsonl: what was said before a question, oldest first."""

    id: Text
    history: tuple[Message, ...] = ()


def read_follow_ups(folder: Path, queries: Path | None = None) -> list[RetrievalQuery]:
    """The questions of `queries`, by default LAST_TURNS_FILE; one without a history is asked as it stands."""
    histories = {line.id: line.history for line in read_lines(folder / TASKS_FILE, Conversation)}
    return [
        RetrievalQuery(id=query.id, text=stand_alone(query.text, as_turns(histories.get(query.id, ()))))
        for query in read_queries(queries or folder / LAST_TURNS_FILE)
    ]


def as_turns(history: Iterable[Message]) -> list[Turn]:
    """Each question as it was understood then, with the answer it got; a question without an answer is left out."""
    turns: list[Turn] = []
    asked = ""
    for said in history:
        if said.role == "user":
            asked = said.text
        elif asked:
            understood = stand_alone(asked, turns)
            turns.append(
                Turn(question_key=str(len(turns)), question=understood, answer=said.text, outcome=Outcome.ANSWERED)
            )
            asked = ""
    return turns
