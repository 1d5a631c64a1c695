"""Coming in by a link, and going out."""

from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.admission import SIGN_IN, Admission
from helpdesk_bot.console.door import Door, check_origin, lead_to, read_form
from helpdesk_bot.console.frame import Frame

HOME = "/console/"


class SignIn:
    def __init__(self, admission: Admission, door: Door, frame: Frame) -> None:
        self._admission = admission
        self._door = door
        self._frame = frame

    async def ask(self, request: Request) -> Response:
        """A page with a button: what only looks where a link leads, as previews do, uses nothing up."""
        link = request.query_params.get("link", "")
        return self._frame.show("sign_in", link=link) if link else self._frame.show("signed_out")

    async def enter(self, request: Request) -> Response:
        check_origin(request)
        secret = await self._admission.admit((await read_form(request)).get("link", ""))
        if secret is None:
            return self._frame.show("used_up", status=403)
        response = lead_to(HOME)
        self._door.remember(response, secret)
        return response

    async def leave(self, request: Request) -> Response:
        check_origin(request)
        await self._admission.leave(self._door.find_secret(request))
        response = lead_to(SIGN_IN)
        self._door.forget(response)
        return response
