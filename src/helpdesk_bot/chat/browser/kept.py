"""The messages of a browser conversation as they are kept: what was said, and what became of it since.

Nothing kept is ever changed: an edit, a withdrawal and a vote are messages of their own that name an earlier one.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from helpdesk_bot.events import Action, Citation, Outcome
from helpdesk_bot.messages import Button, Message, Packet, Reply, Style
from helpdesk_bot.records import BrowserMessage


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptSource(_Kept):
    """What a citation shows before it is opened. The passage's text is read anew, under the rights of that moment."""

    number: int
    chunk_id: int
    title: str
    url: str
    heading_path: tuple[str, ...]
    page: int | None
    modified_at: AwareDatetime


class KeptButton(_Kept):
    action: Action
    value: str
    label: str
    style: Style = Style.PLAIN
    confirm: str = ""


class KeptLink(_Kept):
    label: str
    url: str


class KeptQuestion(_Kept):
    kind: Literal["question"] = "question"
    key: str
    client_id: str
    """What the page calls it, from before it was sent."""
    text: str


class KeptQuestionEdit(_Kept):
    kind: Literal["question_edit"] = "question_edit"
    client_id: str
    text: str


class KeptDeletion(_Kept):
    """The visitor took a question back."""

    kind: Literal["deletion"] = "deletion"
    client_id: str


class KeptReply(_Kept):
    kind: Literal["reply"] = "reply"
    question_key: str
    outcome: Outcome
    text: str
    """Markdown."""
    sources: tuple[KeptSource, ...] = ()
    reference: str = ""
    buttons: tuple[KeptButton, ...] = ()
    asks_feedback: bool = True
    note: str = ""
    link: KeptLink | None = None


class KeptPacket(_Kept):
    kind: Literal["packet"] = "packet"
    question_key: str
    question: str
    asked_by: str
    link: str | None
    tried: tuple[KeptSource, ...] = ()
    reference: str = ""


class KeptNotice(_Kept):
    kind: Literal["notice"] = "notice"
    text: str
    """Markdown."""
    buttons: tuple[KeptButton, ...] = ()
    reference: str = ""


KeptMessage: TypeAlias = Annotated[KeptReply | KeptPacket | KeptNotice, Field(discriminator="kind")]


class KeptEdit(_Kept):
    """From now on the message `of` reads so."""

    kind: Literal["edit"] = "edit"
    of: int
    message: KeptMessage


class KeptWithdrawal(_Kept):
    kind: Literal["withdrawal"] = "withdrawal"
    of: int


class KeptVote(_Kept):
    """A vote as the page shows it after a reload; the vote that counts is the desk's."""

    kind: Literal["vote"] = "vote"
    message_id: int
    value: Literal[-1, 0, 1]


Kept: TypeAlias = (
    KeptQuestion
    | KeptQuestionEdit
    | KeptDeletion
    | KeptReply
    | KeptPacket
    | KeptNotice
    | KeptEdit
    | KeptWithdrawal
    | KeptVote
)
_KEPT: TypeAdapter[Kept] = TypeAdapter(Annotated[Kept, Field(discriminator="kind")])


def keep(message: Message) -> KeptReply | KeptPacket | KeptNotice:
    match message:
        case Reply():
            return keep_reply(message)
        case Packet():
            return keep_packet(message)
        case _:
            text = f"{message.text} {message.link.url}" if message.link else message.text
            return KeptNotice(text=text, buttons=_keep_buttons(message.buttons), reference=message.reference)


def keep_reply(reply: Reply) -> KeptReply:
    return KeptReply(
        question_key=reply.question_key,
        outcome=reply.outcome,
        text=reply.text,
        sources=_keep_sources(reply.citations),
        reference=reply.reference,
        buttons=_keep_buttons(reply.buttons),
        asks_feedback=reply.asks_feedback,
        note=reply.note,
        link=KeptLink(label=reply.link.label, url=reply.link.url) if reply.link else None,
    )


def keep_packet(packet: Packet) -> KeptPacket:
    citations = [Citation(number=number, passage=passage) for number, passage in enumerate(packet.tried, start=1)]
    return KeptPacket(
        question_key=packet.question_key,
        question=packet.question,
        asked_by=packet.asked_by,
        link=packet.link,
        tried=_keep_sources(citations),
        reference=packet.reference,
    )


def read_kept(message: BrowserMessage) -> Kept | None:
    """None for what another version kept in another form."""
    try:
        return _KEPT.validate_python(message.body)
    except ValidationError:
        return None


def find_current(messages: Iterable[BrowserMessage], message_id: int) -> KeptReply | KeptPacket | KeptNotice | None:
    """How a message of ours reads after all edits; None where there is none, or where it was withdrawn."""
    current: KeptReply | KeptPacket | KeptNotice | None = None
    for message in messages:
        match read_kept(message):
            case KeptReply() | KeptPacket() | KeptNotice() as said if message.id == message_id:
                current = said
            case KeptEdit(of=of, message=said) if of == message_id:
                current = said
            case KeptWithdrawal(of=of) if of == message_id:
                return None
            case _:
                pass
    return current


def find_beginning(messages: Iterable[BrowserMessage]) -> str | None:
    """The first question as it reads now; None where there is none, or where all were taken back."""
    texts: dict[str, str] = {}
    for message in messages:
        match read_kept(message):
            case KeptQuestion(client_id=client_id, text=text) | KeptQuestionEdit(client_id=client_id, text=text):
                texts[client_id] = text
            case KeptDeletion(client_id=client_id):
                texts.pop(client_id, None)
            case _:
                pass
    return next(iter(texts.values()), None)


def find_question(messages: Iterable[BrowserMessage], client_id: str) -> tuple[int, KeptQuestion] | None:
    """A question of the conversation with its message id, unless it was taken back."""
    found: tuple[int, KeptQuestion] | None = None
    for message in messages:
        match read_kept(message):
            case KeptQuestion() as question if question.client_id == client_id:
                found = (message.id, question)
            case KeptDeletion(client_id=deleted) if deleted == client_id:
                return None
            case _:
                pass
    return found


def _keep_sources(citations: Iterable[Citation]) -> tuple[KeptSource, ...]:
    return tuple(
        KeptSource(
            number=citation.number,
            chunk_id=citation.passage.chunk_id,
            title=citation.passage.title,
            url=citation.passage.url,
            heading_path=citation.passage.heading_path,
            page=citation.passage.page,
            modified_at=citation.passage.modified_at,
        )
        for citation in citations
    )


def _keep_buttons(buttons: Iterable[Button]) -> tuple[KeptButton, ...]:
    return tuple(
        KeptButton(
            action=button.action, value=button.value, label=button.label, style=button.style, confirm=button.confirm
        )
        for button in buttons
    )
