"""The tools file: what the bot may ask and tell other systems, as YAML, with errors that say what to do.

tools:
  - name: ticket_status
    title: Look up a ticket
    description: The state of one support ticket, by its number.
    url: https://tickets.example.com/api
    path: /tickets/{number}
    headers: {authorization: "Bearer ${TICKETS_TOKEN}"}

Parameters
----------
      number: {pattern: "INC[0-9]{7}", title: ticket number}
    reply: "Ticket {number} is {state}, assigned to {assignee.name}."
    examples: [What is the status of ticket INC0012345?]

"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from connectors.http.bounds import Bounds, is_inner_host
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.tools.arguments import MAX_CHARACTERS
from helpdesk_bot.tools.http_tool import HttpRequest
from helpdesk_bot.tools.mcp_listing import McpToolPlan
from helpdesk_bot.tools.mcp_server import McpServerPlan
from helpdesk_bot.tools.templates import placeholders
from helpdesk_bot.tools.tool import ToolSpec

_MAX_BYTES = 1_000_000
_SECRET = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,300}$")]
Headers = dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")], Line]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", to_lower=True)]


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


@dataclass(frozen=True, kw_only=True)
class ToolsPlan:
    http: tuple[HttpToolPlan, ...] = ()
    mcp: tuple[McpServerPlan, ...] = ()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Parameter(_Part):
    type: Literal["string", "integer", "number", "boolean"] = "string"
    title: Line = ""
    """What it is called when it is asked for."""
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    pattern: str = ""
    choices: list[str] = []
    max_length: int = Field(default=MAX_CHARACTERS, ge=1, le=4_000)
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _a_pattern_can_be_read(self) -> "_Parameter":
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern: {error}") from error
        if self.type != "string" and (self.pattern or self.choices):
            raise ValueError("pattern and choices are for strings")
        return self

    @property
    def stays_in_its_place(self) -> bool:
        return self.type in {"integer", "boolean"} or bool(self.pattern or self.choices)

    def schema_(self) -> dict[str, Any]:
        bounds: dict[str, Any] = {"minimum": self.minimum, "maximum": self.maximum}
        if self.type == "string":
            # `$` alone would let a line end stand behind what fits
            pattern = f"^(?:{self.pattern})$(?!\\n)" if self.pattern else None
            bounds |= {"pattern": pattern, "enum": self.choices or None, "maxLength": self.max_length}
        said = {"title": self.title or None, "description": self.description or None}
        return {"type": self.type} | {k: v for k, v in (said | bounds).items() if v is not None}


class _Basic(_Part):
    user: Line
    password: Line


class _HttpTool(_Part):
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
    parameters: dict[Name, _Parameter] = {}
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
    def _says_whether_it_changes_something(self) -> "_HttpTool":
        if self.changes is None and self.method != "GET":
            raise ValueError(f"changes: say true or false for {self.method}; true means that a person agrees first")
        if self.repeatable and not self.changes:
            raise ValueError("repeatable: it is for tools with changes: true")
        if self.approvers and not self.changes:
            raise ValueError("approvers: they are for tools with changes: true")
        return self

    @model_validator(mode="after")
    def _goes_to_one_host(self) -> "_HttpTool":
        _check_host(self.url, is_private=self.private)
        if "?" in self.url or "#" in self.url or list(placeholders(self.url)):
            raise ValueError("url: the host and a fixed path; arguments go into path, query or body")
        if self.link and not self.link.startswith("https://"):
            raise ValueError("link: begins with https://")
        return self

    @model_validator(mode="after")
    def _arguments_have_their_places(self) -> "_HttpTool":
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
    def _headers_are_its_own(self) -> "_HttpTool":
        if taken := sorted(_OURS & {name.casefold() for name in (*self.headers, self.key_header)}):
            raise ValueError(f"headers: {', '.join(taken)} is set by the client")
        return self

    def plan(self, secrets: Mapping[str, str]) -> HttpToolPlan:
        written = (*self.headers.values(), *((self.basic.user, self.basic.password) if self.basic else ()))
        headers = {name: _with_secrets(value, secrets) for name, value in self.headers.items()}
        used = [secrets[name] for value in written for name in _SECRET.findall(value)]
        if self.basic:
            pair = f"{_with_secrets(self.basic.user, secrets)}:{_with_secrets(self.basic.password, secrets)}"
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


class _McpTool(_Part):
    title: Line
    description: Annotated[str, StringConstraints(max_length=1_000)] = ""
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = ""
    read_only: bool = False
    """What the server says of it is not believed."""
    approvers: list[Email] = []
    examples: list[Line] = []
    fixed: dict[str, str | bool | int | float] = {}
    parameters: dict[str, _Parameter] = {}
    link: str | None = None

    @model_validator(mode="after")
    def _approvers_are_for_changes(self) -> "_McpTool":
        if self.approvers and self.read_only:
            raise ValueError("approvers: they are for tools that are not read_only")
        return self

    def plan(self, server: str, remote: str) -> McpToolPlan:
        return McpToolPlan(
            name=f"{server}_{remote}".replace("-", "_").casefold(),
            remote=remote,
            title=self.title,
            description=self.description,
            pin=self.pin,
            changes=not self.read_only,
            approvers=tuple(self.approvers),
            examples=tuple(self.examples),
            fixed=self.fixed,
            parameters={name: one.schema_() for name, one in self.parameters.items()},
            link=self.link,
        )


class _McpServer(_Part):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,19}$")]
    url: str = ""
    command: list[str] = []
    headers: Headers = {}
    env: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = {}
    private: bool = False
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    max_bytes: int = Field(default=2**20, ge=1, le=8 * 2**20)
    tools: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w-]{0,39}$")], _McpTool] = {}

    @model_validator(mode="after")
    def _is_asked_or_started(self) -> "_McpServer":
        if bool(self.url) == bool(self.command):
            raise ValueError("it needs a url or a command, and not both")
        if self.url:
            _check_host(self.url, is_private=self.private)
        if (self.headers and not self.url) or (self.env and not self.command):
            raise ValueError("headers go with a url, env with a command")
        return self

    def plan(self, secrets: Mapping[str, str]) -> McpServerPlan:
        written = [*self.headers.values(), *self.env.values()]
        return McpServerPlan(
            name=self.name,
            url=self.url,
            command=tuple(self.command),
            tools=tuple(tool.plan(self.name, remote) for remote, tool in self.tools.items()),
            is_private=self.private,
            timeout_s=self.timeout_s,
            max_bytes=self.max_bytes,
            headers={name: _with_secrets(value, secrets) for name, value in self.headers.items()},
            env={name: _with_secrets(value, secrets) for name, value in self.env.items()},
            secrets=tuple(secrets[name] for value in written for name in _SECRET.findall(value)),
        )


class _File(_Part):
    tools: list[_HttpTool] = []
    mcp: list[_McpServer] = []

    @model_validator(mode="after")
    def _names_are_given_once(self) -> "_File":
        remote = [tool.plan(server.name, name).name for server in self.mcp for name, tool in server.tools.items()]
        names = [*(tool.name for tool in self.tools), *remote]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two tools are called {', '.join(twice)}")
        return self


def load_tools(path: Path, secrets: Mapping[str, str]) -> ToolsPlan:
    """Read once at the start; `secrets` by the names that `${NAME}` stands for. Raises `NotConfigured`."""
    content: Any = None
    try:
        with path.open(encoding="utf-8") as file:
            content = yaml.safe_load(file.read(_MAX_BYTES)) or {}
        written = _File.model_validate(content)
        return ToolsPlan(
            http=tuple(tool.plan(secrets) for tool in written.tools),
            mcp=tuple(server.plan(secrets) for server in written.mcp),
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NotConfigured(f"TOOLS_FILE={path} can't be read: {error}") from error
    except ValidationError as error:
        raise NotConfigured(f"TOOLS_FILE={path}: {_in_words(error, content)}") from None
    except KeyError as error:
        raise NotConfigured(f"TOOLS_FILE={path}: TOOL_SECRETS has no {error.args[0]}") from None


def _with_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """Raises KeyError with the name of one that is not there."""
    return _SECRET.sub(lambda match: secrets[match[1]], text)


def _check_host(url: str, *, is_private: bool) -> None:
    Bounds(url, is_in_private_network=is_private)
    if not is_private and is_inner_host(httpx.URL(url).host):
        raise ValueError("url: an address of this machine or of a private network needs private: true")


def _in_words(error: ValidationError, content: object) -> str:
    return "; ".join(
        f"{_place(one['loc'], content)}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
    )


def _place(loc: Sequence[int | str], content: object) -> str:
    """A tool by its name, where it has one: `tool ticket_status, parameters.number`."""
    if len(loc) < 2 or not isinstance(loc[1], int):
        return ".".join(map(str, loc)) or "the file"
    listed = cast("dict[str, Any]", content)[str(loc[0])]
    one: Any = listed[loc[1]]
    name = cast("dict[str, Any]", one).get("name") if isinstance(one, dict) else None
    kind = "server" if loc[0] == "mcp" else "tool"
    called = f"{kind} {name}" if isinstance(name, str) else f"{loc[0]}.{loc[1]}"
    return ", ".join(filter(None, (called, ".".join(map(str, loc[2:])))))
