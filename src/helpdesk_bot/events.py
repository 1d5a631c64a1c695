"""What happens in chat and what is said back, free of any platform: frozen values only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge.passages import Passage


class Platform(StrEnum):
    SLACK = "slack"
    TEAMS = "teams"
    BROWSER = "browser"


class PlaceKind(StrEnum):
    DIRECT = "direct"
    """One person and the bot."""
    CHANNEL = "channel"
    """Everyone who is a member now, and nobody else."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something was said: a thread in a channel or in a direct conversation.

    `thread` is the platform's id of the thread's first message; None addresses the channel itself.
    """

    platform: Platform
    tenant: str
    """The Slack team or the Microsoft tenant; empty for the browser."""
    channel: str
    thread: str | None
    kind: PlaceKind

    @property
    def conversation_id(self) -> str:
        """One conversation has one history, and its events are worked on in order."""
        return ":".join((self.platform, self.tenant, self.channel, self.thread or ""))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone on a platform. `email` is the platform's verified address, None where it is unknown or unverified."""

    platform: Platform
    tenant: str
    id: str
    name: str = ""
    email: str | None = None
    is_guest: bool = True
    """Not a full member of the organisation: reads what is public only."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A message that asks the bot for an answer.

    `key` names the message itself, not its delivery, so that a retry, a replay and an `app_mention` beside a
    `message` are one question.
    """

    key: str
    place: Place
    person_id: str
    message_id: str
    text: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Vote:
    """Feedback of one person on one message of the bot; the newest `at` wins.

    `value` is 1 (helpful), -1 (not helpful) or 0 (taken back). `takes_back` is the value that a removal removes, so
    that removing a thumbs-up leaves a later thumbs-down alone; None when `value` is not 0.
    """

    place: Place
    person_id: str
    message_id: str
    value: int
    at: datetime
    via: str
    """`reaction` or `button`."""
    takes_back: int | None = None


@dataclass(frozen=True, kw_only=True)
class AdminCommand:
    """A slash command, split into words: `("resync", "handbook")`."""

    place: Place
    person_id: str
    words: tuple[str, ...]
    at: datetime


class Outcome(StrEnum):
    """What became of a question; every accepted question ends in exactly one."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    ESCALATED = "escalated"
    DECLINED = "declined"
    FAILED = "failed"


class Step(StrEnum):
    """What the bot is doing, for people who wait."""

    READING = "reading"
    SEARCHING = "searching"
    WEIGHING = "weighing"
    COMPOSING = "composing"
    CHECKING = "checking"


@dataclass(frozen=True, kw_only=True)
class Citation:
    """What `[number]` in an answer stands for. Every field comes from our own rows, never from a model."""

    number: int
    passage: Passage


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One earlier question of a conversation, as it was understood, and what the bot said to it."""

    question_key: str
    question: str
    """Stand-alone."""
    answer: str
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the agent made of a question. Carrying it out (posting, escalating) is the desk's work."""

    outcome: Outcome
    text: str
    """Markdown with `[n]` markers; without any link, mention or image."""
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.0
    """How likely the passages answer the question, 0 to 1."""
    standalone: str = ""
    """The question as it was understood without its thread."""
    tried: tuple[Passage, ...] = ()
    """The passages that were looked at, best first."""
    reason: str = ""
    """Why this outcome, in a few plain words for admins: no text of the question or of a passage."""
    composer: str = ""
    """`extractive`, `generative`, or empty where nothing was composed."""
    model: str = ""
    prompt_version: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    took_ms: dict[str, int] = field(default_factory=dict[str, int])
    """Milliseconds by node."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the asker sees."""

    question_key: str
    outcome: Outcome
    text: str
    citations: tuple[Citation, ...] = ()
    reference: str = ""
    """A short id that a person can quote to an admin."""


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What the people's channel sees when the bot is unsure. `tried` holds only what that channel may read."""

    question_key: str
    question: str
    asked_by: str
    """The platform's id of the asker."""
    link: str | None
    """Back to the question."""
    tried: tuple[Passage, ...] = ()
    reference: str = ""
