"""Who may pass: an admin with a session, and acts only from our own pages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TypeAlias
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk_bot.admission import SESSION_LASTS, Admission
from helpdesk_bot.console.frame import NO_STORE, Frame
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import AdminCommand, Place, PlaceKind
from helpdesk_bot.jobs import OUTAGES
from helpdesk_bot.messages import Notice
from helpdesk_bot.pages.origin import is_from_our_page
from helpdesk_bot.ports import Desk
from helpdesk_bot.records.console import Visitor

log = structlog.get_logger()

MAX_FIELDS = 20

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Misuse(Exception):
    """A request that no page of ours leads to; the message says what is wrong with it."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Pass:
    """An admin at one request."""

    visitor: Visitor
    name: str
    secret: str
    """Of the session."""
    admission: Admission
    desk: Desk

    async def opens(self, page: str) -> None:
        """Write down what is shown to whom, as of a command that shows it."""
        await self.admission.write_down(self.visitor, page)

    async def take_said(self) -> str:
        """What was done just before this page, to be shown once; empty where nothing was."""
        return await self.admission.take_said(self.secret)

    async def run(self, *words: str) -> Notice:
        """A command, as if this person had typed it in their conversation with the bot."""
        visitor = self.visitor
        place = Place(platform=visitor.platform, tenant=visitor.tenant, channel="", thread=None, kind=PlaceKind.DIRECT)
        command = AdminCommand(place=place, person_id=visitor.person_id, words=words, at=datetime.now(UTC))
        return await self.desk.run_command(command)


Page: TypeAlias = Callable[[Request, Pass], Awaitable[Response]]
Act: TypeAlias = Callable[[Request, Pass], Awaitable[str]]
"""What it came to, in words."""


class Door:
    def __init__(self, parts: ConsoleParts, frame: Frame) -> None:
        self._parts = parts
        self._frame = frame

    def for_admins(self, page: Page) -> Endpoint:
        """Shown to an admin; everybody else is told how to come in."""

        @wraps(page)
        async def show(request: Request) -> Response:
            return await self._answer(request, page)

        return self.plainly(show)

    def for_acts(self, act: Act) -> Endpoint:
        """As `for_admins`, of what changes something. It leads to the page that says so: a reload acts no more."""

        async def do(request: Request, admin: Pass) -> Response:
            await admin.admission.say(admin.secret, await act(request, admin))
            return lead_to(request.url.path, request.url.query)

        @wraps(act)
        async def answer(request: Request) -> Response:
            check_origin(request)
            return await self._answer(request, do)

        return self.plainly(answer)

    def plainly(self, endpoint: Endpoint) -> Endpoint:
        """What goes wrong is said in a sentence."""

        @wraps(endpoint)
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Misuse as misuse:
                return self._frame.show("trouble", status=misuse.status, message=misuse.message)
            except ChatError as error:
                log.warning("console can't ask who somebody is", error=str(error))
                return self._frame.show("trouble", status=503, message=f"{_sentence(error)} Try again in a moment.")
            except OUTAGES as error:
                log.warning("console can't be shown", error=type(error).__name__)
                message = "The database is away. Try again in a moment."
                return self._frame.show("trouble", status=503, message=message)

        return answer

    async def _answer(self, request: Request, page: Page) -> Response:
        secret = self.find_secret(request)
        visitor = await self._parts.admission.find(secret)
        if visitor is None:
            response = self._frame.show("signed_out", status=401)
            self.forget(response)
            return response
        parts = self._parts
        name = await parts.name_of(visitor)
        admin = Pass(visitor=visitor, name=name, secret=secret, admission=parts.admission, desk=parts.desk)
        return await page(request, admin)

    def find_secret(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")

    def remember(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self._cookie,
            secret,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            secure=self._parts.is_secure,
            httponly=True,
            samesite="strict",
        )

    def forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self._parts.is_secure, httponly=True, samesite="strict")

    @property
    def _cookie(self) -> str:
        """`__Host-` makes the browser refuse the cookie from a sibling host or over plain HTTP."""
        return "__Host-helpdesk-console" if self._parts.is_secure else "helpdesk-console"


def lead_to(path: str, query: str = "") -> Response:
    """To a page of ours, as what a form was sent for."""
    return RedirectResponse(f"{path}?{query}" if query else path, status_code=303, headers=NO_STORE)


def check_origin(request: Request) -> None:
    """The strict cookie stays away from other sites' requests; a browser that sends it all the same is refused here."""
    if not is_from_our_page(request):
        raise Misuse("Only the console's own pages may send this.", status=403)


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once. Raises `Misuse`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Misuse("Send this as a form.", status=415)
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise Misuse("The console couldn't read that.") from error


def _sentence(error: ChatError) -> str:
    said = str(error).rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."
