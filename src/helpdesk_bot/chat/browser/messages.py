"""The messages of a browser conversation: as they are kept, and as the page gets them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from helpdesk_bot.chat.browser.safe_html import render_answer, render_passage
from helpdesk_bot.events import Citation, Outcome, Packet, Reply
from helpdesk_bot.notices import JsonObject
from helpdesk_bot.records import BrowserMessage
from knowledge.passages import Passage

OLD_AFTER_DAYS = 365


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


class KeptQuestion(_Kept):
    kind: Literal["question"] = "question"
    key: str
    client_id: str
    """What the page calls it, from before it was sent."""
    text: str


class KeptReply(_Kept):
    kind: Literal["reply"] = "reply"
    question_key: str
    outcome: Outcome
    text: str
    """Markdown."""
    sources: tuple[KeptSource, ...] = ()
    reference: str = ""


class KeptPacket(_Kept):
    kind: Literal["packet"] = "packet"
    question_key: str
    question: str
    asked_by: str
    link: str | None
    tried: tuple[KeptSource, ...] = ()
    reference: str = ""


class KeptVote(_Kept):
    """A vote as the page shows it after a reload; the vote that counts is the desk's."""

    kind: Literal["vote"] = "vote"
    message_id: int
    value: Literal[-1, 0, 1]


KEPT: TypeAdapter[KeptQuestion | KeptReply | KeptPacket | KeptVote] = TypeAdapter(
    Annotated[KeptQuestion | KeptReply | KeptPacket | KeptVote, Field(discriminator="kind")]
)


def keep_reply(reply: Reply) -> KeptReply:
    return KeptReply(
        question_key=reply.question_key,
        outcome=reply.outcome,
        text=reply.text,
        sources=_keep_sources(reply.citations),
        reference=reply.reference,
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


def find_reply(messages: Iterable[BrowserMessage], message_id: int) -> KeptReply | None:
    """The reply with this id, if it is one of these messages."""
    for message in messages:
        if message.id == message_id:
            kept = _read(message)
            return kept if isinstance(kept, KeptReply) else None
    return None


def show_message(message: BrowserMessage, *, now: datetime) -> JsonObject | None:
    """What the page gets; None for what is not the visitor's to see or was kept by another version."""
    match _read(message):
        case KeptQuestion() as question:
            shown = question.model_dump(mode="json")
        case KeptReply() as reply:
            shown = _show_reply(reply, now=now)
        case KeptVote() as vote:
            shown = vote.model_dump(mode="json")
        case _:
            return None
    return {**shown, "id": message.id, "at": message.at.isoformat()}


def show_passage(passage: Passage, *, now: datetime) -> JsonObject:
    """A passage in full, as the page opens it."""
    return {
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "page": passage.page,
        "html": render_passage(passage.text),
        "url": find_web_url(passage.url),
        **_show_age(passage.modified_at, now=now),
    }


def find_web_url(url: str) -> str | None:
    """The address if a browser may be sent there: http or https, with a host and without anyone's credentials."""
    if not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_web = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None and parts.password is None
    return url if is_web else None


def describe_age(modified_at: datetime, *, now: datetime) -> str:
    """`updated 3 months ago`: the largest whole unit; a moment in the future counts as today."""
    days = (now - modified_at).days
    if days <= 0:
        return "updated today"
    if days == 1:
        return "updated yesterday"
    for unit, length_days, from_days in (("year", 365, 365), ("month", 30, 30), ("week", 7, 14), ("day", 1, 2)):
        if days >= from_days:
            count = days // length_days
            return f"updated {count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError(days)


def _read(message: BrowserMessage) -> KeptQuestion | KeptReply | KeptPacket | KeptVote | None:
    try:
        return KEPT.validate_python(message.body)
    except ValidationError:
        return None


def _show_reply(reply: KeptReply, *, now: datetime) -> JsonObject:
    return {
        "kind": reply.kind,
        "question_key": reply.question_key,
        "outcome": reply.outcome,
        "html": render_answer(reply.text, titles={source.number: source.title for source in reply.sources}),
        "sources": [_show_source(source, now=now) for source in reply.sources],
        "reference": reply.reference,
    }


def _show_source(source: KeptSource, *, now: datetime) -> JsonObject:
    return {
        "number": source.number,
        "chunk_id": source.chunk_id,
        "title": source.title,
        "heading_path": list(source.heading_path),
        "page": source.page,
        **_show_age(source.modified_at, now=now),
    }


def _show_age(modified_at: datetime, *, now: datetime) -> JsonObject:
    return {
        "age": describe_age(modified_at, now=now),
        "is_old": (now - modified_at).days > OLD_AFTER_DAYS,
        "modified_at": modified_at.isoformat(),
    }
