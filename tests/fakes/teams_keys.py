"""The keys with which Microsoft signs what Teams tells a bot, and tokens of every kind: good ones and bad ones."""

import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

ISSUER = "https://api.botframework.com"


class TeamsKeys:
    """`claims` and `headers` replace what a good token has; None takes it away."""

    def __init__(self, *, app_id: str) -> None:
        self.app_id = app_id
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.endorsements: dict[str, list[str] | None] = {"key-1": ["msteams", "webchat"]}
        self.loads = 0

    def jwks(self) -> dict[str, Any]:
        self.loads += 1
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [self._entry(public, key_id, endorsed) for key_id, endorsed in self.endorsements.items()]}

    def token(
        self,
        *,
        service_url: str,
        claims: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        algorithm: str = "RS256",
        key: Any = None,
    ) -> str:
        now = int(time.time())
        good = {
            "iss": ISSUER,
            "aud": self.app_id,
            "serviceurl": service_url,
            "nbf": now - 10,
            "exp": now + 3_600,
        }
        payload = {name: value for name, value in {**good, **(claims or {})}.items() if value is not None}
        signing = self.key if key is None else key
        named = {name: value for name, value in {"kid": "key-1", **(headers or {})}.items() if value is not None}
        return PyJWS().encode(json.dumps(payload).encode(), signing, algorithm=algorithm, headers=named)

    def header(self, *, service_url: str, **changes: Any) -> str:
        return f"Bearer {self.token(service_url=service_url, **changes)}"

    @staticmethod
    def _entry(public: dict[str, Any], key_id: str, endorsed: list[str] | None) -> dict[str, Any]:
        return {**public, "kid": key_id, "use": "sig"} | ({} if endorsed is None else {"endorsements": endorsed})
