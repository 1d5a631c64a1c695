"""What of a question somebody saw when they pressed a button under a draft or a private answer."""

from dataclasses import dataclass
from typing import Self

_AT_REVISION = "#"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Of which question, at which of its revisions: an edit makes another answer. None: of any (a button of before)."""

    question_key: str
    revision: int | None = None

    @classmethod
    def read(cls, value: str) -> Self:
        key, _, revision = value.rpartition(_AT_REVISION)
        is_whole = bool(key) and revision.isascii() and revision.isdecimal()
        return cls(question_key=key, revision=int(revision)) if is_whole else cls(question_key=value)


def value_of(question_key: str, revision: int) -> str:
    """What such a button carries, and a form that it opens."""
    return f"{question_key}{_AT_REVISION}{revision}"
