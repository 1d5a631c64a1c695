"""The port of a composer: passages in, a draft with citation markers out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.passages import Passage


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An answer before it is checked."""

    text: str
    """Markdown; `[n]` stands for the n-th of the passages given, from 1. Empty: the passages hold no answer."""
    composer: str
    model: str = ""
    prompt_version: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


class Composer(Protocol):
    @property
    def name(self) -> str: ...

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        """A draft within `timeout_s`. Raises `CannotCompose`. The passages are cleaned, best first."""
        ...
