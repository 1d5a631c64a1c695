"""What was asked and what became of it, and of one question all that `why` tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.console.door import Misuse, Pass
from helpdesk_bot.console.eyes import Eyes
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.events import Outcome
from helpdesk_bot.messages import Reply
from helpdesk_bot.records.asked import OPEN, AskedQuestion, Spot
from helpdesk_bot.why import reference_digest

SHOWN = 50
MAX_CHARACTERS = 200
OUTCOMES = (*Outcome, OPEN)
VOTES = {"up": 1, "down": -1}
MAX_KEY = 1_000


def none_if_empty(value: object) -> object:
    return value or None


class Wanted(BaseModel):
    """The filters and the place of a page, as they stand in its address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    outcome: Annotated[str | None, BeforeValidator(none_if_empty), Field(pattern=f"^({'|'.join(OUTCOMES)})$")] = None
    vote: Annotated[str | None, BeforeValidator(none_if_empty), Field(pattern="^(up|down)$")] = None
    at: AwareDatetime | None = None
    key: Annotated[str, Field(max_length=MAX_KEY, pattern="^[^\0]*$")] = ""

    @property
    def before(self) -> Spot | None:
        return None if self.at is None else Spot(accepted_at=self.at, key=self.key)

    def address(self, spot: Spot) -> str:
        """Of the page that begins after this question."""
        filters = {name: value for name, value in (("outcome", self.outcome), ("vote", self.vote)) if value}
        return "?" + urlencode(filters | {"at": spot.accepted_at.isoformat(), "key": spot.key})


@dataclass(frozen=True, kw_only=True)
class Line:
    """A question as this admin may see it."""

    reference: str
    asked_at: datetime
    where: str
    outcome: str
    ups: int
    downs: int
    reasons: tuple[str, ...]
    text: str | None
    """None where it is not theirs to read; so with the comments."""
    comments: tuple[str, ...] = ()


class Questions:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    async def show_page(self, request: Request, admin: Pass) -> Response:
        wanted = read_query(request, Wanted)
        await admin.opens(" ".join(filter(None, ("questions", wanted.outcome, wanted.vote))))
        found = await self._parts.asked.list_asked(
            outcome=wanted.outcome,
            vote=VOTES.get(wanted.vote or ""),
            before=wanted.before,
            limit=SHOWN + 1,
        )
        eyes = Eyes(self._parts.may_read, admin.visitor)
        shown = found[:SHOWN]
        await eyes.look((one.place, one.person_id) for one in shown)
        return self._frame.show(
            "questions",
            admin=admin,
            active="questions",
            lines=[self._line(one, eyes) for one in shown],
            wanted=wanted,
            outcomes=OUTCOMES,
            older=wanted.address(shown[-1].spot) if len(found) > SHOWN else None,
        )

    async def show_one(self, request: Request, admin: Pass) -> Response:
        reference = str(request.path_params["reference"]).upper()
        asked = await self._find(reference)
        why = await admin.run("why", reference)
        eyes = Eyes(self._parts.may_read, admin.visitor)
        await eyes.look([(asked.place, asked.person_id)])
        line = self._line(asked, eyes)
        return self._frame.show(
            "question",
            admin=admin,
            active="questions",
            line=line,
            posted=await self._find_posted(asked) if line.text is not None else None,
            why=why.text,
        )

    async def _find(self, reference: str) -> AskedQuestion:
        digest = reference_digest(reference)
        key = await self._parts.traces.find_by_reference(digest) if digest else None
        asked = await self._parts.asked.find_asked(key) if key else None
        if asked is None:
            raise Misuse("There is no such question.", status=404)
        return asked

    async def _find_posted(self, asked: AskedQuestion) -> Reply | None:
        return await self._parts.asked.find_posted(asked.key)

    def _line(self, asked: AskedQuestion, eyes: Eyes) -> Line:
        may_read = eyes.see(asked.place, asked.person_id)
        return Line(
            reference=self._parts.reference_of(asked.key),
            asked_at=asked.asked_at,
            where=f"{asked.platform}, {asked.kind}",
            outcome=asked.outcome or OPEN,
            ups=asked.ups,
            downs=asked.downs,
            reasons=tuple(map(self._parts.describe_reason, asked.reasons)),
            text=asked.text if may_read else None,
            comments=tuple(asked.comments) if may_read else (),
        )


Query = TypeVar("Query", bound=BaseModel)


def read_query(request: Request, model: type[Query]) -> Query:
    """What stands behind the `?`. Raises `Misuse`."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise Misuse("No page of the console has this address.") from error
