"""Which draft an approver saw when they pressed a button under it."""

from dataclasses import dataclass
from typing import Self

_AT_REVISION = "#"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Of which question, at which of its revisions: an edit makes another draft. None: of any (a button of before)."""

    question_key: str
    revision: int | None = None

    @classmethod
    def read(cls, value: str) -> Self:
        key, _, revision = value.rpartition(_AT_REVISION)
        is_whole = bool(key) and revision.isascii() and revision.isdecimal()
        return cls(question_key=key, revision=int(revision)) if is_whole else cls(question_key=value)


def value_of(question_key: str, revision: int) -> str:
    """What a button under a draft carries, and its form."""
    return f"{question_key}{_AT_REVISION}{revision}"
