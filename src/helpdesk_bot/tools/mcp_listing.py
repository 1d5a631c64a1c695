"""What an MCP server says of its tools, which is foreign text: agreed to by its fingerprint, and cleaned."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from helpdesk_bot.guard.passages import clean_passage, clean_title
from helpdesk_bot.tools.arguments import Plain
from helpdesk_bot.tools.tool import ToolSpec

MAX_DESCRIPTION = 1_000
MAX_PARAMETER_DESCRIPTION = 300
MAX_PARAMETERS = 20
_NAME = re.compile(r"[A-Za-z_][\w-]{0,39}")
_PLAIN = frozenset({"string", "integer", "number", "boolean"})
_KEPT = ("minimum", "maximum", "maxLength", "minLength")
_PIN_CHARACTERS = 32


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One tool, in the server's own words."""

    name: str
    description: str
    schema: Mapping[str, Any]

    @property
    def pin(self) -> str:
        """The fingerprint of all that it says: what an admin has agreed to is this and nothing else."""
        said = json.dumps([self.name, self.description, self.schema], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_PIN_CHARACTERS]

    @property
    def shown(self) -> str:
        """For an admin, with everything invisible spelt out."""
        return json.dumps({"description": self.description, "schema": self.schema}, indent=2)


@dataclass(frozen=True, kw_only=True)
class McpToolPlan:
    """A tool of a server as an admin allows it."""

    name: str
    """Ours: the server's and the tool's."""
    remote: str
    """Its name on the server."""
    title: str
    description: str = ""
    """An admin's, in place of the server's."""
    pin: str = ""
    changes: bool = True
    approvers: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    fixed: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    """Arguments that nobody else fills in, such as where a message goes, as they are written and shown."""
    sent: Mapping[str, Plain] = field(default_factory=dict[str, Plain], repr=False)
    """The same with their secrets."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """Schemas of an admin's, in place of the server's."""
    link: str | None = None


class Unusable(Exception):
    """A tool that is not offered. `reason` says what an admin can do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def bare_spec(plan: McpToolPlan) -> ToolSpec:
    """What is known before the server was asked."""
    return ToolSpec(
        name=plan.name,
        title=plan.title,
        description=plan.description or plan.title,
        parameters={"type": "object", "properties": {}},
        changes=plan.changes,
        approvers=plan.approvers,
        examples=plan.examples,
        fixed=plan.fixed,
    )


def agreed_spec(plan: McpToolPlan, listed: Listed | None) -> ToolSpec:
    """With the server's words, where they are those that were agreed to. Raises `Unusable`."""
    if listed is None:
        raise Unusable(f"its server has no tool {plan.remote}")
    if plan.pin != listed.pin:
        why = "it says something else than was agreed to" if plan.pin else "nobody has agreed to it"
        raise Unusable(f"{why}: read what it says with `helpdesk-bot tools`, then set pin: {listed.pin}")
    bare = bare_spec(plan)
    description = plan.description or _cleaned(listed.description, MAX_DESCRIPTION) or plan.title
    return replace(bare, description=description, parameters=_schema(plan, listed.schema))


def _schema(plan: McpToolPlan, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Plain values only. What an admin has fixed is not asked for; what is needed and not plain makes it unusable."""
    listed = _mapping(schema.get("properties"))
    needed = {str(name) for name in cast("list[object]", schema.get("required") or [])} - plan.fixed.keys()
    if unknown := sorted((plan.parameters.keys() | plan.fixed.keys()) - listed.keys()):
        raise Unusable(f"it has no parameter {', '.join(unknown)}")
    read = {name: plan.parameters.get(name) or _plain(listed[name]) for name in listed if name not in plan.fixed}
    properties = {name: one for name, one in read.items() if one is not None and _NAME.fullmatch(name)}
    if missing := sorted(needed - properties.keys()):
        raise Unusable(f"it needs {len(missing)} parameters that are no plain values; fix them, or leave the tool out")
    if len(properties) > MAX_PARAMETERS:
        properties = {name: one for name, one in properties.items() if name in needed}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(needed),
        "additionalProperties": False,
    }


def _plain(schema: object) -> dict[str, Any] | None:
    """A parameter with a plain value, or None. Patterns are not taken over: matching can take for ever."""
    told = _mapping(schema)
    kind = told.get("type") or _of_any(told.get("anyOf"))
    if kind not in _PLAIN:
        return None
    plain: dict[str, Any] = {"type": kind}
    plain |= {rule: told[rule] for rule in _KEPT if isinstance(told.get(rule), int | float)}
    choices = cast("list[object]", told.get("enum") or [])
    if kind == "string" and choices and all(isinstance(one, str) for one in choices):
        plain["enum"] = choices
    if isinstance(told.get("title"), str):
        plain["title"] = clean_title(told["title"])[:80]
    if isinstance(told.get("description"), str):
        plain["description"] = _cleaned(told["description"], MAX_PARAMETER_DESCRIPTION)
    return plain


def _of_any(options: object) -> object:
    """`anyOf: [{type: string}, {type: "null"}]` is how Python servers say that it may be left out."""
    kinds = [_mapping(one).get("type") for one in cast("list[object]", options)] if isinstance(options, list) else []
    kinds = [kind for kind in kinds if kind != "null"]
    return kinds[0] if len(kinds) == 1 else None


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _cleaned(text: str, most: int) -> str:
    return " ".join(clean_passage(text[: most * 4])[0].split())[:most]
