"""Whether arguments fit a tool. Nothing is sent before they do, whoever wrote them: a model, a rule or a person."""

import math
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from helpdesk_bot.tools.errors import BadArguments
from helpdesk_bot.tools.patterns import pattern_of
from helpdesk_bot.tools.tool import ToolSpec

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Plain = str | int | float | bool

MAX_CHARACTERS = 200
"""Of a text, where the schema says nothing else."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_IN_EMOJI = frozenset("\u200c\u200d")
_IN_FREE_TEXT = frozenset("\n\t")


def fitted(tool: str, schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Plain]:
    """The arguments as they are sent: numbers that came as text made numbers, whole ones whole. Raises `BadArguments`.

    Its reason names the parameter and the rule, never the value.
    """
    properties = cast("Mapping[str, Mapping[str, Any]]", schema.get("properties", {}))
    read = {str(name): _read(value, properties.get(str(name), {})) for name, value in arguments.items()}
    for name, value in read.items():
        if not isinstance(value, str | int | float | bool):
            raise BadArguments(tool, f"{_shown(name)} is no plain value")
        if isinstance(value, float) and not math.isfinite(value):
            raise BadArguments(tool, f"{_shown(name)} is no number")
    for error in _rules()(schema).iter_errors(cast("dict[str, Any]", read)):
        raise BadArguments(tool, _in_words(str(error.validator), [str(part) for part in error.absolute_path]))
    for name, value in read.items():
        if isinstance(value, str):
            _check_text(tool, name, value, properties.get(name, {}))
    return cast("dict[str, Plain]", read)


def without_fixed(spec: ToolSpec, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """What fills in the parameters. Raises `BadArguments` for a change agreed to with other fixed arguments."""
    if not spec.changes:
        return arguments
    agreed = {name: arguments[name] for name in spec.fixed if name in arguments}
    if agreed != spec.fixed:
        raise BadArguments(spec.name, "its fixed arguments are others than were agreed to; ask for it again")
    return {name: value for name, value in arguments.items() if name not in spec.fixed}


def load_rules() -> None:
    """What checking needs, a few seconds of imports: for the start, so that no first call waits for it."""
    _rules()


@cache
def _rules() -> "type[Validator]":
    """Of JSON schemas, with patterns matched in bounded time."""
    from jsonschema import Draft202012Validator  # it may build a grammar of URLs: seconds, only where there are tools
    from jsonschema.validators import extend

    return extend(Draft202012Validator, {"pattern": _pattern_errors})


def _pattern_errors(_: "Validator", pattern: str, value: object, __: object) -> "Iterator[ValidationError]":
    from jsonschema import ValidationError

    if isinstance(value, str) and not pattern_of(pattern).is_in(value):
        yield ValidationError("it does not fit the pattern")


def _read(value: object, schema: Mapping[str, Any]) -> object:
    """What rules find is text; models write 2.0 where a whole number is asked for."""
    kind = schema.get("type")
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str) or kind not in {"integer", "number", "boolean"}:
        return value
    try:
        if kind == "boolean":
            return {"true": True, "yes": True, "false": False, "no": False}.get(value.casefold(), value)
        return int(value) if kind == "integer" else float(value)
    except ValueError:
        return value


def _check_text(tool: str, name: str, value: str, schema: Mapping[str, Any]) -> None:
    """Nothing invisible, which could show a person something else than what is sent, and nothing endless."""
    if len(value) > schema.get("maxLength", MAX_CHARACTERS):
        raise BadArguments(tool, f"{name} is too long")
    allowed = _IN_EMOJI if "pattern" in schema or "enum" in schema else _IN_EMOJI | _IN_FREE_TEXT
    if any(unicodedata.category(sign) in _INVISIBLE and sign not in allowed for sign in value):
        raise BadArguments(tool, f"{name} holds characters that nobody sees")


_RULES = {
    "required": "one that is needed is missing",
    "additionalProperties": "there is one that it doesn't know",
    "enum": "is none of the choices",
    "pattern": "is not written as it has to be",
    "maxLength": "is too long",
    "minLength": "is too short",
    "minimum": "is too small",
    "maximum": "is too large",
}


def _in_words(rule: str, path: list[str]) -> str:
    said = _RULES.get(rule, f"breaks the rule {_shown(rule)!r}")
    return f"{_shown(path[0])} {said}" if path else f"its arguments: {said}"


def _shown(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "_-" else "?" for sign in name[:40])
