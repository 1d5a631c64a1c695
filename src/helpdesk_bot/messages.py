"""What is said in chat, free of any platform: frozen values that each adapter renders in its own way."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from helpdesk_bot.events import Action, Citation, FormName, Outcome
from knowledge.passages import Passage


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, kw_only=True)
class Button:
    """Pressed, it comes back as a `Click` with this action and value."""

    action: Action
    value: str
    label: str
    style: Style = Style.PLAIN
    confirm: str = ""
    """What the person is asked before it counts; empty for nothing."""


class FieldKind(StrEnum):
    LINE = "line"
    TEXT = "text"
    """Several lines."""
    CHOICE = "choice"
    PERSON = "person"
    """Submitted as the platform's id of a person."""
    DATE = "date"
    """Submitted as YYYY-MM-DD."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    choices: tuple[Choice, ...] = ()
    value: str = ""
    """What it holds at first."""
    is_required: bool = True
    max_chars: int = 3_000
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """Asks one person for something (Slack: a modal; Teams: a dialog). Sent off, it comes back as a `Submission`."""

    name: FormName
    value: str
    title: str
    fields: tuple[Field, ...]
    submit_label: str = "Send"


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address of ours, such as a ticket's; never one that a model or a document wrote."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the asker sees."""

    question_key: str
    outcome: Outcome
    text: str
    citations: tuple[Citation, ...] = ()
    asks_about: tuple[int, ...] = ()
    """The chunks whose titles it may name without citing them, where it asks which of them is meant."""
    reference: str = ""
    """A short id that a person can quote to an admin."""
    buttons: tuple[Button, ...] = ()
    asks_feedback: bool = True
    note: str = ""
    """One line beneath, such as that more could be said in private, or that a source changed since."""
    link: Link | None = None
    """Where to go from here."""
    is_kept: bool = True
    """Whether our records keep it once it was said. What a command shows may be anybody's words, or let somebody in."""


@dataclass(frozen=True, kw_only=True)
class Packet:
    """A case as the people's channel sees it. `tried` holds only what that channel may read."""

    question_key: str
    question: str
    asked_by: str
    """The platform's id of the asker."""
    link: str | None
    """Back to the question."""
    tried: tuple[Passage, ...] = ()
    missing: str = ""
    """Why people are asked: what the bot did not find, or that somebody asked for them, in plain words."""
    urgency: str = ""
    state: str = ""
    """Who has it and since when, in plain words; empty while nobody has."""
    people_ids: tuple[str, ...] = ()
    """Who is called, by the platform's ids: mentioned on purpose."""
    buttons: tuple[Button, ...] = ()
    reference: str = ""
    ticket: Link | None = None
    """In another system; its address may be empty."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Anything else the bot says: Markdown without live links or mentions."""

    text: str
    buttons: tuple[Button, ...] = ()
    person_id: str = ""
    """Whom it is addressed to, mentioned on purpose; empty for nobody."""
    link: Link | None = None
    """What it is about, below the text."""
    reference: str = ""


Message: TypeAlias = Reply | Packet | Notice


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """What a place opens with."""

    text: str
    suggestions: tuple[str, ...] = ()
    """Questions to ask with one press."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as its asker sees it later."""

    text: str
    state: str
    """What became of it, and when it was asked."""
    link: str | None = None
    """Back to it, where there is a way."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A person's own page (Slack: App Home)."""

    asked: tuple[Asked, ...] = ()
    """What this person asked, first of all."""
    sections: tuple[str, ...]
    """Markdown, each under the other."""
    suggestions: tuple[str, ...] = ()
