"""Which tool a question asks for, and with which arguments: rules without a model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from helpdesk_bot.guard.words import content_stems, covered
from helpdesk_bot.tools.arguments import Plain, fitted
from helpdesk_bot.tools.errors import BadArguments
from helpdesk_bot.tools.patterns import Pattern, pattern_of
from helpdesk_bot.tools.tool import ToolSpec

FIT_AT = 0.55
"""The least likeness to an example at which a lookup is what is asked for: measured, docs/tools.md."""
FIT_OF_CHANGE = 0.7
"""The same for a change, which has to be called by its verb besides, the first word of its title."""
FIT_AS_EXAMPLE = 0.95
"""From this on the words are those of an example."""
FIT_OVER_KNOWLEDGE = 0.8
"""The same where the documents answer the question."""
MAX_CHARACTERS = 2_000
"""Of a question, in which arguments are looked for."""
_ASKS_FOR_A_WAY = re.compile(
    r"\W*(?:(?:and|so|but|hi|hello|hey)\W+)*(?:how (?:do|does|can|could|should|would|to|must|long|much|often)\b"
    r"|(?:where|when|which|what|who|whom|why)\b.{0,40}?\b(?:do|can|could|should|may|must|would|have to|need to|to)\b"
    r"|what(?:'s| is| are) (?:the|a|an|our) (?:\w+ )?(?:way|process|procedure|policy|rules?|difference|steps?)\b"
    r"|why\b|(?:can|may|could|should|must|am) (?:i|we)\b|do (?:i|we) (?:need|have to|get)\b"
    r"|is it (?:possible|allowed)\b)"
    r"|.*\b(?:how|when|where|which|what) (?:do|does|can|should|must|may|to)\b",
    re.IGNORECASE | re.DOTALL,
)
_ASKS = re.compile(r"\W*(?:what|which|when|where|is|are|was|were|does|do|did|has|have|how|who|why|if)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\^\(\?:(.*)\)\$\(\?!\\n\)", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]|[.,]\d)")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A tool that may be what is asked for."""

    spec: ToolSpec
    fit: float
    """Likeness to the best of its examples, 0 to 1."""
    arguments: Mapping[str, Plain]
    missing: tuple[str, ...]
    """Required parameters that the words don't give."""
    is_named: bool
    """Whether the words give an argument of a form that no ordinary word has, such as a number of a ticket."""
    is_called: bool
    """Whether they hold the verb of its title."""

    def is_asked_for(self, *, is_answered: bool) -> bool:
        """`is_answered`: by the documents."""
        if self.spec.changes:
            return self.fit >= (FIT_OF_CHANGE if self.is_called else FIT_AS_EXAMPLE)
        if is_answered:
            return self.fit >= FIT_OVER_KNOWLEDGE and self.is_named
        return self.fit >= FIT_AT or (self.is_named and not self.missing)


def choose(question: str, specs: Sequence[ToolSpec]) -> Choice | None:
    """The best fit; None for a question how something is done, and where nothing is shared with any."""
    if _ASKS_FOR_A_WAY.match(question):
        return None
    choices = [choice_of(spec, question) for spec in specs if not (spec.changes and _ASKS.match(question))]
    near = [one for one in choices if one.fit > 0 or one.is_named]
    return max(near, key=lambda one: (one.fit, one.is_named), default=None)


def choice_of(spec: ToolSpec, question: str) -> Choice:
    """One tool, with what the words give it."""
    arguments = find_arguments(question, spec)
    formed = [str(value) for name, value in arguments.items() if "pattern" in properties(spec)[name]]
    return Choice(
        spec=spec,
        fit=fit(question, spec),
        arguments=arguments,
        missing=tuple(name for name in needed(spec) if name not in arguments),
        is_named=any(not value.isalpha() for value in formed),
        is_called=set(content_stems(spec.title)[:1]) <= set(content_stems(question)),
    )


def fit(question: str, spec: ToolSpec) -> float:
    """The likeness to the nearest example, both read without their arguments, by the words they share, 0 to 1."""
    asked = _stems(question, spec)
    return max(_likeness(asked, _stems(example, spec)) for example in (*spec.examples, spec.title))


def find_arguments(question: str, spec: ToolSpec) -> dict[str, Plain]:
    """What stands in the words beyond doubt: one text of the pattern, one of the choices, one number."""
    text = question[:MAX_CHARACTERS]
    found = {name: _found(text, schema, is_needed=name in needed(spec)) for name, schema in properties(spec).items()}
    return {name: value for name, value in found.items() if value is not None and fits(spec, name, value)}


def fits(spec: ToolSpec, name: str, value: object) -> bool:
    """Whether one argument by itself fits its parameter."""
    schema = {"type": "object", "properties": {name: properties(spec)[name]}}
    try:
        fitted(spec.name, schema, {name: value})
    except BadArguments:
        return False
    return True


def properties(spec: ToolSpec) -> Mapping[str, Mapping[str, Any]]:
    return cast("Mapping[str, Mapping[str, Any]]", spec.parameters.get("properties", {}))


def needed(spec: ToolSpec) -> tuple[str, ...]:
    """In the order of the file."""
    required = set(cast("list[str]", spec.parameters.get("required", [])))
    return tuple(name for name in properties(spec) if name in required)


def called(spec: ToolSpec, name: str) -> str:
    """A parameter in an admin's words."""
    return str(properties(spec).get(name, {}).get("title") or name.replace("_", " "))


def _stems(text: str, spec: ToolSpec) -> set[str]:
    for schema in properties(spec).values():
        pattern = _pattern(schema, ignores_case=True)
        text = pattern.blanked_in(text[:MAX_CHARACTERS]) if pattern else text
    return set(content_stems(text))


def _likeness(asked: set[str], example: set[str]) -> float:
    """The harmonic mean of what each covers of the other."""
    if not asked or not example:
        return 0.0
    there, back = covered(asked, example), covered(example, asked)
    return 2 * there * back / (there + back) if there and back else 0.0


def _found(text: str, schema: Mapping[str, Any], *, is_needed: bool) -> Plain | None:
    pattern = _pattern(schema)
    if pattern:
        found = set(pattern.list_in(text)) or set(pattern.list_in(text.upper()))
    elif "enum" in schema:
        choices = cast("list[str]", schema["enum"])
        found = {one for one in choices if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE)}
    elif is_needed and schema.get("type") in {"integer", "number"}:
        found = {match[0] for match in _NUMBER.finditer(text)}
    else:
        return None
    return found.pop() if len(found) == 1 else None


def _pattern(schema: Mapping[str, Any], *, ignores_case: bool = False) -> Pattern | None:
    """As it may stand in the middle of a sentence."""
    whole = _WHOLE.fullmatch(str(schema.get("pattern", "")))
    return pattern_of(rf"(?<![\w-])(?:{whole[1]})(?![\w-])", ignores_case=ignores_case) if whole else None
