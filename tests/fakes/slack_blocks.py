"""Block Kit as Slack sees it: what it refuses, what it shows, and what in it is live.

Rules from docs.slack.dev/reference/block-kit; `msg_blocks_too_long` from what was measured in
github.com/slackapi/bolt-js/issues/2509 (about 13,200 characters with one block, less with more).
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MAX_BLOCKS = 50
MAX_CHARACTERS = 13_200
EMPTY_BLOCK_CHARACTERS = 125

_TOKEN = re.compile(r"<([^<>\s][^<>]*)>")
_BARE_URL = re.compile(r"(?:https?://|www\.|mailto:)\S+")
_STYLES = {"bold", "italic", "strike", "code", "highlight", "client_highlight", "unlink"}


class InvalidBlocks(Exception):
    """`reason` is one that Slack gives in `response_metadata.messages`."""

    def __init__(self, reason: str, *, word: str = "invalid_blocks") -> None:
        super().__init__(reason)
        self.reason = reason
        self.word = word


def check_blocks(blocks: object, *, surface: str = "message") -> None:
    """Raise `InvalidBlocks` for what Slack would refuse. `surface` is message, modal or home."""
    if not isinstance(blocks, list):
        raise InvalidBlocks("blocks must be an array", word="invalid_blocks_format")
    limit = MAX_BLOCKS if surface == "message" else 2 * MAX_BLOCKS
    if len(blocks) > limit:
        raise InvalidBlocks(f"no more than {limit} items allowed [json-pointer:/blocks]")
    for block in blocks:
        check = _BLOCKS.get(block.get("type"))
        if check is None or (block["type"] == "input") > (surface == "modal"):
            raise InvalidBlocks(f"unsupported type: {block.get('type')}")
        check(block)
    names = [item["block_id"] for item in blocks if "block_id" in item]
    if len(names) != len(set(names)):
        raise InvalidBlocks("block_id is not unique")
    if surface != "message":
        return
    characters = len(json.dumps(blocks, ensure_ascii=False)) + EMPTY_BLOCK_CHARACTERS * len(blocks)
    if characters > MAX_CHARACTERS:
        raise InvalidBlocks(f"{characters} characters", word="msg_blocks_too_long")


def _only(item: Json, *, required: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    missing, extra = required - item.keys(), item.keys() - required - optional - {"type", "block_id"}
    if missing or extra:
        raise InvalidBlocks(f"{item.get('type')}: missing {sorted(missing)}, additional properties {sorted(extra)}")


def _text(item: Json, *, limit: int, kinds: set[str]) -> None:
    _only(item, required={"text"}, optional={"emoji", "verbatim"})
    if item.get("type") not in kinds:
        raise InvalidBlocks(f"a text object of type {item.get('type')} is not allowed here")
    if not 1 <= len(item["text"]) <= limit:
        raise InvalidBlocks(f"text must have 1 to {limit} characters, has {len(item['text'])}")
    if ("emoji" in item and item["type"] != "plain_text") or ("verbatim" in item and item["type"] != "mrkdwn"):
        raise InvalidBlocks("emoji is for plain_text, verbatim for mrkdwn")


def _list(item: Json, key: str, *, limit: int) -> list[Json]:
    elements = item[key]
    if not isinstance(elements, list) or not 1 <= len(elements) <= limit:
        raise InvalidBlocks(f"{item['type']}.{key} must have 1 to {limit} items")
    return elements


def _section(block: Json) -> None:
    _only(block, required={"text"}, optional={"expand"})
    _text(block["text"], limit=3_000, kinds={"plain_text", "mrkdwn"})


def _header(block: Json) -> None:
    _only(block, required={"text"})
    _text(block["text"], limit=150, kinds={"plain_text"})


def _markdown(block: Json) -> None:
    _only(block, required={"text"})
    if not 1 <= len(block["text"]) <= 12_000:
        raise InvalidBlocks("markdown.text must have 1 to 12000 characters")


def _divider(block: Json) -> None:
    _only(block, required=set())


def _context(block: Json) -> None:
    _only(block, required={"elements"})
    for element in _list(block, "elements", limit=10):
        _text(element, limit=2_000, kinds={"plain_text", "mrkdwn"})


def _context_actions(block: Json) -> None:
    _only(block, required={"elements"})
    for element in _list(block, "elements", limit=5):
        if element["type"] != "feedback_buttons":
            raise InvalidBlocks(f"unsupported type: {element['type']}")
        _only(element, required={"positive_button", "negative_button"}, optional={"action_id"})
        if len(element.get("action_id", "")) > 255:
            raise InvalidBlocks("action_id is too long")
        _feedback_button(element["positive_button"])
        _feedback_button(element["negative_button"])


def _feedback_button(button: Json) -> None:
    _only(button, required={"text", "value"}, optional={"accessibility_label"})
    _text(button["text"], limit=75, kinds={"plain_text"})
    if not 1 <= len(button["value"]) <= 2_000 or len(button.get("accessibility_label", "")) > 75:
        raise InvalidBlocks("feedback button: value or accessibility_label is too long")


def _actions(block: Json) -> None:
    """docs.slack.dev/reference/block-kit/blocks/actions-block"""
    _only(block, required={"elements"})
    elements = _list(block, "elements", limit=25)
    for element in elements:
        if element.get("type") != "button":
            raise InvalidBlocks(f"unsupported type: {element.get('type')}")
        _button(element)
    names = [element["action_id"] for element in elements]
    if len(names) != len(set(names)):
        raise InvalidBlocks("action_id is not unique within its block")


def _button(button: Json) -> None:
    _only(button, required={"text", "action_id"}, optional={"value", "style", "confirm", "accessibility_label"})
    _text(button["text"], limit=75, kinds={"plain_text"})
    if not 1 <= len(button["action_id"]) <= 255 or len(button.get("value", "")) > 2_000:
        raise InvalidBlocks("button: action_id or value is too long")
    if button.get("style", "primary") not in {"primary", "danger"}:
        raise InvalidBlocks("button.style must be primary or danger")
    if "confirm" in button:
        _confirm(button["confirm"])


def _confirm(dialog: Json) -> None:
    _only(dialog, required={"title", "text", "confirm", "deny"}, optional={"style"})
    for key, limit in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items():
        _text(dialog[key], limit=limit, kinds={"plain_text"})


def _input(block: Json) -> None:
    """docs.slack.dev/reference/block-kit/blocks/input-block"""
    _only(block, required={"label", "element"}, optional={"hint", "optional", "dispatch_action"})
    _text(block["label"], limit=2_000, kinds={"plain_text"})
    if "hint" in block:
        _text(block["hint"], limit=2_000, kinds={"plain_text"})
    if len(block.get("block_id", "")) > 255:
        raise InvalidBlocks("block_id is too long")
    check = _INPUTS.get(block["element"].get("type"))
    if check is None:
        raise InvalidBlocks(f"unsupported type: {block['element'].get('type')}")
    check(block["element"])


def _text_input(element: Json) -> None:
    _only(element, required={"action_id"}, optional={"multiline", "max_length", "min_length", "initial_value"})
    limit = element.get("max_length", 3_000)
    if not 1 <= limit <= 3_000 or len(element.get("initial_value", "")) > limit:
        raise InvalidBlocks("plain_text_input: max_length or initial_value is out of range")


def _select(element: Json) -> None:
    _only(element, required={"action_id", "options"}, optional={"initial_option", "placeholder"})
    options = _list(element, "options", limit=100)
    for option in options:
        _text(option["text"], limit=75, kinds={"plain_text"})
        if set(option) != {"text", "value"} or not 1 <= len(option["value"]) <= 150:
            raise InvalidBlocks("option: value must have 1 to 150 characters")
    if element.get("initial_option", options[0]) not in options:
        raise InvalidBlocks("initial_option is not among the options")


def _users_select(element: Json) -> None:
    _only(element, required={"action_id"}, optional={"initial_user", "placeholder"})


def _datepicker(element: Json) -> None:
    _only(element, required={"action_id"}, optional={"initial_date", "placeholder"})
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", element.get("initial_date", "2026-01-01")):
        raise InvalidBlocks("initial_date must be YYYY-MM-DD")


_INPUTS: dict[object, Callable[[Json], None]] = {
    "plain_text_input": _text_input,
    "static_select": _select,
    "users_select": _users_select,
    "datepicker": _datepicker,
}


def _rich_text(block: Json) -> None:
    _only(block, required={"elements"})
    for element in _list(block, "elements", limit=1_000):
        _rich_text_part(element)


def _rich_text_part(part: Json) -> None:
    match part.get("type"):
        case "rich_text_section":
            _only(part, required={"elements"})
            _rich_text_elements(part, {"text", "link", "user", "usergroup", "channel", "broadcast", "emoji", "date"})
        case "rich_text_quote":
            _only(part, required={"elements"}, optional={"border"})
            _rich_text_elements(part, {"text", "link", "user", "usergroup", "channel", "broadcast", "emoji", "date"})
        case "rich_text_preformatted":
            _only(part, required={"elements"}, optional={"border", "language"})
            _rich_text_elements(part, {"text", "link"})
        case "rich_text_list":
            _rich_text_list(part)
        case kind:
            raise InvalidBlocks(f"unsupported type: {kind}")


def _rich_text_list(part: Json) -> None:
    _only(part, required={"elements", "style"}, optional={"indent", "offset", "border"})
    if part["style"] not in {"bullet", "ordered"}:
        raise InvalidBlocks("rich_text_list.style must be bullet or ordered")
    if not 0 <= part.get("indent", 0) <= 8 or part.get("offset", 0) < 0:
        raise InvalidBlocks("rich_text_list: indent or offset is out of range")
    for entry in _list(part, "elements", limit=1_000):
        if entry.get("type") != "rich_text_section":
            raise InvalidBlocks("rich_text_list holds rich_text_section only")
        _rich_text_part(entry)


def _rich_text_elements(part: Json, kinds: set[str]) -> None:
    for element in _list(part, "elements", limit=1_000):
        if element.get("type") not in kinds:
            raise InvalidBlocks(f"unsupported type in {part['type']}: {element.get('type')}")
        if set(element.get("style", {})) - _STYLES or element.get("style", None) == {}:
            raise InvalidBlocks(f"unsupported style: {element['style']}")
        _RICH_TEXT_ELEMENTS[element["type"]](element)


def _text_element(element: Json) -> None:
    _only(element, required={"text"}, optional={"style"})
    if not isinstance(element["text"], str) or not element["text"]:
        raise InvalidBlocks("a text element must have text")


def _link_element(element: Json) -> None:
    _only(element, required={"url"}, optional={"style", "text", "unsafe"})
    if not 1 <= len(element["url"]) <= 3_000 or element.get("text", "-") == "":
        raise InvalidBlocks("a link element must have an address of at most 3000 characters, and text if any")


def _user_element(element: Json) -> None:
    _only(element, required={"user_id"}, optional={"style"})
    if not re.fullmatch(r"[UW][A-Z0-9]+", element["user_id"]):
        raise InvalidBlocks("invalid user_id")


def _other_element(element: Json) -> None:
    if len(element) < 2:
        raise InvalidBlocks(f"{element['type']} is incomplete")


_RICH_TEXT_ELEMENTS: dict[str, Callable[[Json], None]] = {
    "text": _text_element,
    "link": _link_element,
    "user": _user_element,
    **dict.fromkeys(("usergroup", "channel", "broadcast", "emoji", "date"), _other_element),
}
_BLOCKS: dict[object, Callable[[Json], None]] = {
    "section": _section,
    "header": _header,
    "markdown": _markdown,
    "divider": _divider,
    "context": _context,
    "context_actions": _context_actions,
    "rich_text": _rich_text,
    "actions": _actions,
    "input": _input,
}


@dataclass(kw_only=True)
class Live:
    """What in a message does something by itself: pings somebody, can be clicked, or is fetched."""

    mentions: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def find_live(message: Json) -> Live:
    """Of the arguments of `chat.postMessage`, or of a slash command's answer."""
    live = Live()
    _scan_mrkdwn(message.get("text") or "", live, links_bare=message.get("parse") != "none")
    for item in iter_objects(message.get("blocks") or []):
        match item.get("type"):
            case "user" | "usergroup" | "channel" | "broadcast" | "team":
                live.mentions.append(str(item))
            case "link":
                live.links.append(item["url"])
            case "image":
                live.images.append(str(item))
            case "mrkdwn":
                _scan_mrkdwn(item["text"], live, links_bare=not item.get("verbatim"))
            case "markdown":
                _scan_mrkdwn(item["text"], live, links_bare=True)
            case "button" if "url" in item:
                live.links.append(item["url"])
    return live


