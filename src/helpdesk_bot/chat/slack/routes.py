"""Slack over HTTP: one address for events, interactions and commands."""

import re
from collections.abc import Callable

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/slack/events"
MAX_BODY_BYTES = 1024 * 1024

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def slack_routes(app: AsyncApp, *, signing_secret: str, on_ignored: Callable[[str], None]) -> list[Route]:
    """The endpoint that takes what this secret signed within the last five minutes, and nothing else.

    It looks at the signature before anybody parses the body. bolt parses first, lets a body with `ssl_check=1` pass
    unsigned, and answers 500 to a timestamp that is no number.
    """
    verifier = SignatureVerifier(signing_secret)

    async def take(request: Request) -> Response:
        body = await request.body()
        if not is_signed(verifier, request.headers, body):
            on_ignored("refused_unsigned")
            return Response("the signature does not fit", status_code=401)
        return await _dispatch(app, request, body, on_ignored)

    return [Route(PATH, take, methods=["POST"], max_body_size=MAX_BODY_BYTES)]


def is_signed(verifier: SignatureVerifier, headers: Headers, body: bytes) -> bool:
    """docs.slack.dev/authentication/verifying-requests-from-slack. Each header is there once and well formed."""
    match headers.getlist("x-slack-request-timestamp"), headers.getlist("x-slack-signature"):
        case [timestamp], [signature] if _TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature):
            return _is_utf8(body) and verifier.is_valid(body, timestamp, signature)
        case _:
            return False


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _dispatch(app: AsyncApp, request: Request, body: bytes, on_ignored: Callable[[str], None]) -> Response:
    try:
        bolt_request = to_async_bolt_request(request, body)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # bolt looks into a payload as soon as it has it, and fails on shapes that it does not know.
        on_ignored("malformed")
        return Response()
    return to_starlette_response(await app.async_dispatch(bolt_request))
