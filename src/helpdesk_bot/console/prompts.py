"""What models are told: each version, what differs between two, and back to the one before."""

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.door import Misuse, Pass, read_form
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.prompts.catalog import NAMES
from helpdesk_bot.prompts.errors import PromptRefused


class Prompts:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:  # noqa: ARG002 - a page without parameters
        await admin.opens("prompts")
        return self._frame.show(
            "prompts",
            admin=admin,
            active="prompts",
            versions=await self._parts.prompts.list_versions(),
            names=NAMES,
            done=await admin.take_said(),
        )

    async def show_one(self, request: Request, admin: Pass) -> Response:
        """One version's text, or what differs from it in another."""
        name, version = str(request.path_params["name"]), str(request.path_params["version"])
        other = request.query_params.get("with", "")
        await admin.opens("prompts")
        try:
            text = await self._parts.prompts.get_text(name, version)
            difference = await self._parts.prompts.compare(name, other, version) if other else None
        except PromptRefused as refused:
            raise Misuse(f"There is nothing to show: {refused}.", status=404) from refused
        versions = [one.version for one in await self._parts.prompts.list_versions() if one.name == name]
        return self._frame.show(
            "prompt",
            admin=admin,
            active="prompts",
            name=name,
            version=version,
            text=text,
            other=other,
            others=[one for one in versions if one != version],
            difference=difference,
        )

    async def roll_back(self, request: Request, admin: Pass) -> str:
        name = (await read_form(request)).get("name", "")
        if name not in NAMES:
            raise Misuse("The console couldn't read that.")
        return (await admin.run("prompt", "rollback", name)).text
