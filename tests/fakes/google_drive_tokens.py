"""Google's token endpoint: signed assertions of one service account, and refresh tokens of one person."""

import base64
import itertools
import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

DRIVE_SCOPE = "https://www.googleapis.com/auth/drive.readonly"
DIRECTORY_SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
BOT = "bot@project.iam.gserviceaccount.com"
"""The service account."""
CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "client-1", "client-secret", "1//refresh"
_LIFETIME_S = 3599


@cache
def key_pair() -> tuple[str, str]:
    """A private and a public key, both PEM: one pair for all tests, since making it takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    account: str
    scopes: frozenset[str]
    ends_at: float


class TokenOffice:
    """Hands out access tokens and knows those it handed out."""

    def __init__(self) -> None:
        self.delegated_scopes = {DRIVE_SCOPE, DIRECTORY_SCOPE}
        """Those allowed under domain-wide delegation; nobody is impersonated with another."""
        self.people: set[str] = set()
        """Whom the service account may act for."""
        self.person = "ada@example.com"
        """Whose refresh token it is."""
        self.consented_scopes = {DRIVE_SCOPE}
        self.is_revoked = False
        self.issued: dict[str, AccessToken] = {}
        self.requests = 0
        self._numbers = itertools.count(1)

    def service_account_json(self, token_uri: str, **changes: Any) -> str:
        """The key file."""
        key: dict[str, Any] = {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "key-1",
            "private_key": key_pair()[0],
            "client_email": BOT,
            "client_id": "1",
            "token_uri": token_uri,
        }
        return json.dumps(key | changes)

    def expire_all(self) -> None:
        self.issued.clear()

    def revoke(self) -> None:
        self.is_revoked = True
        self.issued.clear()

    def find(self, authorization: str) -> AccessToken | None:
        token = self.issued.get(authorization.removeprefix("Bearer "))
        return token if token and token.ends_at > time.time() else None

    def answer(self, form: dict[str, str], *, token_uri: str) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        self.requests += 1
        match form.get("grant_type"):
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                refusal, token = self._take_assertion(form.get("assertion", ""), token_uri)
            case "refresh_token":
                refusal, token = self._take_refresh_token(form)
            case _:
                refusal, token = "unsupported_grant_type", None
        if token is None:
            return (401 if refusal == "invalid_client" else 400), {"error": refusal, "error_description": "No."}
        value = f"ya29.{next(self._numbers)}"
        self.issued[value] = token
        return 200, {"access_token": value, "expires_in": _LIFETIME_S, "token_type": "Bearer"}

    def _take_assertion(self, assertion: str, token_uri: str) -> tuple[str, AccessToken | None]:
        try:
            claims = jwt.decode(assertion, certs=key_pair()[1], audience=token_uri)
            header = json.loads(base64.urlsafe_b64decode(assertion.split(".", maxsplit=1)[0] + "=="))
        except (ValueError, GoogleAuthError):
            return "invalid_grant", None
        if header["alg"] != "RS256" or claims["iss"] != BOT or claims["exp"] - claims["iat"] > 3600 or self.is_revoked:
            return "invalid_grant", None
        scopes = set(claims["scope"].split())
        subject = claims.get("sub")
        if subject and subject not in self.people:
            return "invalid_grant", None
        if not scopes or (subject and not scopes <= self.delegated_scopes):
            return "unauthorized_client", None
        return "", self._token(subject or BOT, scopes)

    def _take_refresh_token(self, form: dict[str, str]) -> tuple[str, AccessToken | None]:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return "invalid_client", None
        if form.get("refresh_token") != REFRESH_TOKEN or self.is_revoked:
            return "invalid_grant", None
        return "", self._token(self.person, self.consented_scopes)

    def _token(self, account: str, scopes: set[str]) -> AccessToken:
        return AccessToken(account=account, scopes=frozenset(scopes), ends_at=time.time() + _LIFETIME_S)
