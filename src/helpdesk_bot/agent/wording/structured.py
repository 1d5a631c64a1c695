"""An answer as a model writes it by a schema, where its provider has such a thing: statements with their passages."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_MARKERS = re.compile(r"\s*\[\d+\]")


class Statement(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["sentence", "step", "code"] = Field(description="step: one of several that are done in this order")
    text: str = Field(description="One sentence, one step or one block of code, without numbers of passages")
    passages: list[int] = Field(description="The numbers of the passages that say this")


class StructuredAnswer(BaseModel):
    """An answer, statement by statement, each with the passages it stands on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    is_answered: bool = Field(description="Whether the passages answer the question; if not, there are no statements")
    statements: list[Statement]

    def as_markdown(self) -> str:
        """With a marker after each statement; empty where it says that there is no answer."""
        if not self.is_answered:
            return ""
        parts: list[str] = []
        steps, before = 0, ""
        for one in self.statements:
            steps = steps + 1 if one.kind == "step" else 0
            parts.append(_gap(before, one.kind) + _said(one, steps))
            before = one.kind
        return "".join(parts).strip()


def _gap(before: str, kind: str) -> str:
    if before == kind == "step":
        return "\n"
    return " " if before == kind == "sentence" else "\n\n"


def _said(one: Statement, step: int) -> str:
    text = _MARKERS.sub("", one.text).strip()
    markers = "".join(f"[{number}]" for number in dict.fromkeys(one.passages))
    if one.kind == "code":
        return f"```\n{one.text.strip().strip('`').strip()}\n```\n\n{markers}"
    return f"{step}. {text} {markers}" if one.kind == "step" else f"{text} {markers}"
