"""Our buttons as blocks (docs.slack.dev/reference/block-kit/block-elements/button-element)."""

from collections.abc import Sequence

from helpdesk_bot.chat.slack.payloads.interactions import BUTTON_PREFIX, VOTE_ACTION
from helpdesk_bot.chat.slack.rich_text import Block
from helpdesk_bot.messages import Button, Style

_MAX_LABEL_CHARACTERS = 75
_MAX_CONFIRM_CHARACTERS = 300
_MAX_BUTTONS = 25


def to_actions(buttons: Sequence[Button]) -> list[Block]:
    """Blocks of at most 25 buttons; none for no buttons."""
    elements = [_to_button(button, number) for number, button in enumerate(buttons, start=1)]
    rows = [elements[start : start + _MAX_BUTTONS] for start in range(0, len(elements), _MAX_BUTTONS)]
    return [{"type": "actions", "elements": row} for row in rows]


def feedback(question_key: str) -> Block:
    """docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element"""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": VOTE_ACTION,
                "positive_button": _to_side("Helpful", f"up {question_key}"),
                "negative_button": _to_side("Not helpful", f"down {question_key}"),
            }
        ],
    }


def _to_button(button: Button, number: int) -> Block:
    style: Block = {} if button.style is Style.PLAIN else {"style": button.style.value}
    confirm: Block = {"confirm": _to_dialog(button)} if button.confirm else {}
    return {
        "type": "button",
        "action_id": f"{BUTTON_PREFIX}{button.action.value}.{number}",
        "text": _plain(button.label, _MAX_LABEL_CHARACTERS),
        "value": button.value,
        **style,
        **confirm,
    }


def _to_dialog(button: Button) -> Block:
    """docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object"""
    style: Block = {"style": "danger"} if button.style is Style.DANGER else {}
    return {
        "title": _plain("Are you sure?", 100),
        "text": _plain(button.confirm, _MAX_CONFIRM_CHARACTERS),
        "confirm": _plain(button.label, 30),
        "deny": _plain("Cancel", 30),
        **style,
    }


def _to_side(label: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": label}, "value": value, "accessibility_label": label}


def _plain(text: str, limit: int) -> Block:
    line = text or "…"
    return {"type": "plain_text", "text": line if len(line) <= limit else f"{line[: limit - 1]}…"}
