"""What is wrong with a setting, in words for whoever set it: pydantic's are for programmers."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from helpdesk_bot.settings.settings import Settings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WORDS: Mapping[str, Callable[[object, Mapping[str, Any]], str]] = {
    "bool_parsing": lambda given, _: f"{given!r} is neither true nor false",
    "int_parsing": lambda given, _: f"{given!r} is no whole number",
    "float_parsing": lambda given, _: f"{given!r} is no number",
    "decimal_parsing": lambda given, _: f"{given!r} is no number",
    "finite_number": lambda given, _: f"{given!r} is no number",
    "literal_error": lambda given, limits: f"{given!r} is not {limits['expected']}",
    "greater_than": lambda given, limits: f"{given!r} is not more than {limits['gt']:g}",
    "greater_than_equal": lambda given, limits: f"{given!r} is less than {limits['ge']:g}",
    "less_than_equal": lambda given, limits: f"{given!r} is more than {limits['le']:g}",
}
"""By pydantic's name of the error. None of these settings is a secret, so what was given may be repeated."""


def complain(error: "ErrorDetails") -> str:
    """About one setting, or about several that don't go together: then the message names them."""
    if not error["loc"]:
        return _said(error)
    name, *parts = map(str, error["loc"])
    place = ", ".join([name.upper(), *parts])
    words = _WORDS.get(error["type"])
    if words is None:
        return f"{place}: {_said(error)}"
    default = Settings.model_fields[name].default
    usual = f"{default:g}" if isinstance(default, float) else str(default)
    usual = usual.lower() if isinstance(default, bool) else usual
    has_usual = not parts and isinstance(default, bool | int | float | Decimal | str)
    said = words(error["input"], error.get("ctx", {}))
    return f"{place}: {said}; the default is {usual}" if has_usual else f"{place}: {said}"


def _said(error: "ErrorDetails") -> str:
    return error["msg"].removeprefix("Value error, ")
