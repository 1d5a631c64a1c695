"""Teams over HTTP: one address for everything, `POST /teams/messages`."""

import json
from collections.abc import Callable

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity, ActivityTypes
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpdesk_bot.chat.teams.gate import Gate, KeysUnavailable, Refused
from helpdesk_bot.chat.teams.intake import Answer, Intake
from helpdesk_bot.chat.teams.payloads import read_envelope
from helpdesk_bot.chat.teams.service_urls import LOOPBACK

PATH = "/teams/messages"
MAX_BODY_BYTES = 1024 * 1024


def teams_routes(
    intake: Intake, *, gate: Gate, on_ignored: Callable[[str], None], is_development: bool = False
) -> list[Route]:
    """The endpoint that takes what Teams signed for this bot, and nothing else.

    In development, where nothing is signed, it takes what comes from this machine as JSON for a name of this machine:
    no page in a browser can send that from another site.
    """
    adapter = CloudAdapter(gate.authentication)

    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Response("JSON is expected", status_code=415)
        if is_development and not _is_local(request):
            return Response("in development mode only this machine is served", status_code=403)
        raw = await _read_body(request)
        if raw is None:
            return Response("the body is too large", status_code=413)
        try:
            body: object = json.loads(raw)
        except (ValueError, RecursionError):
            on_ignored("malformed")
            return Response("not JSON", status_code=400)
        return await _dispatch(request, body)

    async def _dispatch(request: Request, body: object) -> Response:
        headers = request.headers.getlist("authorization")
        try:
            admitted = await gate.admit(",".join(headers) or None, read_envelope(body))
        except Refused as refused:
            on_ignored(f"refused_{refused.reason}")
            return Response("not admitted", status_code=403 if refused.reason.startswith("other_") else 401)
        except KeysUnavailable:
            return Response("try again later", status_code=503)
        answers: list[Answer] = []

        async def turn(context: TurnContext) -> None:
            answer = await intake.take(body)
            answers.append(answer)
            if context.activity.type == ActivityTypes.invoke:
                value = InvokeResponse(status=answer.status, body=answer.body)
                await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=value))

        await adapter.process_activity(admitted.identity, admitted.activity, turn)
        if admitted.activity.type == ActivityTypes.invoke:
            return JSONResponse(answers[0].body or {}, status_code=answers[0].status)
        return Response(status_code=answers[0].status if answers else 200)

    return [Route(PATH, take, methods=["POST"])]


def _is_local(request: Request) -> bool:
    client = request.client.host if request.client else ""
    return client in LOOPBACK and request.url.hostname in LOOPBACK


async def _read_body(request: Request) -> bytes | None:
    """The body, or None as soon as it is longer than `MAX_BODY_BYTES`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
