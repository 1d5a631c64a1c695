"""Forms as modals, and what people fill in (docs.slack.dev/surfaces/modals)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from helpdesk_bot.chat.slack.rich_text import Block
from helpdesk_bot.events import FormName, Place
from helpdesk_bot.messages import Field, FieldKind, Form

FORM_CALLBACK = "helpdesk_form"
ANSWER_FIELD = "answer"
"""The field of a SAVE form that takes the words of the message that the shortcut was used on."""

_ELEMENT = "value"
_MAX_TITLE_CHARACTERS = 24
_MAX_INPUT_CHARACTERS = 3_000
_MAX_CHOICE_CHARACTERS = 75
_MAX_CHOICES = 100


class Kept(BaseModel):
    """What a modal carries along, and Slack gives back with what was filled in."""

    form: FormName
    value: str
    channel: str
    thread: str | None


def to_view(form: Form, place: Place) -> Block:
    """The modal. Sent off, it is answered as if from `place`."""
    kept = Kept(form=form.name, value=form.value, channel=place.channel, thread=place.thread)
    return {
        "type": "modal",
        "callback_id": FORM_CALLBACK,
        "private_metadata": kept.model_dump_json(),
        "title": _plain(form.title, _MAX_TITLE_CHARACTERS),
        "submit": _plain(form.submit_label, _MAX_TITLE_CHARACTERS),
        "close": _plain("Cancel", _MAX_TITLE_CHARACTERS),
        "blocks": [_to_input(field) for field in form.fields],
    }


def fill_in(form: Form, words: str) -> Form:
    """The form with these words in its empty `answer` field."""
    fields = (
        replace(field, value=words) if field.name == ANSWER_FIELD and not field.value else field
        for field in form.fields
    )
    return replace(form, fields=tuple(fields))


def read_fields(state: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the fields' names; an empty field is an empty text."""
    values = state.get("values")
    if not isinstance(values, dict):
        return {}
    named: dict[object, object] = values  # pyright: ignore[reportUnknownVariableType]
    return {str(name): _read_element(element) for name, element in named.items()}


def _read_element(element: object) -> str:
    match element:
        case {"value": {"selected_option": {"value": str(value)}}}:
            return value
        case {"value": {"selected_user": str(value)}}:
            return value
        case {"value": {"selected_date": str(value)}}:
            return value
        case {"value": {"value": str(value)}}:
            return value
        case _:
            return ""


def _to_input(field: Field) -> Block:
    limit = min(field.max_chars, _MAX_INPUT_CHARACTERS)
    is_cut = field.kind in {FieldKind.LINE, FieldKind.TEXT} and len(field.value) > limit
    hint = f"{field.hint} Only the first {limit:,} characters fit here.".strip() if is_cut else field.hint
    return {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, 2_000),
        "element": {"action_id": _ELEMENT, **_to_element(field, limit)},
        "optional": not field.is_required,
        **({"hint": _plain(hint, 2_000)} if hint else {}),
    }


def _to_element(field: Field, limit: int) -> Block:
    match field.kind:
        case FieldKind.LINE | FieldKind.TEXT:
            initial = {"initial_value": field.value[:limit]} if field.value else {}
            is_long = field.kind is FieldKind.TEXT
            return {"type": "plain_text_input", "multiline": is_long, "max_length": limit, **initial}
        case FieldKind.CHOICE:
            return _to_select(field)
        case FieldKind.PERSON:
            return {"type": "users_select", **({"initial_user": field.value} if field.value else {})}
        case FieldKind.DATE:
            return {"type": "datepicker", **({"initial_date": field.value} if field.value else {})}


def _to_select(field: Field) -> Block:
    options: list[Block] = [
        {"text": _plain(choice.label, _MAX_CHOICE_CHARACTERS), "value": choice.value}
        for choice in field.choices[:_MAX_CHOICES]
    ]
    chosen = next((option for option in options if option["value"] == field.value), None)
    return {"type": "static_select", "options": options, **({"initial_option": chosen} if chosen else {})}


def _plain(text: str, limit: int) -> Block:
    line = text or "…"
    return {"type": "plain_text", "text": line if len(line) <= limit else f"{line[: limit - 1]}…"}
