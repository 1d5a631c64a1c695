"""What our buttons and forms carry through Teams and back: written here, and read here again.

Whoever can speak to the bot can make these up: they say what was pressed, and never that it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints, ValidationError

from helpdesk_bot.events import Action, FormName
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Button, Form
from knowledge.letters import storable

VERB = "helpdesk"
_FIELD = "field_"
_MAX_FIELDS = 40
_MAX_FIELD_CHARACTERS = 20_000


class _Carried(BaseModel):
    kind: Literal["click", "form", "cancel"]
    name: Annotated[str, StringConstraints(max_length=50, pattern=r"^[a-z_]+$")]
    value: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00-\x1f]*$")]


@dataclass(frozen=True, kw_only=True)
class Press:
    """Either a button (`action`), a form that was sent off (`form`, `fields`), or one that was given up."""

    value: str
    action: Action | None = None
    form: FormName | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    is_cancelled: bool = False


def carry_button(button: Button) -> JsonObject:
    return {VERB: {"kind": "click", "name": button.action.value, "value": button.value}}


def carry_form(form: Form) -> JsonObject:
    """Teams adds the fields under their ids when it sends the form off."""
    return {VERB: {"kind": "form", "name": form.name.value, "value": form.value}}


def carry_cancel(form: Form) -> JsonObject:
    return {VERB: {"kind": "cancel", "name": form.name.value, "value": form.value}}


def field_id(name: str) -> str:
    return f"{_FIELD}{name}"


def read_press(carried: object) -> Press | None:
    """What came back; None where it is no button of ours."""
    if not isinstance(carried, dict) or VERB not in carried:
        return None
    try:
        ours = _Carried.model_validate(carried[VERB])
        if ours.kind == "click":
            return Press(value=ours.value, action=Action(ours.name))
        form = FormName(ours.name)
    except (ValidationError, ValueError):
        return None
    return Press(value=ours.value, form=form, fields=_fields(carried), is_cancelled=ours.kind == "cancel")


def _fields(carried: Mapping[object, object]) -> dict[str, str]:
    """Texts only: what a person typed or chose."""
    fields = {
        str(name).removeprefix(_FIELD): storable(value[:_MAX_FIELD_CHARACTERS])
        for name, value in carried.items()
        if isinstance(value, str) and str(name).startswith(_FIELD)
    }
    return dict(list(fields.items())[:_MAX_FIELDS])
