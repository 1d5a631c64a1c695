"""Adaptive Cards: buttons, cases and forms. Version 1.5 is what Teams draws everywhere (docs: Adaptive Cards, support).

Words of people and documents stand in a `RichTextBlock`, which takes text as it is, or are escaped.
"""

from collections.abc import Iterable, Sequence

from helpdesk_bot.chat.teams.buttons import VERB, carry_button, carry_cancel, carry_form, field_id
from helpdesk_bot.chat.teams.markdown import escape_line, link
from helpdesk_bot.events import FormName
from helpdesk_bot.guard.addresses import find_web_address
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Button, Field, FieldKind, Form, Style
from knowledge.passages import Passage

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
_MAX_TITLE_CHARACTERS = 150
_MAX_WORDS_CHARACTERS = 6_000
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_OPENS_A_FORM = frozenset(name.value for name in FormName)
"""Actions that are named like a form ask for that form."""

_PEOPLE = {"type": "Data.Query", "dataset": "graph.microsoft.com/users?scope=currentContext"}
"""A choice among those who are in the conversation; what is submitted is the object id in Entra."""


def card(
    body: Iterable[JsonObject], actions: Iterable[JsonObject] = (), *, entities: Sequence[JsonObject] = ()
) -> JsonObject:
    content: JsonObject = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "body": list(body),
        "actions": list(actions),
    }
    return content | {"msteams": {"entities": list(entities)}} if entities else content


def attach(content: JsonObject) -> JsonObject:
    return {"contentType": CARD_TYPE, "content": content}


def buttons(pressable: Iterable[Button], *, with_dialogs: bool) -> list[JsonObject]:
    return [_button(button, with_dialogs=with_dialogs) for button in pressable]


def open_url(label: str, url: str | None) -> list[JsonObject]:
    """A button to an address of ours; none where it isn't one to link to."""
    address = find_web_address(url) if url else None
    return [{"type": "Action.OpenUrl", "title": label, "url": address}] if address else []


def words(text: str, *, label: str = "", is_subtle: bool = False) -> JsonObject:
    """Text as it is: nothing in it is live."""
    shown = text if len(text) <= _MAX_WORDS_CHARACTERS else f"{text[:_MAX_WORDS_CHARACTERS]}…"
    labelled: list[JsonObject] = [{"type": "TextRun", "text": f"{label} ", "weight": "Bolder"}] if label else []
    return {
        "type": "RichTextBlock",
        "inlines": [*labelled, {"type": "TextRun", "text": shown or "…", "isSubtle": is_subtle}],
    }


def markdown(text: str, *, is_bold: bool = False, is_subtle: bool = False) -> JsonObject:
    """Markup that we wrote; everything else in it is escaped before."""
    weight: JsonObject = {"weight": "Bolder"} if is_bold else {}
    return {"type": "TextBlock", "text": text, "wrap": True, "isSubtle": is_subtle, **weight}


def quote(text: str) -> JsonObject:
    return {"type": "Container", "style": "emphasis", "items": [words(text)]}


def source_line(number: int, passage: Passage) -> str:
    """`**1** [Title > Heading](address) (p. 3), updated 2026-05-01`"""
    trail = " \u203a ".join((passage.title, *passage.heading_path))
    title = shorten(trail, _MAX_TITLE_CHARACTERS) or "Untitled"
    address = find_web_address(passage.url)
    page = "" if passage.page is None else f" (p. {passage.page})"
    name = link(title, address) if address else escape_line(title)
    return f"**{number}** {name}{page} · updated {passage.modified_at.date().isoformat()}"


def form_card(form: Form, *, in_dialog: bool) -> JsonObject:
    """In a dialog it is sent off by Action.Submit and closed by Teams; in a conversation by Action.Execute."""
    send = _pressable(form.submit_label, carry_form(form), in_dialog=in_dialog) | {"style": "positive"}
    give_up = _pressable("Cancel", carry_cancel(form), in_dialog=False) | {"associatedInputs": "none"}
    heading = [] if in_dialog else [markdown(escape_line(form.title), is_bold=True)]
    return card([*heading, *map(_input, form.fields)], [send] if in_dialog else [send, give_up])


def shorten(text: str, max_characters: int) -> str:
    """On one line, and no longer than this."""
    line = " ".join(text.split())
    return line if len(line) <= max_characters else f"{line[: max_characters - 1]}…"


def _button(button: Button, *, with_dialogs: bool) -> JsonObject:
    style: JsonObject = {"style": _STYLES[button.style]} if button.style in _STYLES else {}
    if with_dialogs and button.action.value in _OPENS_A_FORM:
        carried = carry_button(button) | {"msteams": {"type": "task/fetch"}}
        return {"type": "Action.Submit", "title": button.label, "data": carried, "associatedInputs": "none", **style}
    press = {"type": "Action.Execute", "title": button.label, "verb": VERB, "data": carry_button(button)}
    if not button.confirm:
        return {**press, "associatedInputs": "none", **style}
    asked = card([markdown(escape_line(button.confirm))], [{**press, "title": f"Yes: {button.label}", **style}])
    return {"type": "Action.ShowCard", "title": button.label, "card": asked}


def _pressable(label: str, carried: JsonObject, *, in_dialog: bool) -> JsonObject:
    if in_dialog:
        return {"type": "Action.Submit", "title": label, "data": carried}
    return {"type": "Action.Execute", "title": label, "verb": VERB, "data": carried}


def _input(field: Field) -> JsonObject:
    common: JsonObject = {
        "id": field_id(field.name),
        "label": field.label,
        "isRequired": field.is_required,
        "errorMessage": f"{field.label}: please fill this in.",
        **({"value": field.value} if field.value else {}),
    }
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            is_long = field.kind is FieldKind.TEXT
            text: JsonObject = {"isMultiline": is_long, "maxLength": field.max_chars, "placeholder": field.hint}
            return {"type": "Input.Text", **common, **text}
        case FieldKind.CHOICE:
            choices = [{"title": choice.label, "value": choice.value} for choice in field.choices]
            return {"type": "Input.ChoiceSet", **common, "style": "expanded", "choices": choices}
        case FieldKind.PERSON:
            return {"type": "Input.ChoiceSet", **common, "choices": [], "choices.data": _PEOPLE}
        case FieldKind.DATE:
            return {"type": "Input.Date", **common}
