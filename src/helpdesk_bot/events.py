"""What happens in chat and what the agent makes of it, free of any platform: frozen values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from knowledge.audience import Audience
from knowledge.passages import Passage


class Platform(StrEnum):
    SLACK = "slack"
    TEAMS = "teams"
    BROWSER = "browser"
    COMMAND_LINE = "cli"
    """No chat: whoever runs the machine, for what they do in the console."""


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
        """One conversation has one history, and its events are worked on in order. A question may join another one."""
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


class Addressed(StrEnum):
    """How a message reached the bot."""

    DIRECT = "direct"
    """In a conversation between one person and the bot."""
    MENTION = "mention"
    OVERHEARD = "overheard"
    """Said where the bot can read it, to nobody in particular. The desk decides whether to speak."""


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """A file that came with a message. `id` is what the platform's `Chat.load_file` needs to find it again."""

    id: str
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """A message of a person that the bot may answer.

    `key` names the message itself, not its delivery, so that a retry, a replay and an `app_mention` beside a
    `message` are one question.
    """

    key: str
    place: Place
    person_id: str
    message_id: str
    text: str
    """Without the mention of the bot."""
    asked_at: datetime
    addressed: Addressed = Addressed.MENTION
    tags_people: bool = False
    """Somebody else than the bot is mentioned."""
    files: tuple[SharedFile, ...] = ()
    continues: str | None = None
    """The thread whose conversation it goes on with, where that is another than its own."""

    @property
    def conversation_id(self) -> str:
        return replace(self.place, thread=self.continues or self.place.thread).conversation_id


@dataclass(frozen=True, kw_only=True)
class ChannelMoved:
    """The platform gave a channel another id: what is kept of it goes along. `place` is the channel as it was."""

    place: Place
    to: str


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A message as it reads after its author changed it; it may never have been a question before."""

    question: Question
    edited_at: datetime
    brings_back: bool = False
    """It had been taken back, and its author undid that."""


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A message that its author took back."""

    question_key: str
    place: Place
    message_id: str
    at: datetime


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


class Action(StrEnum):
    """What a button of ours does. Beside each: what its `value` names."""

    ASK_PERSON = "ask_person"
    """Bring in a person after all: question key."""
    PRIVATE_ANSWER = "private_answer"
    """Show the asker, and nobody else, the answer from what only the asker may read: question key."""
    SHARE = "share"
    """Post a private answer where it was asked, after another look at rights: question key."""
    REASON = "reason"
    """Open the form that asks why an answer did not help: message id."""
    CLAIM = "claim"
    """Take a case: case id. So for the next three."""
    ANSWER = "answer"
    REASSIGN = "reassign"
    RESOLVE = "resolve"
    SAVE = "save"
    """Draft a curated answer from a resolved case: case id."""
    APPROVE = "approve"
    """Post a draft as it is: draft id. So for the next two."""
    REVISE = "revise"
    DECLINE = "decline"
    AGREE = "agree"
    """Have a change made that was proposed: proposal id. So for the next two."""
    REFUSE = "refuse"
    AGAIN = "again"
    """Propose anew what failed."""


@dataclass(frozen=True, kw_only=True)
class Click:
    """A button of ours was pressed. Whether this person may is the desk's to decide, never the button's."""

    key: str
    """Names the press itself: a repeated delivery has no second effect."""
    action: Action
    value: str
    place: Place
    person_id: str
    message_id: str
    """The message that holds the button."""
    at: datetime


class FormName(StrEnum):
    """The forms that people fill in."""

    REASON = "reason"
    ANSWER = "answer"
    REASSIGN = "reassign"
    RESOLVE = "resolve"
    SAVE = "save"
    REVISE = "revise"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A form as it was sent off. `value` is the form's own, as it was opened with; fields by their names."""

    key: str
    form: FormName
    value: str
    fields: Mapping[str, str]
    place: Place
    person_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AdminCommand:
    """A command, split into words: `("resync", "handbook")`. From a slash command, or said to the bot."""

    place: Place
    person_id: str
    words: tuple[str, ...]
    at: datetime
    key: str = ""
    """Names this delivery: a repeated one has no second effect. Empty where the platform names none."""


class Outcome(StrEnum):
    """What became of a question; every accepted question ends in exactly one."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    ESCALATED = "escalated"
    DECLINED = "declined"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """Its author took the question back."""


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
class Proposal:
    """A change in another system that the bot would make, once a person agrees to exactly this one."""

    tool: str
    """Its name in the configuration. Where the change goes is bound there, never by what a model wrote."""
    title: str
    """What is done, in an admin's words: `Order a laptop`."""
    arguments: Mapping[str, str | int | float | bool]
    """Checked against the tool's schema."""
    approvers: tuple[str, ...] = ()
    """E-mail addresses of those who may agree; empty for the asker."""


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
    cached_id: int | None = None
    """The cached answer that was used."""
    input_tokens: int = 0
    output_tokens: int = 0
    took_ms: dict[str, int] = field(default_factory=dict[str, int])
    """Milliseconds by node."""
    audience: Audience | None = None
    """Who read the place when it was decided; not kept."""
    hidden: int | None = None
    """How many of the asker's own best passages the place may not read; None where that was not counted."""
    is_better_alone: bool = False
    """Whether what the asker alone may read would answer, or answer better; not kept."""
    needs_approval: bool = False
    """A check wants a person to see the answer before it is said."""
    is_over_budget: bool = False
    """A model was not asked, because a budget had no room for it."""
    proposal: Proposal | None = None
    """A change that a tool would make. Nothing is done before a person who may agree has agreed."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of a thread, as the platform has it now."""

    message_id: str
    person_id: str
    name: str
    is_ours: bool
    text: str
    at: datetime
