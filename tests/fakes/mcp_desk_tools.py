"""The desk of MCP tools as tests look at it: its process, and the file that names its tools."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.toolbox import Toolbox

DESK = Path(__file__).with_name("mcp_desk.py")
TOOLS: dict[str, Any] = {
    "lookup": {"title": "Look up a ticket", "read_only": True},
    "post": {"title": "Post a message", "fixed": {"channel": "it-help", "token": "${TOKEN}"}},
    "fail": {"title": "Fail"},
    "bulk": {"title": "Do much"},
    "absent": {"title": "Nothing"},
}
SECRETS = {"TOKEN": SecretStr("s3cr3t")}
_AGREED: dict[str, str] = {}


class Desk:
    """The server's process as the tests look at it, and the file that names it."""

    def __init__(self, folder: Path, **connection: Any) -> None:
        self.folder = folder
        self.connection = connection
        self.said, self.called = folder / "said", folder / "calls"

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.called.read_text().splitlines()] if self.called.exists() else []

    def write_tools(self, pins: dict[str, str], **change: dict[str, Any]) -> Path:
        tools = {name: one | ({"pin": pins[name]} if name in pins else {}) for name, one in TOOLS.items()}
        tools = {name: one | change.get(name, {}) for name, one in tools.items()}
        path = self.folder / "tools.yaml"
        path.write_text(yaml.safe_dump({"mcp": [{"name": "desk", "tools": tools, "timeout_s": 40, **self.connection}]}))
        return path

    @asynccontextmanager
    async def open(self, pins: dict[str, str]) -> AsyncGenerator[Toolbox]:
        settings = Settings(tools_file=self.write_tools(pins), tool_secrets=SECRETS)
        async with AsyncExitStack() as stack:
            yield await tools_of(settings, stack=stack)

    async def agree(self) -> dict[str, str]:
        """The fingerprints that an admin is told, as one who has read the descriptions sets them."""
        if not _AGREED:
            async with self.open({}) as tools:
                told = {one.spec.name.removeprefix("desk_"): one.trouble for one in await tools.look()}
            _AGREED.update({name: trouble[-32:] for name, trouble in told.items() if "set pin: " in trouble})
        return _AGREED
