"""What people saved as knowledge, and the drafts that wait: shown, and decided as the command decides."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.commands.curated import VERBS
from helpdesk_bot.console.door import Misuse, Pass, read_form
from helpdesk_bot.console.eyes import Eyes
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.records.curated import CuratedAnswer

SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Saved:
    answer: CuratedAnswer
    may_read: bool
    """Whether this admin reads the place where it was asked, or wrote it: else its answer is not shown."""


class Curated:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:  # noqa: ARG002 - a page without parameters
        await admin.opens("curated")
        found = await self._parts.curated.list_newest(limit=SHOWN)
        saved = await look_at(found, Eyes(self._parts.may_read, admin.visitor))
        done = await admin.take_said()
        return self._frame.show("curated", admin=admin, active="curated", saved=saved, done=done)

    async def decide(self, request: Request, admin: Pass) -> str:
        return await run_decision(request, admin)


async def run_decision(request: Request, admin: Pass) -> str:
    """`curated VERB ID`, as the form has them; the command's answer."""
    form = await read_form(request)
    verb, number = form.get("verb", ""), form.get("id", "")
    if verb not in VERBS or not number.isdecimal():
        raise Misuse("The console couldn't read that.")
    return (await admin.run("curated", verb, number)).text


async def look_at(answers: list[CuratedAnswer], eyes: Eyes) -> list[Saved]:
    await eyes.look((one.place, one.drafted_by) for one in answers)
    return [Saved(answer=one, may_read=eyes.see(one.place, one.drafted_by)) for one in answers]
