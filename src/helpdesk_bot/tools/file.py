"""The tools file: what the bot may ask and tell other systems, as YAML, with errors that say what to do.

docs/tools.md has an example of each entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError, model_validator

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.tools.entries import STRICT
from helpdesk_bot.tools.http_entry import HttpEntry, HttpToolPlan
from helpdesk_bot.tools.mcp_connection import McpServerPlan
from helpdesk_bot.tools.mcp_entry import McpServerEntry, own_name

_MAX_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ToolsPlan:
    http: tuple[HttpToolPlan, ...] = ()
    mcp: tuple[McpServerPlan, ...] = ()


class _File(BaseModel):
    model_config = STRICT

    tools: list[HttpEntry] = []
    mcp: list[McpServerEntry] = []

    @model_validator(mode="after")
    def _names_are_given_once(self) -> "_File":
        remote = [own_name(server.name, name) for server in self.mcp for name in server.tools]
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
