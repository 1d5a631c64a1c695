"""What people were not helped with, and what waits for a decision."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.curated import look_at, run_decision
from helpdesk_bot.console.door import Misuse, Pass
from helpdesk_bot.console.eyes import Eyes
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.console.questions import Line
from helpdesk_bot.records.unhelped import Unhelped

SPANS_DAYS = (7, 30, 90)
SHOWN = 50


class Review:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show(self, request: Request, admin: Pass) -> Response:
        days = _days(request)
        await admin.opens(f"review {days}")
        parts = self._parts
        found = await parts.unhelped.list_unhelped(timedelta(days=days), limit=SHOWN + 1)
        eyes = Eyes(parts.may_read, admin.visitor)
        await eyes.look((one.place, one.person_id) for one in found)
        drafts = [one for one in await parts.curated.list_newest(limit=SHOWN) if one.state == "draft"]
        waiting = await parts.waiting.list_drafts(limit=SHOWN)
        return self._frame.show(
            "review",
            admin=admin,
            active="review",
            days=days,
            spans=SPANS_DAYS,
            lines=[(self._line(one, eyes), one.case_state) for one in found[:SHOWN]],
            has_more=len(found) > SHOWN,
            saved=await look_at(drafts, eyes),
            waiting=[(parts.reference_of(one.question_key), one) for one in waiting],
            done=await admin.take_said(),
        )

    async def decide(self, request: Request, admin: Pass) -> str:
        _days(request)  # the page that it leads to
        return await run_decision(request, admin)

    def _line(self, one: Unhelped, eyes: Eyes) -> Line:
        may_read = eyes.see(one.place, one.person_id)
        return Line(
            reference=self._parts.reference_of(one.question_key),
            asked_at=one.asked_at,
            where=f"{one.platform}, {one.kind}",
            outcome=one.outcome,
            ups=one.ups,
            downs=one.downs,
            reasons=tuple(map(self._parts.describe_reason, one.reasons)),
            text=one.text if may_read else None,
            comments=tuple(one.comments) if may_read else (),
        )


def _days(request: Request) -> int:
    wanted = request.query_params.get("days", str(SPANS_DAYS[0]))
    if wanted not in map(str, SPANS_DAYS):
        raise Misuse(f"It looks at {', '.join(map(str, SPANS_DAYS))} days.")
    return int(wanted)