def _scan_mrkdwn(text: str, live: Live, *, links_bare: bool) -> None:
    for token in _TOKEN.findall(text):
        (live.mentions if token[0] in "@#!" else live.links).append(token)
    if links_bare:
        live.links.extend(_BARE_URL.findall(text))


def said(message: Json) -> str:
    """A message's words, as people see them."""
    return visible_text(message["blocks"])


def visible_text(blocks: list[Json]) -> str:
    """What a person reads, a line for each part."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(item: Json) -> Iterator[str]:
    match item.get("type"):
        case "rich_text" | "context" | "rich_text_list":
            for element in item["elements"]:
                yield from _lines(element)
        case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            yield "".join(
                element.get("text") or element.get("url") or f"@{element.get('user_id')}"
                for element in item["elements"]
            )
        case "section" | "header":
            yield item["text"]["text"]
        case "context_actions":
            buttons = item["elements"][0]
            yield f"({buttons['positive_button']['text']['text']}) ({buttons['negative_button']['text']['text']})"
        case "actions":
            yield " ".join(f"[{button['text']['text']}]" for button in item["elements"])
        case "input":
            yield f"{item['label']['text']}:"
        case "divider":
            return
        case _:
            yield item["text"]


def iter_objects(value: object) -> Iterator[Json]:
    """Every object in a JSON value, outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from iter_objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from iter_objects(inner)
