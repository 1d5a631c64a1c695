"""Where a ticket is made: a signed webhook, or Jira Service Management.

The other system's address comes from the configuration and from nowhere else; no redirect is followed, and nothing
that a person wrote becomes part of an address.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.http import trouble_of
from helpdesk_bot.errors import HelpdeskError, NotConfigured

MAX_RESPONSE_BYTES = 100_000
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class TicketRefused(HelpdeskError):
    """The other system will never take this. `reason` is its own word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the ticket is refused: {reason}")
        self.reason = reason


class TicketUnavailable(HelpdeskError):
    """The other system can't be reached, or is in trouble; it is tried again."""

    def __init__(self, reason: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(f"the ticket can't be made now: {reason}")
        self.reason = reason
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, kw_only=True)
class TicketRequest:
    """What a ticket says. `key` is the same in every attempt."""

    key: str
    summary: str
    question: str
    asked_by: str
    link: str
    missing: str
    urgency: str
    opened_at: datetime

    @property
    def description(self) -> str:
        parts = [self.question, f"Asked by {self.asked_by}", self.missing, self.urgency, self.link]
        return "\n\n".join(filter(None, parts))


@dataclass(frozen=True, kw_only=True)
class Ticket:
    name: str
    """What people call it, such as `IT-42`; may be empty."""
    url: str = ""


class TicketSystem(Protocol):
    async def create(self, request: TicketRequest) -> Ticket:
        """Raises `TicketUnavailable` to be tried again, `TicketRefused` not to be."""
        ...


class Webhook:
    """POSTs JSON, signed: `X-Helpdesk-Signature: v1=HMAC-SHA256(secret, timestamp + "." + body)`, in hex.

    `X-Helpdesk-Timestamp` holds the seconds since 1970, `Idempotency-Key` the case. The answer may be JSON with `name`
    and `url`; both may be missing.
    """

    def __init__(self, url: str, *, secret: str, client: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self._url = checked_url(url, setting="TICKET_WEBHOOK_URL")
        self._secret = secret.encode()
        self._client = client
        self._now = now

    async def create(self, request: TicketRequest) -> Ticket:
        body = json.dumps(
            {
                "event": "case.opened",
                "key": request.key,
                "summary": request.summary,
                "question": request.question,
                "asked_by": request.asked_by,
                "link": request.link,
                "missing": request.missing,
                "urgency": request.urgency,
                "opened_at": request.opened_at.isoformat(),
            }
        ).encode()
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": request.key,
            "X-Helpdesk-Timestamp": timestamp,
            "X-Helpdesk-Signature": f"v1={sign(self._secret, timestamp, body)}",
        }
        content = await _send(self._client, "POST", self._url, content=body, headers=headers)
        try:
            made = _WebhookTicket.model_validate_json(content or b"{}")
        except ValidationError:
            made = _WebhookTicket()
        return Ticket(name=made.name, url=made.url if is_web_address(made.url) else "")

    async def check(self) -> str:
        """What is known without making a ticket. Raises `TicketUnavailable` where nobody answers."""
        with suppress(TicketRefused):  # it may well take nothing but POST
            await _send(self._client, "GET", self._url)
        return "the webhook's address answers; whether it takes the secret shows with the first ticket"


class JiraServiceManagement:
    """Creates a request: POST /rest/servicedeskapi/request, signed in with an account's e-mail address and API token.

    developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request. Jira knows no idempotency key: the case's is
    put at the end of the description, and an attempt whose answer was lost can leave a second ticket.
    """

    def __init__(
        self,
        base_url: str,
        *,
        email: str,
        api_token: str,
        service_desk_id: str,
        request_type_id: str,
        client: httpx.AsyncClient,
    ) -> None:
        self._base_url = checked_url(base_url, setting="JIRA_URL").rstrip("/")
        self._auth = httpx.BasicAuth(email, api_token)
        self._service_desk_id = service_desk_id
        self._request_type_id = request_type_id
        self._client = client

    async def create(self, request: TicketRequest) -> Ticket:
        content = await _send(
            self._client,
            "POST",
            f"{self._base_url}/rest/servicedeskapi/request",
            content=json.dumps(
                {
                    "serviceDeskId": self._service_desk_id,
                    "requestTypeId": self._request_type_id,
                    "requestFieldValues": {
                        "summary": request.summary,
                        "description": f"{request.description}\n\nReference {request.key}",
                    },
                }
            ).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            auth=self._auth,
        )
        try:
            made = _JiraRequest.model_validate_json(content)
        except ValidationError as error:
            raise TicketRefused("Jira answered with something that is no request") from error
        url = (
            made.links.web if is_web_address(made.links.web) else f"{self._base_url}/browse/{quote(made.key, safe='')}"
        )
        return Ticket(name=made.key, url=url)

    async def check(self) -> str:
        """Asks for the kind of request that would be made, with the account that would make it.

        Raises `TicketRefused` for a wrong account or id, `TicketUnavailable` where Jira can't be reached.
        """
        desk, kind = quote(self._service_desk_id, safe=""), quote(self._request_type_id, safe="")
        url = f"{self._base_url}/rest/servicedeskapi/servicedesk/{desk}/requesttype/{kind}"
        await _send(self._client, "GET", url, headers={"Accept": "application/json"}, auth=self._auth)
        return f"Jira knows service desk {self._service_desk_id} and its request type {self._request_type_id}"


class _WebhookTicket(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", max_length=100)
    url: str = Field(default="", max_length=1_000)


class _JiraLinks(BaseModel):
    web: str = ""


class _JiraRequest(BaseModel):
    key: str = Field(alias="issueKey", pattern=r"^[A-Z][A-Z0-9_]{0,30}-[0-9]{1,12}$")
    links: _JiraLinks = Field(alias="_links", default=_JiraLinks())


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def checked_url(url: str, *, setting: str) -> str:
    """The address, if it is https, or on this machine. Raises `NotConfigured`."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotConfigured(f"{setting} is no address: {error}") from error
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (is_safe and parts.hostname) or parts.username or parts.fragment:
        raise NotConfigured(f"{setting} must be an https:// address without a user name")
    return url


def is_web_address(url: str) -> bool:
    try:
        is_web = urlsplit(url).scheme in {"https", "http"}
    except ValueError:
        return False
    return is_web and not any(letter.isspace() for letter in url)


async def _send(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    auth: httpx.Auth | None = None,
) -> bytes:
    """Without following redirects; the answer's first bytes. 2xx is well, 408, 429 and 5xx are for later."""
    try:
        async with client.stream(
            method, url, content=content, headers=headers, auth=auth, follow_redirects=False
        ) as response:
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    break
    except httpx.HTTPError as error:
        raise TicketUnavailable(trouble_of(error)) from error
    if response.is_success:
        return body[:MAX_RESPONSE_BYTES]
    if response.status_code in {408, 425, 429} or response.status_code >= 500:
        raise TicketUnavailable(f"HTTP {response.status_code}", retry_after_s=_retry_after_s(response))
    raise TicketRefused(f"HTTP {response.status_code}")


def _retry_after_s(response: httpx.Response) -> float:
    """Only seconds are understood; a date is as good as nothing."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), 86_400.0) if text.isascii() and text.isdecimal() else 0.0
