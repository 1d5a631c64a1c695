"""The messages of a browser conversation as the page gets them."""

from datetime import datetime

from helpdesk_bot.chat.browser.kept import (
    KeptButton,
    KeptEdit,
    KeptLink,
    KeptNotice,
    KeptPacket,
    KeptReply,
    KeptSource,
    read_kept,
)
from helpdesk_bot.guard.addresses import find_web_address
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Form, Notice
from helpdesk_bot.pages.safe_html import render_answer, render_passage
from helpdesk_bot.records import BrowserMessage
from knowledge.passages import Passage

OLD_AFTER_DAYS = 365


def show_message(message: BrowserMessage, *, now: datetime) -> JsonObject | None:
    """What the page gets; None for what is not the visitor's to see or was kept by another version."""
    match read_kept(message):
        case None | KeptPacket() | KeptEdit(message=KeptPacket()):
            return None
        case KeptReply() | KeptNotice() as said:
            shown = _show_said(said, now=now)
        case KeptEdit(of=of, message=said):
            shown = {"kind": "edit", "of": of, "message": _show_said(said, now=now)}
        case other:
            shown = other.model_dump(mode="json")
    return {**shown, "id": message.id, "at": message.at.isoformat()}


def show_answer(answer: Form | Notice | None) -> JsonObject:
    """What a press, a vote or a form led to: for this visitor, kept nowhere."""
    return {
        "form": show_form(answer) if isinstance(answer, Form) else None,
        "notice": render_answer(answer.text, titles={}) if isinstance(answer, Notice) else None,
    }


def show_form(form: Form) -> JsonObject:
    return {
        "name": form.name,
        "value": form.value,
        "title": form.title,
        "submit_label": form.submit_label,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "kind": field.kind,
                "choices": [{"value": choice.value, "label": choice.label} for choice in field.choices],
                "value": field.value,
                "is_required": field.is_required,
                "max_chars": field.max_chars,
                "hint": field.hint,
            }
            for field in form.fields
        ],
    }


def show_passage(passage: Passage, *, now: datetime) -> JsonObject:
    """A passage in full, as the page opens it."""
    return {
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "page": passage.page,
        "html": render_passage(passage.text),
        "url": find_web_address(passage.url),
        **_show_age(passage.modified_at, now=now),
    }


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


def _show_said(said: KeptReply | KeptPacket | KeptNotice, *, now: datetime) -> JsonObject:
    match said:
        case KeptReply():
            return _show_reply(said, now=now)
        case KeptNotice():
            return {
                "kind": said.kind,
                "html": render_answer(said.text, titles={}),
                "buttons": _show_buttons(said.buttons),
                "reference": said.reference,
            }
        case KeptPacket():
            raise TypeError("a packet is for the people's channel")


def _show_reply(reply: KeptReply, *, now: datetime) -> JsonObject:
    return {
        "kind": reply.kind,
        "question_key": reply.question_key,
        "outcome": reply.outcome,
        "html": render_answer(reply.text, titles={source.number: source.title for source in reply.sources}),
        "sources": [_show_source(source, now=now) for source in reply.sources],
        "reference": reply.reference,
        "buttons": _show_buttons(reply.buttons),
        "asks_feedback": reply.asks_feedback,
        "note": reply.note,
        "link": _show_link(reply.link),
    }


def _show_link(link: KeptLink | None) -> JsonObject | None:
    """None where its address is none to link to."""
    address = find_web_address(link.url) if link else None
    return {"label": link.label, "url": address} if link and address else None


def _show_buttons(buttons: tuple[KeptButton, ...]) -> list[JsonObject]:
    return [button.model_dump(mode="json") for button in buttons]


def _show_source(source: KeptSource, *, now: datetime) -> JsonObject:
    """What was looked up by a tool stands in no row (its id is negative): its address is all there is to open."""
    return {
        "number": source.number,
        "chunk_id": source.chunk_id,
        "title": source.title,
        "heading_path": list(source.heading_path),
        "page": source.page,
        "url": find_web_address(source.url) if source.chunk_id < 0 else None,
        **_show_age(source.modified_at, now=now),
    }


def _show_age(modified_at: datetime, *, now: datetime) -> JsonObject:
    return {
        "age": describe_age(modified_at, now=now),
        "is_old": (now - modified_at).days > OLD_AFTER_DAYS,
        "modified_at": modified_at.isoformat(),
    }
