"""The port of a composer: passages in, a draft with citation markers out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from helpdesk_bot.models.asks import NOBODY
from helpdesk_bot.records.spending import Payer
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
    cached_id: int | None = None
    """It was written before, and is used again."""
    is_stopped: bool = False
    """Its reader pressed stop, and wants no more."""


class Composer(Protocol):
    @property
    def name(self) -> str: ...

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        """A draft within `timeout_s`. Raises `CannotCompose`. The passages are cleaned, best first."""
        ...


@dataclass(frozen=True, kw_only=True)
class Begun:
    """As much of a draft as was checked and shown while it was written."""

    text: str
    """As the composer wrote it."""
    said: str
    """As it was shown: made safe, its markers counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a draft was not used."""

    draft: str
    unsupported: tuple[str, ...]
    """Its statements that no passage it cites bears out; empty where it cites nothing at all."""
    begun: Begun | None = None
    """What of it stays, since its reader has seen it."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How to write an answer, beside what it says."""

    tone: str = ""
    """In an admin's words: data for the model, not instructions about what to say."""
    conversation_id: str = ""
    """Which version of a prompt it gets may depend on it."""
    on_text: Callable[[str], Awaitable[None]] | None = None
    """Is told all of the reply that came so far."""
    payer: Payer = NOBODY
    objection: Objection | None = None
    """To what it wrote before; None for the first time. Where that was begun, the draft begins with it too."""


@runtime_checkable
class HasManner(Protocol):
    """A composer that can write in a tone, and be listened to while it writes."""

    async def compose_in(
        self, question: str, passages: Sequence[Passage], *, timeout_s: float, manner: Manner
    ) -> Draft: ...


@runtime_checkable
class HasVersions(Protocol):
    """A composer whose answers are worth keeping, as long as it is told the same."""

    def version_for(self, conversation_id: str) -> str:
        """Of what it is told, in this conversation."""
        ...
