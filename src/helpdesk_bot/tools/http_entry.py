"""An HTTP tool as it is written in the tools file, and the plan that is made of it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from helpdesk_bot.tools.entries import (
    STRICT,
    Email,
    Headers,
    Line,
    Name,
    Parameter,
    check_host,
    named_secrets,
    with_secrets,
)
from helpdesk_bot.tools.http_tool import HttpRequest
from helpdesk_bot.tools.templates import placeholders
from helpdesk_bot.tools.tool import ToolSpec

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})


@dataclass(frozen=True, kw_only=True)
class HttpToolPlan:
    """A tool as it is configured, before a connection is there to use."""

    spec: ToolSpec
    request: HttpRequest
    base_url: str
    is_private: bool
    timeout_s: float
    max_bytes: int
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


class _Basic(BaseModel):
    model_config = STRICT

    user: Line
    password: Line


class HttpEntry(BaseModel):
    model_config = STRICT

    name: Name
    title: Line
    description: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = ""
    query: dict[Line, str] = {}
    body: Any = None
    headers: Headers = {}
    basic: _Basic | None = None
    parameters: dict[Name, Parameter] = {}
    changes: bool | None = None
    repeatable: bool = False
    approvers: list[Email] = []
    examples: list[Line] = []
    reply: Annotated[str, StringConstraints(max_length=2_000)] = ""
    link: str | None = None
    key_header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")] = "Idempotency-Key"
    timeout_s: float = Field(default=8.0, gt=0, le=60)
    max_bytes: int = Field(default=256 * 1024, ge=1, le=8 * 2**20)
    private: bool = False

    @model_validator(mode="after")
    def _says_whether_it_changes_something(self) -> "HttpEntry":
        if self.changes is None and self.method != "GET":
            raise ValueError(f"changes: say true or false for {self.method}; true means that a person agrees first")
        if self.repeatable and not self.changes:
            raise ValueError("repeatable: it is for tools with changes: true")
        if self.approvers and not self.changes:
            raise ValueError("approvers: they are for tools with changes: true")
        return self

    @model_validator(mode="after")
    def _goes_to_one_host(self) -> "HttpEntry":
        check_host(self.url, is_private=self.private)
        if "?" in self.url or "#" in self.url or list(placeholders(self.url)):
            raise ValueError("url: the host and a fixed path; arguments go into path, query or body")
        if self.link and not self.link.startswith("https://"):
            raise ValueError("link: begins with https://")
        return self

    @model_validator(mode="after")
    def _arguments_have_their_places(self) -> "HttpEntry":
        used = {*placeholders(self.path), *placeholders(self.query), *placeholders(self.body)}
        if unknown := sorted(used - self.parameters.keys()):
            raise ValueError(f"there is no parameter {', '.join(unknown)}")
        if unused := sorted(self.parameters.keys() - used):
            raise ValueError(f"parameter {', '.join(unused)} stands in neither path, query nor body")
        for name in placeholders(self.path):
            one = self.parameters[name]
            if one.optional or not one.stays_in_its_place:
                raise ValueError(f"parameter {name}: in the path it needs a pattern or choices, and is not optional")
        if {".", ".."} & set(self.path.split("/")) or set("?#%\\") & set(self.path):
            raise ValueError("path: pieces between slashes, without ? # % and without climbing")
        return self

    @model_validator(mode="after")
    def _headers_are_its_own(self) -> "HttpEntry":
        if taken := sorted(_OURS & {name.casefold() for name in (*self.headers, self.key_header)}):
            raise ValueError(f"headers: {', '.join(taken)} is set by the client")
        return self

    def plan(self, secrets: Mapping[str, str]) -> HttpToolPlan:
        written = (*self.headers.values(), *((self.basic.user, self.basic.password) if self.basic else ()))
        headers = {name: with_secrets(value, secrets) for name, value in self.headers.items()}
        used = [secrets[name] for value in written for name in named_secrets(value)]
        if self.basic:
            pair = f"{with_secrets(self.basic.user, secrets)}:{with_secrets(self.basic.password, secrets)}"
            used.append(base64.b64encode(pair.encode()).decode())
            headers["authorization"] = f"Basic {used[-1]}"
        return HttpToolPlan(
            spec=self.spec(),
            request=HttpRequest(
                method=self.method,
                path=self.path,
                query=self.query,
                body=self.body,
                reply=self.reply,
                link=self.link,
                key_header=self.key_header,
            ),
            base_url=self.url,
            is_private=self.private,
            timeout_s=self.timeout_s,
            max_bytes=self.max_bytes,
            headers=headers,
            secrets=tuple(used),
        )

    def spec(self) -> ToolSpec:
        return ToolSpec(
            name=self.name,
            title=self.title,
            description=self.description,
            parameters={
                "type": "object",
                "properties": {name: one.schema_() for name, one in self.parameters.items()},
                "required": [name for name, one in self.parameters.items() if not one.optional],
                "additionalProperties": False,
            },
            changes=bool(self.changes),
            repeatable=self.repeatable,
            approvers=tuple(self.approvers),
            examples=tuple(self.examples),
        )
