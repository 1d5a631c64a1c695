"""Where arguments stand in a request: in a piece of the path, in a value of the query, in a value of the body.

What is not a placeholder is fixed by an admin. An argument can't become another piece of the path, another name of the
query or another key of the body, whatever it holds.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import cast

from connectors.http import path_of
from helpdesk_bot.tools.arguments import Plain
from helpdesk_bot.tools.errors import BadArguments

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LEAVES_ITS_PLACE = re.compile(r"[\x00-\x20\x7f/\\%?#;]|\.\.")
_MISSING = object()

Values = Mapping[str, Plain]


def placeholders(template: object) -> Iterator[str]:
    """The names in a text, or in all texts of a body."""
    match template:
        case str():
            yield from _PLACEHOLDER.findall(template)
        case dict():
            for value in cast("dict[str, object]", template).values():
                yield from placeholders(value)
        case list():
            for value in cast("list[object]", template):
                yield from placeholders(value)
        case _:
            return


def filled_path(tool: str, template: str, values: Values) -> str:
    """Each piece stays one piece. Raises `BadArguments` for an argument that some server could read as more."""
    for name in _PLACEHOLDER.findall(template):
        _check_piece(tool, name, _text(values[name]))
    pieces = [piece for piece in template.split("/") if piece]
    return path_of(*(_filled(piece, values) for piece in pieces)) if pieces else ""


def filled_query(tool: str, template: Mapping[str, str], values: Values) -> dict[str, str]:
    """Without the values whose arguments were left out."""
    query = {name: _filled_or_missing(value, values) for name, value in template.items()}
    if any("\n" in str(value) for value in query.values()):
        raise BadArguments(tool, "an argument of the query has more than one line")
    return {name: str(value) for name, value in query.items() if value is not _MISSING}


def filled_body(template: object, values: Values) -> object:
    """A value that is one placeholder keeps the argument's type; one whose argument was left out goes."""
    match template:
        case str():
            return _typed(template, values)
        case dict():
            filled = {k: filled_body(v, values) for k, v in cast("dict[str, object]", template).items()}
            return {name: value for name, value in filled.items() if value is not _MISSING}
        case list():
            return [
                one for one in (filled_body(v, values) for v in cast("list[object]", template)) if one is not _MISSING
            ]
        case _:
            return template


def _check_piece(tool: str, name: str, value: str) -> None:
    """By what it looks like to a reader that folds characters, too."""
    readings = (value, unicodedata.normalize("NFKC", value))
    if any(not one or one == "." or _LEAVES_ITS_PLACE.search(one) for one in readings):
        raise BadArguments(tool, f"{name} can't stand in an address")


def _typed(template: str, values: Values) -> object:
    whole = _PLACEHOLDER.fullmatch(template)
    return values.get(whole[1], _MISSING) if whole else _filled_or_missing(template, values)


def _filled_or_missing(template: str, values: Values) -> object:
    return _filled(template, values) if set(_PLACEHOLDER.findall(template)) <= set(values) else _MISSING


def _filled(template: str, values: Values) -> str:
    return _PLACEHOLDER.sub(lambda match: _text(values[match[1]]), template)


def _text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
