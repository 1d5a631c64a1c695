"""Whose request it is, and which conversations are theirs.

A visitor is a secret in a cookie. A conversation's id is 128 random bits and a seal over them by that secret, so a
request may touch a conversation only with the cookie it was started with, and nothing needs to be looked up to know.
Either half alone is worth nothing: an id without its cookie is refused, and a planted cookie holds no ids.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode

from starlette.requests import Request
from starlette.responses import Response

COOKIE_AGE_S = 30 * 24 * 3600
NONCE_CHARACTERS = 22
SEAL_BYTES = 16
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
CONVERSATION = re.compile(r"[A-Za-z0-9_-]{44}")


def new_visitor() -> str:
    return secrets.token_urlsafe(32)


def find_visitor(request: Request) -> str | None:
    """The secret that the request's cookie holds, if it is one of ours by its shape."""
    secret = request.cookies.get(_cookie_name(request), "")
    return secret if SECRET.fullmatch(secret) else None


def remember_visitor(request: Request, response: Response, secret: str) -> None:
    """Set the cookie, or prolong it."""
    response.set_cookie(
        _cookie_name(request),
        secret,
        max_age=COOKIE_AGE_S,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def start_conversation(visitor: str) -> str:
    nonce = secrets.token_urlsafe(16)
    return nonce + _seal(visitor, nonce)


def owns(visitor: str, conversation: str) -> bool:
    """Whether the conversation was started by this visitor."""
    if not CONVERSATION.fullmatch(conversation):
        return False
    nonce, seal = conversation[:NONCE_CHARACTERS], conversation[NONCE_CHARACTERS:]
    return hmac.compare_digest(seal, _seal(visitor, nonce))


def _seal(visitor: str, nonce: str) -> str:
    digest = hmac.digest(visitor.encode(), f"conversation {nonce}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:SEAL_BYTES]).rstrip(b"=").decode()


def _cookie_name(request: Request) -> str:
    """`__Host-` makes the browser refuse the cookie from a sibling host or over plain HTTP."""
    return "__Host-helpdesk" if request.url.scheme == "https" else "helpdesk"
