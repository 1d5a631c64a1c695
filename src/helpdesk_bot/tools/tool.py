"""What a tool is: something that other systems are asked, or told, in the middle of a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """What is known of a tool without calling it, from the configuration or from a server that it names."""

    name: str
    title: str
    """What it does, in an admin's words: `Order a laptop`."""
    description: str
    """When to use it, for whoever chooses: a model, or the rules."""
    parameters: Mapping[str, Any]
    """A JSON schema of an object with plain values."""
    changes: bool = False
    """Whether a call changes something: then a person agrees first."""
    repeatable: bool = False
    """Whether the system knows keys: a change that is sent again under its key is made once."""
    approvers: tuple[str, ...] = ()
    """E-mail addresses of those who may agree to a change; empty for the asker."""
    examples: tuple[str, ...] = field(default=())
    """Questions that ask for it: what the rules compare with where there is no model."""
    fixed: Mapping[str, str | int | float | bool] = field(default_factory=dict[str, str | int | float | bool])
    """Arguments that only the configuration fills in, as they are written there: `${NAME}` stands for a secret."""


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """What came back. Its text is as foreign as that of any document."""

    text: str
    at: datetime
    link: str | None = None
    """Of the configuration, never of what came back."""


class Tool(Protocol):
    """One thing that can be asked or told."""

    @property
    def spec(self) -> ToolSpec: ...

    async def call(self, arguments: Mapping[str, Any], *, timeout_s: float, key: str = "") -> ToolResult:
        """One call. `key` names a change, so that a repeated one has no second effect where the system knows keys.

        The arguments of a change hold what the configuration fixes as well, as a person agreed to it.

        Raises `ToolError`: `BadArguments` before anything was sent, `ToolFailed` where it is known that nothing was
        done, `ToolUnclear` where the answer to a change was lost.
        """
        ...
