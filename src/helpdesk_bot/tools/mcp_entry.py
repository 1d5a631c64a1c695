"""An MCP server with its tools as they are written in the tools file, and the plans that are made of them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from helpdesk_bot.tools.entries import STRICT, Email, Headers, Line, Parameter, check_host, named_secrets, with_secrets
from helpdesk_bot.tools.mcp_connection import McpServerPlan
from helpdesk_bot.tools.mcp_listing import McpToolPlan


class McpToolEntry(BaseModel):
    model_config = STRICT

    title: Line
    description: Annotated[str, StringConstraints(max_length=1_000)] = ""
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = ""
    read_only: bool = False
    """What the server says of it is not believed."""
    approvers: list[Email] = []
    examples: list[Line] = []
    fixed: dict[str, str | bool | int | float] = {}
    parameters: dict[str, Parameter] = {}
    link: str | None = None

    @model_validator(mode="after")
    def _approvers_are_for_changes(self) -> "McpToolEntry":
        if self.approvers and self.read_only:
            raise ValueError("approvers: they are for tools that are not read_only")
        return self

    @property
    def named_secrets(self) -> list[str]:
        return [name for value in self.fixed.values() if isinstance(value, str) for name in named_secrets(value)]

    def plan(self, server: str, remote: str, secrets: Mapping[str, str]) -> McpToolPlan:
        return McpToolPlan(
            name=own_name(server, remote),
            remote=remote,
            title=self.title,
            description=self.description,
            pin=self.pin,
            changes=not self.read_only,
            approvers=tuple(self.approvers),
            examples=tuple(self.examples),
            fixed=self.fixed,
            sent={
                name: with_secrets(value, secrets) if isinstance(value, str) else value
                for name, value in self.fixed.items()
            },
            parameters={name: one.schema_() for name, one in self.parameters.items()},
            link=self.link,
        )


def own_name(server: str, remote: str) -> str:
    """What we call a server's tool."""
    return f"{server}_{remote}".replace("-", "_").casefold()


class McpServerEntry(BaseModel):
    model_config = STRICT

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,19}$")]
    url: str = ""
    command: list[str] = []
    headers: Headers = {}
    env: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = {}
    private: bool = False
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    max_bytes: int = Field(default=2**20, ge=1, le=8 * 2**20)
    tools: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w-]{0,39}$")], McpToolEntry] = {}

    @model_validator(mode="after")
    def _is_asked_or_started(self) -> "McpServerEntry":
        if bool(self.url) == bool(self.command):
            raise ValueError("it needs a url or a command, and not both")
        if self.url:
            check_host(self.url, is_private=self.private)
        if (self.headers and not self.url) or (self.env and not self.command):
            raise ValueError("headers go with a url, env with a command")
        return self

    def plan(self, secrets: Mapping[str, str]) -> McpServerPlan:
        used = [name for value in (*self.headers.values(), *self.env.values()) for name in named_secrets(value)]
        used += [name for tool in self.tools.values() for name in tool.named_secrets]
        return McpServerPlan(
            name=self.name,
            url=self.url,
            command=tuple(self.command),
            tools=tuple(tool.plan(self.name, remote, secrets) for remote, tool in self.tools.items()),
            is_private=self.private,
            timeout_s=self.timeout_s,
            max_bytes=self.max_bytes,
            headers={name: with_secrets(value, secrets) for name, value in self.headers.items()},
            env={name: with_secrets(value, secrets) for name, value in self.env.items()},
            secrets=tuple(secrets[name] for name in used),
        )
