"""Teams over HTTP: one address for everything, `POST /teams/messages`."""

import json
from collections.abc import Callable

import structlog
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity, ActivityTypes
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk_bot.chat.teams.gate import Admitted, Gate, Refused
from helpdesk_bot.chat.teams.intake import Answer, Intake
from helpdesk_bot.chat.teams.keys import KeysUnavailable
from helpdesk_bot.chat.teams.payloads import read_envelope
from helpdesk_bot.chat.teams.service_urls import LOOPBACK

log = structlog.get_logger()

PATH = "/teams/messages"
MAX_BODY_BYTES = 1024 * 1024


def teams_routes(
    intake: Intake, *, gate: Gate, on_ignored: Callable[[str], None], is_development: bool = False
) -> list[Route]:
    """The endpoint that takes what Teams signed for this bot, and nothing else.

    In development, where nothing is signed, it takes what comes from this machine as JSON for a name of this machine:
    no page in a browser can send that from another site.
    """
    endpoint = _Endpoint(intake, gate=gate, on_ignored=on_ignored, is_development=is_development)
    return [Route(PATH, endpoint.take, methods=["POST"], max_body_size=MAX_BODY_BYTES)]


class _Endpoint:
    def __init__(self, intake: Intake, *, gate: Gate, on_ignored: Callable[[str], None], is_development: bool) -> None:
        self._intake = intake
        self._gate = gate
        self._adapter = CloudAdapter(gate.authentication)
        self._on_ignored = on_ignored
        self._is_development = is_development

    async def take(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Response("JSON is expected", status_code=415)
        if self._is_development and not _is_local(request):
            return Response("in development mode only this machine is served", status_code=403)
        raw = await request.body()
        try:
            body: object = json.loads(raw)
        except (ValueError, RecursionError):
            self._on_ignored("malformed")
            return Response("not JSON", status_code=400)
        return await self._admit(request, body)

    async def _admit(self, request: Request, body: object) -> Response:
        headers = request.headers.getlist("authorization")
        try:
            admitted = await self._gate.admit(",".join(headers) or None, read_envelope(body))
        except Refused as refused:
            self._on_ignored(f"refused_{refused.reason}")
            return Response("not admitted", status_code=403 if refused.reason.startswith("other_") else 401)
        except KeysUnavailable as error:
            log.warning("Microsoft's keys not read", action="teams.admit", reason=str(error))
            return Response("try again later", status_code=503)
        return await self._answer(admitted, body)

    async def _answer(self, admitted: Admitted, body: object) -> Response:
        answers: list[Answer] = []

        async def turn(context: TurnContext) -> None:
            answer = await self._intake.take(body)
            answers.append(answer)
            if context.activity.type == ActivityTypes.invoke:
                value = InvokeResponse(status=answer.status, body=answer.body)
                await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=value))

        await self._adapter.process_activity(admitted.identity, admitted.activity, turn)
        if admitted.activity.type == ActivityTypes.invoke:
            return JSONResponse(answers[0].body or {}, status_code=answers[0].status)
        return Response(status_code=answers[0].status if answers else 200)


def _is_local(request: Request) -> bool:
    client = request.client.host if request.client else ""
    return client in LOOPBACK and request.url.hostname in LOOPBACK
