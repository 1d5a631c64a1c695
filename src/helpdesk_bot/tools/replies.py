"""What is said of a JSON answer: the fields that an admin names, by plain paths, or all of them, shortened."""

import re
from collections.abc import Iterator, Sequence
from typing import cast

MAX_VALUE_CHARACTERS = 500
MAX_CHARACTERS = 4_000
MAX_LINES = 40
MAX_DEPTH = 6
NOT_GIVEN = "(not given)"
_FIELD = re.compile(r"\{([\w-]+(?:\.(?:[\w-]+|\*))*)\}")


def fields(template: str) -> list[str]:
    return _FIELD.findall(template)


def worded(template: str, answer: object) -> str:
    """`{assignee.name}`, `{items.0.title}`, and `{items.*.title}` for all of a list; what is absent says so.

    A template without fields is said as it stands; an empty one lists what the answer holds.
    """
    if not template:
        return "\n".join(_lines(answer))[:MAX_CHARACTERS]
    return _FIELD.sub(lambda match: _said(_found(answer, match[1].split("."))), template)[:MAX_CHARACTERS]


def _found(answer: object, path: Sequence[str]) -> list[object]:
    """The plain values at the end of a path."""
    if not path:
        return [] if isinstance(answer, dict | list) or answer is None else [answer]
    step, *rest = path
    if isinstance(answer, dict):
        return _found(cast("dict[str, object]", answer).get(step), rest)
    if isinstance(answer, list):
        listed = cast("list[object]", answer)
        if step == "*":
            return [value for one in listed[:MAX_LINES] for value in _found(one, rest)]
        return _found(listed[int(step)], rest) if step.isdecimal() and int(step) < len(listed) else []
    return []


def _said(values: Sequence[object]) -> str:
    return ", ".join(_plain(value) for value in values)[:MAX_VALUE_CHARACTERS] or NOT_GIVEN


def _lines(answer: object) -> list[str]:
    lines = [f"{path}: {_plain(value)}" if path else _plain(value) for path, value in _flat(answer, "", MAX_DEPTH)]
    return lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], f"and {len(lines) - MAX_LINES} more"]


def _flat(answer: object, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(answer, dict | list):
        inner = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
        numbered = enumerate(cast("list[object]", answer)) if isinstance(answer, list) else inner.items()
        for name, value in numbered if depth else ():
            yield from _flat(value, f"{path}.{name}" if path else str(name), depth - 1)
    elif answer is not None:
        yield path, answer


def _plain(value: object) -> str:
    """On one line, and without brackets, which would read as a citation."""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return " ".join(text.translate({ord("["): "(", ord("]"): ")"}).split())[:MAX_VALUE_CHARACTERS]
