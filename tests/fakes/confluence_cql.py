"""The part of Confluence's query language that the connector speaks; anything else is refused, as a typo would be."""

import re
from collections.abc import Callable

from tests.fakes.confluence_wiki import WikiContent

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[A-Za-z][A-Za-z0-9_]*|[0-9]+|[(),=])', re.DOTALL)
_FIELDS: dict[str, Callable[[WikiContent], str]] = {
    "space": lambda content: content.space,
    "type": lambda content: content.type,
    "id": lambda content: content.id,
    "container": lambda content: (content.parent or "") if content.type in {"comment", "attachment"} else "",
}
_TYPES = {"page", "blogpost", "comment", "attachment"}

Condition = Callable[[WikiContent], bool]


class WrongCql(ValueError):
    """The query can't be parsed."""


def parse_cql(query: str) -> Condition:
    """`FIELD = VALUE` and `FIELD in (VALUES)` joined by `and`, and `order by created asc` behind them."""
    tokens = _tokens(query)
    if [token.casefold() for token in tokens[-4:]] == ["order", "by", "created", "asc"]:
        tokens = tokens[:-4]
    conditions: list[Condition] = []
    while tokens:
        conditions.append(_condition(tokens))
        if tokens and _take(tokens).casefold() != "and":
            raise WrongCql("expected and")
    if not conditions:
        raise WrongCql("empty")
    return lambda content: all(condition(content) for condition in conditions)


def _tokens(query: str) -> list[str]:
    tokens: list[str] = []
    end = 0
    while query[end:].strip():
        found = _TOKEN.match(query, end)
        if found is None:
            raise WrongCql(f"what is {query[end : end + 10]!r}?")
        tokens.append(found[1])
        end = found.end()
    return tokens


def _condition(tokens: list[str]) -> Condition:
    name, operator = _take(tokens), _take(tokens).casefold()
    if name not in _FIELDS:
        raise WrongCql(f"no field {name}")
    if operator == "=":
        values = {_value(_take(tokens))}
    elif operator == "in":
        values = _values(tokens)
    else:
        raise WrongCql(f"no operator {operator}")
    if name == "type" and not values <= _TYPES:
        raise WrongCql("no such type")
    if name == "id" and len(values) > 200:
        raise WrongCql("too many ids")
    return lambda content: _FIELDS[name](content) in values


def _values(tokens: list[str]) -> set[str]:
    if _take(tokens) != "(":
        raise WrongCql("expected (")
    values = {_value(_take(tokens))}
    while (token := _take(tokens)) == ",":
        values.add(_value(_take(tokens)))
    if token != ")":
        raise WrongCql("expected )")
    return values


def _value(token: str) -> str:
    if token in {"(", ")", ",", "="}:
        raise WrongCql("expected a value")
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _take(tokens: list[str]) -> str:
    if not tokens:
        raise WrongCql("unexpected end")
    return tokens.pop(0)
