"""Where the bot's knowledge is from: what each run found and left out, and reading it again."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.door import Misuse, Pass, read_form
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.overview import list_sources
from helpdesk_bot.console.parts import ConsoleParts

RECEIPTS = 10
HELD_SHOWN = 50
ACTS: Mapping[str, tuple[str, ...]] = {
    "resync": ("resync", "{source}"),
    "full": ("resync", "{source}", "--full"),
    "approve": ("sync", "approve", "{source}"),
    "cancel": ("sync", "cancel", "{source}"),
}
"""What a button does: a command's words."""


class Sources:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:  # noqa: ARG002 - a page without parameters
        await admin.opens("sources")
        sources, done = await list_sources(self._parts), await admin.take_said()
        return self._frame.show("sources", admin=admin, active="sources", sources=sources, done=done)

    async def show_one(self, request: Request, admin: Pass) -> Response:
        name = str(request.path_params["name"])
        if name not in self._parts.source_names:
            raise Misuse("There is no such source.", status=404)
        await admin.opens(f"receipt {name}")
        held = await self._parts.store.list_held(name, limit=HELD_SHOWN + 1)
        return self._frame.show(
            "source",
            admin=admin,
            active="sources",
            name=name,
            receipts=await self._parts.store.list_receipts(name, limit=RECEIPTS),
            held=[one.key for one in held[:HELD_SHOWN]],
            has_more=len(held) > HELD_SHOWN,
        )

    async def act(self, request: Request, admin: Pass) -> str:
        form = await read_form(request)
        words, source = ACTS.get(form.get("act", "")), form.get("source", "")
        if words is None or source not in self._parts.source_names:
            raise Misuse("The console couldn't read that.")
        told = await admin.run(*(source if word == "{source}" else word for word in words))
        return told.text
