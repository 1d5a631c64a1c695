"""What goes over the wire: one request and its answer, or the answer behind its redirects."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.cookiejar import DefaultCookiePolicy

import httpx

from connectors.errors import OutOfBounds
from connectors.http.body import ACCEPT_ENCODING, read_body
from connectors.http.bounds import Bounds
from connectors.http.transport import LOCATION, GuardedTransport

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_THE_BODY = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers of a body that came packed; ours is unpacked."""


@dataclass(frozen=True, kw_only=True)
class Question:
    method: str
    url: httpx.URL
    points: int
    max_bytes: int
    headers: Mapping[str, str]
    content: bytes | None = None
    follows: bool = True

    def saying(self, content: bytes, *, media_type: str) -> "Question":
        return replace(self, content=content, headers={**self.headers, "content-type": media_type})


class Wire:
    """Credentials (`auth`, `headers`) go to the home's own origin and to no other. No cookies are kept."""

    def __init__(
        self,
        bounds: Bounds,
        transport: GuardedTransport,
        *,
        auth: httpx.Auth | None,
        headers: Mapping[str, str],
        user_agent: str,
        timeout_s: float,
    ) -> None:
        self._bounds = bounds
        self._transport = transport
        self._auth = auth
        self._headers = headers
        self._client = httpx.AsyncClient(
            transport=transport,
            headers={"user-agent": user_agent, "accept-encoding": ACCEPT_ENCODING},
            timeout=timeout_s,
            trust_env=False,
        )
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def requests(self) -> int:
        """That went out, redirects and token requests included."""
        return self._transport.requests

    async def aclose(self) -> None:
        await self._client.aclose()

    async def follow(self, question: Question) -> httpx.Response:
        """The answer behind all redirects, each of which is checked like the first address."""
        for _ in range(_MAX_REDIRECTS + 1):
            response = await self.send(question)
            location = response.headers.get("location")
            if location is None or response.status_code not in _REDIRECTS or not question.follows:
                return response
            if question.method != "GET":
                raise OutOfBounds("the answer to a post is a redirect")
            url = self._bounds.resolve(location, seen_from=question.url)
            headers = question.headers if self._bounds.is_home(url) else {"accept": question.headers["accept"]}
            question = replace(question, url=url, headers=headers)
        raise OutOfBounds(f"more than {_MAX_REDIRECTS} redirects")

    async def send(self, question: Question) -> httpx.Response:
        """One request and its answer with the body unpacked."""
        is_home = self._bounds.is_home(question.url)
        request = self._client.build_request(
            question.method,
            question.url,
            headers={**(self._headers if is_home else {}), **question.headers},
            content=question.content,
        )
        answer = await self._client.send(request, auth=self._auth if is_home else None, stream=True)
        try:
            content = await read_body(answer, max_bytes=question.max_bytes, cut=not answer.is_success)
        finally:
            await answer.aclose()
        kept = [(name, value) for name, value in answer.headers.raw if name.lower() not in _OF_THE_BODY]
        if LOCATION in answer.extensions:
            kept.append((b"location", answer.extensions[LOCATION]))
        return httpx.Response(answer.status_code, headers=kept, content=content, request=request)
