"""Who did what only some may do: the newest first."""

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.door import Pass
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.console.questions import none_if_empty, read_query

SHOWN = 100
MAX_NUMBER = 2**63 - 1
"""The largest bigint of Postgres."""
ALLOWED = {"allowed": True, "refused": False}


class WantedEntries(BaseModel):
    """The filters and the place of a page, as they stand in its address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: Annotated[str | None, BeforeValidator(none_if_empty), Field(max_length=40, pattern="^[^\0]*$")] = None
    ended: Annotated[str | None, BeforeValidator(none_if_empty), Field(pattern="^(allowed|refused)$")] = None
    before: Annotated[int | None, Field(ge=0, le=MAX_NUMBER)] = None

    def address(self, number: int) -> str:
        """Of the page that begins after this entry."""
        filters = {name: value for name, value in (("action", self.action), ("ended", self.ended)) if value}
        return "?" + urlencode(filters | {"before": number})


class AuditPage:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:
        wanted = read_query(request, WantedEntries)
        await admin.opens("audit")
        entries = await self._parts.records.list_audit(
            limit=SHOWN + 1,
            before=wanted.before,
            action=wanted.action,
            allowed=ALLOWED.get(wanted.ended or ""),
        )
        shown = entries[:SHOWN]
        return self._frame.show(
            "audit",
            admin=admin,
            active="audit",
            entries=shown,
            wanted=wanted,
            actions=await self._parts.records.list_audited(),
            older=wanted.address(shown[-1].number) if len(entries) > SHOWN else None,
        )
